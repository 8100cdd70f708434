"""REST: orders of numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.numbers import selectors, services
from apps.numbers.models import (
    OPEN,
    NumberAddress,
    NumberBundle,
    NumberOrder,
    NumberType,
    OrderState,
    PhoneNumber,
    Purpose,
)
from apps.numbers.services.ordering import can_cancel
from tenants.rest import PrefixedIdField, Reference, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="ord_...")


class StepSerializer(serializers.Serializer[Any]):
    step = serializers.CharField()
    at = serializers.DateTimeField()
    words = serializers.CharField()


class OrderSerializer(serializers.ModelSerializer[NumberOrder]):
    id = PrefixedIdField(NumberOrder.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True, allow_null=True)
    address = PrefixedIdField(NumberAddress.id_prefix, source="address_id", read_only=True, allow_null=True)
    bundle = PrefixedIdField(NumberBundle.id_prefix, source="bundle_id", read_only=True, allow_null=True)
    number = PrefixedIdField(
        PhoneNumber.id_prefix,
        source="number_id",
        read_only=True,
        allow_null=True,
        help_text="What came of it.",
    )
    steps = StepSerializer(many=True, read_only=True)
    can_cancel = serializers.SerializerMethodField()

    class Meta:
        model = NumberOrder
        fields = [
            "id",
            "e164",
            "carrier",
            "country",
            "type",
            "state",
            "monthly_micros",
            "setup_micros",
            "currency",
            "label",
            "purpose",
            "agent",
            "address",
            "bundle",
            "number",
            "held",
            "attempts",
            "next_at",
            "problem",
            "problem_code",
            "steps",
            "can_cancel",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "monthly_micros": {"help_text": "Millionths of the currency; until it is bought, at most."},
            "setup_micros": {"help_text": "Once; until it is bought, at most."},
            "held": {"help_text": "False: it was brought here from another carrier, not bought."},
            "next_at": {"help_text": "When it is tried next; null when nothing is left to do."},
            "problem": {"help_text": "What is in the way, and what to do, in words."},
        }

    def get_can_cancel(self, order: NumberOrder) -> bool:
        return can_cancel(order)


class OrderInput(StrictSerializer):
    carrier = serializers.CharField(max_length=20)
    e164 = serializers.CharField(max_length=32, help_text="As the search told it.")
    monthly_micros = serializers.IntegerField(
        min_value=0, help_text="What you agree to pay by the month at most: as the search told it."
    )
    setup_micros = serializers.IntegerField(min_value=0, default=0, help_text="And once.")
    type = serializers.ChoiceField(choices=NumberType.choices, default=NumberType.LOCAL)
    country = serializers.CharField(
        max_length=2, required=False, help_text="Where the number alone does not say it."
    )
    label = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True
    )
    agent = Reference(Agent, help_text="Who takes its calls.")
    purpose = serializers.ChoiceField(choices=Purpose.choices, required=False)
    address = Reference(NumberAddress, help_text="Where the regulator asks for one.")
    bundle = Reference(NumberBundle, help_text="Papers that the carrier has accepted.")


class OrderFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=OrderState.choices)
    open = django_filters.BooleanFilter(method="only_open", help_text="Those where something is to be done.")

    class Meta:
        model = NumberOrder
        fields: list[str] = []

    def only_open(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(state__in=OPEN) if value else rows.exclude(state__in=OPEN)


@extend_schema(tags=["numbers"])
@extend_schema_view(
    list=extend_schema(summary="List orders of numbers", responses=OrderSerializer(many=True)),
    retrieve=extend_schema(summary="Get an order of a number", parameters=[_ID], responses=OrderSerializer),
    create=extend_schema(
        summary="Order a number",
        description="Set-up and first month are held in the wallet until the number is there (402 when it "
        "has not enough). The carrier is asked afterwards: follow `state`, or the events "
        "`number.assigned` and `number.order_failed`. Nothing is bought for more than the prices"
        " given.",
        request=OrderInput,
        responses={201: OrderSerializer},
        examples=[
            OpenApiExample(
                "A number of the sandbox",
                request_only=True,
                value={
                    "carrier": "sandbox",
                    "e164": "+12025554811",
                    "monthly_micros": 1_000_000,
                    "setup_micros": 0,
                    "label": "Front desk",
                },
            )
        ],
    ),
    cancel=extend_schema(
        summary="Cancel an order",
        description="While its number is not there yet; 409 afterwards. The money is free again at once.",
        parameters=[_ID],
        request=None,
        responses=OrderSerializer,
    ),
)
class OrderViewSet(TenantViewSet):
    """Orders of numbers."""

    id_prefix = NumberOrder.id_prefix
    filterset_class = OrderFilter
    required_permissions: ClassVar = {
        "list": "numbers.read",
        "retrieve": "numbers.read",
        "create": "numbers.write",
        "cancel": "numbers.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_orders(), OrderSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(OrderSerializer(selectors.get_order(self.row_id())).data)

    def create(self, request: Request) -> Response:
        order = services.order_number(test=self.principal.mode == "test", **self.checked(OrderInput))
        return Response(OrderSerializer(order).data, status=201)

    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def cancel(self, request: Request, id: str) -> Response:
        order = selectors.get_order(self.row_id())
        order = services.cancel_order(order=order, test=self.principal.mode == "test")
        return Response(OrderSerializer(order).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return NumberOrder.objects.none()
