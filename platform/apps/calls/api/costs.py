"""What a call cost, and what one would cost, as the API shows it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.billing.models import CURRENCY
from apps.billing.selectors import Cost, cost_of
from apps.billing.values import Line
from apps.calls.models import Call
from apps.calls.services.estimating import Estimated, estimate_call, own_number
from apps.numbers.e164 import parse_e164
from apps.numbers.selectors import find_number
from tenants.rest import Reference, StrictSerializer, TenantViewSet

MOST_MINUTES = 240


class CostLineSerializer(serializers.Serializer[Line]):
    component = serializers.CharField(
        help_text="platform, included, telephony, stt, llm, tts or realtime; more may come."
    )
    what = serializers.CharField(help_text="In words: a vendor's model, whereto a carrier called.")
    quantity = serializers.IntegerField()
    unit = serializers.CharField(help_text="second, millisecond, character, input_token, ...")
    price_micros = serializers.IntegerField(
        help_text="Millionths of the currency, for each `per` of the unit."
    )
    per = serializers.IntegerField()
    amount_micros = serializers.IntegerField(help_text="A fraction of a millionth is a whole one.")
    own_key = serializers.BooleanField(help_text="By the workspace's own key: the vendor bills it.")


class CallCostSerializer(serializers.Serializer[Cost]):
    total_micros = serializers.IntegerField(
        help_text="In millionths of the currency; while the call goes on what is held for it."
    )
    currency = serializers.SerializerMethodField()
    settled = serializers.BooleanField()
    lines = CostLineSerializer(many=True, help_text="Once it is settled.")

    def get_currency(self, cost: Cost) -> str:
        return CURRENCY


def cost_shown(call: Call) -> dict[str, Any] | None:
    """None: nothing was ever held for the call, as in the sandbox."""
    cost = cost_of(call.pk)
    return CallCostSerializer(cost).data if cost is not None else None


class EstimateInput(StrictSerializer):
    from_number = serializers.CharField(
        max_length=32, help_text="One of your numbers, in E.164: the one that calls, or that is called."
    )
    to_number = serializers.CharField(
        max_length=32, required=False, allow_null=True, help_text="Whom to call; left out: a call received."
    )
    agent = Reference(Agent, help_text="Who speaks; left out: the number's own agent.")
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES, default=3)


class EstimatedSerializer(serializers.Serializer[Estimated]):
    """Money in millionths of `currency`."""

    currency = serializers.SerializerMethodField()
    minutes = serializers.IntegerField()
    per_minute_micros = serializers.IntegerField(help_text="On the average of these minutes.")
    total_micros = serializers.IntegerField()
    free = serializers.BooleanField(help_text="It stays in the sandbox.")
    hold_micros = serializers.IntegerField(help_text="What it needs to begin.")
    spendable_micros = serializers.IntegerField(
        help_text="What may be spent now: of the balance, as far as spend limits go."
    )
    enough = serializers.BooleanField()
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know of it.")
    lines = CostLineSerializer(many=True)

    def get_currency(self, estimated: Estimated) -> str:
        return CURRENCY


_EXAMPLE = OpenApiExample(
    "Five minutes with the number's own agent",
    request_only=True,
    value={"from_number": "+12025550100", "to_number": "+12025550101", "minutes": 5},
)


class CallEstimateViewSet(TenantViewSet):
    """What a call would cost."""

    required_permissions: ClassVar = {"create": "calls.read"}

    @extend_schema(
        tags=["billing"],
        summary="Estimate what a call costs",
        description="By the workspace's plan, the carrier's rates and list prices of the agent's vendors.",
        request=EstimateInput,
        responses={200: EstimatedSerializer},
        examples=[_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wish = self.checked(EstimateInput)
        number = own_number(find_number(parse_e164(wish["from_number"], field="from_number")))
        to = wish.get("to_number")
        found = estimate_call(
            number=number,
            to_number=parse_e164(to, field="to_number") if to else "",
            agent=wish.get("agent"),
            minutes=wish["minutes"],
            now=timezone.now(),
        )
        return Response(EstimatedSerializer(found).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()
