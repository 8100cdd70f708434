"""REST views of caller numbers' health."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns.models import NumberRest
from apps.campaigns.services import number_health
from apps.campaigns.services.number_health import Health
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import get_number, list_numbers
from tenants.errors import InvalidInput
from tenants.rest import PrefixedIdField, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="num_...")


STATES = ["few", "healthy", "suspect", "resting"]


class CallerFiguresSerializer(serializers.Serializer[Any]):
    """Attempts that ended."""

    attempts = serializers.IntegerField()
    answered = serializers.IntegerField()
    short = serializers.IntegerField(help_text="A person hung up at once.")
    blocked = serializers.IntegerField(help_text="As unwanted: SIP 603, 607, 608.")


class CallerDaySerializer(CallerFiguresSerializer):
    day = serializers.DateField(help_text="UTC.")


class CallerRestSerializer(serializers.ModelSerializer[NumberRest]):
    id = PrefixedIdField(NumberRest.id_prefix, read_only=True)
    evidence = serializers.DictField(help_text="The figures that made it suspect; empty: a person's wish.")

    class Meta:
        model = NumberRest
        fields = ["id", "since", "until", "reason", "evidence", "ended_by_hand"]
        read_only_fields = fields


class CallerHealthSerializer(serializers.Serializer[Health]):
    number = PrefixedIdField(PhoneNumber.id_prefix, source="number.pk", read_only=True)
    e164 = serializers.CharField(source="number.e164")
    purpose = serializers.CharField(source="number.purpose")
    state = serializers.ChoiceField(
        choices=STATES,
        source="shown_state",
        help_text="Of today (UTC); few: too few calls to tell.",
    )
    words = serializers.CharField(source="verdict.words")
    today = CallerFiguresSerializer()
    past = CallerFiguresSerializer(help_text="Of the 28 days before today.")
    others = CallerFiguresSerializer(help_text="Of the tenant's other numbers of the same country, today.")
    rest = CallerRestSerializer(allow_null=True)


class CallerNumberHealthSerializer(CallerHealthSerializer):
    days = CallerDaySerializer(many=True, help_text="The oldest first; days without attempts are missing.")
    rests = CallerRestSerializer(many=True, help_text="The newest first, at most 20.")


class RestInput(StrictSerializer):
    until = serializers.DateTimeField(required=False, help_text="Within a year.")
    end = serializers.BooleanField(required=False, help_text="True: may be used again from now on.")


class NumberHealthViewSet(TenantViewSet):
    """How caller numbers do, and their rests."""

    id_prefix = PhoneNumber.id_prefix
    required_permissions: ClassVar = {
        "list": "campaigns.read",
        "retrieve": "campaigns.read",
        "rest": "campaigns.write",
    }

    @extend_schema(
        tags=["campaigns"],
        summary="List the health of caller numbers",
        description="Every number that campaigns called from in the last 28 days, or that rests.",
        responses=CallerHealthSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        rows = list_numbers().filter(pk__in=number_health.numbers_in_use(now=timezone.now()))
        return self.page(rows, _Page)

    @extend_schema(
        tags=["campaigns"],
        summary="Get the health of a caller number",
        parameters=[_ID],
        responses=CallerNumberHealthSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:
        return self._shown()

    @extend_schema(
        tags=["campaigns"],
        summary="Set a caller number to rest, or end its rest",
        parameters=[_ID],
        request=RestInput,
        responses=CallerNumberHealthSerializer,
        examples=[
            OpenApiExample("Until a time", request_only=True, value={"until": "2027-01-04T08:00:00Z"}),
        ],
    )
    def rest(self, request: Request, id: str) -> Response:
        number, wish, now = get_number(self.row_id()), self.checked(RestInput), timezone.now()
        if wish.get("end") and "until" not in wish:
            number_health.end_rest(number=number, now=now)
        elif "until" in wish and not wish.get("end"):
            number_health.rest_number(number=number, until=wish["until"], now=now)
        else:
            raise InvalidInput("Give a time, or end: true.", field="until", code="required")
        return self._shown()

    def _shown(self) -> Response:
        number = get_number(self.row_id())
        (found,) = number_health.health(now=timezone.now(), numbers=[number])
        days, rests = number_health.history(number=number, now=timezone.now())
        extra = {
            "days": CallerDaySerializer(days, many=True).data,
            "rests": CallerRestSerializer(rests, many=True).data,
        }
        return Response(CallerHealthSerializer(found).data | extra)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return PhoneNumber.objects.none()


class _Numbers(serializers.ListSerializer[Any]):
    """A page of numbers is judged at once."""

    def to_representation(self, data: Any) -> Any:
        found = number_health.health(now=timezone.now(), numbers=list(data))
        return [CallerHealthSerializer(one).data for one in found]


class _Page(CallerHealthSerializer):
    class Meta:
        list_serializer_class = _Numbers
