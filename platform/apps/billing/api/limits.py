"""REST views of spend limits, of allowed countries and of what stopped outbound calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.limit_scopes import name_of, prefix_of
from apps.billing.models import CURRENCY, LimitPeriod, LimitScope, OutboundStop, SpendLimit
from apps.billing.periods import ends_at, start_of
from apps.billing.selectors import counted, get_limit, spent
from apps.billing.services.limit_changes import add_limit, change_limit, delete_limit
from apps.billing.services.stops import lift_stop
from tenants.countries import countries_in_force
from tenants.ids import to_public
from tenants.rest import PrefixedIdField, StrictSerializer, TenantViewSet
from tenants.selectors import current_tenant
from tenants.services import allow_countries

_LIMIT = OpenApiParameter("id", str, OpenApiParameter.PATH, description="lim_...")
_STOP = OpenApiParameter("id", str, OpenApiParameter.PATH, description="stop_...")


class SpendLimitSerializer(serializers.ModelSerializer[SpendLimit]):
    id = PrefixedIdField(SpendLimit.id_prefix, read_only=True)
    scope_id = serializers.SerializerMethodField(help_text="Whose; null: the workspace's own.")
    scope_name = serializers.SerializerMethodField(
        help_text="Empty for the workspace's own, and when it is gone."
    )
    spent_micros = serializers.SerializerMethodField(help_text="In this period, by calls that have ended.")
    held_micros = serializers.SerializerMethodField(help_text="For calls of this period that go on.")
    currency = serializers.SerializerMethodField()
    resets_at = serializers.SerializerMethodField(help_text="When the period ends, UTC.")

    class Meta:
        model = SpendLimit
        fields = [
            "id",
            "scope",
            "scope_id",
            "scope_name",
            "period",
            "amount_micros",
            "spent_micros",
            "held_micros",
            "currency",
            "resets_at",
            "created_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: SpendLimit) -> dict[str, Any]:
        now = timezone.now()
        start = start_of(instance.period, now)
        self._held = counted(instance, start, open_only=True)
        self._spent = spent(instance, start) - self._held
        self._resets_at = ends_at(instance.period, now)
        return super().to_representation(instance)

    def get_scope_id(self, limit: SpendLimit) -> str | None:
        return to_public(prefix_of(limit.scope), limit.scope_id) if limit.scope_id else None

    def get_scope_name(self, limit: SpendLimit) -> str:
        return name_of(limit.scope, limit.scope_id) or "" if limit.scope_id else ""

    def get_spent_micros(self, limit: SpendLimit) -> int:
        return self._spent

    def get_held_micros(self, limit: SpendLimit) -> int:
        return self._held

    def get_currency(self, limit: SpendLimit) -> str:
        return CURRENCY

    def get_resets_at(self, limit: SpendLimit) -> datetime:
        return self._resets_at


class SpendLimitInput(StrictSerializer):
    scope = serializers.ChoiceField(choices=LimitScope.choices)
    scope_id = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=80,
        help_text="Of the API key, campaign or trunk.",
    )
    period = serializers.ChoiceField(choices=LimitPeriod.choices, help_text="Of the calendar, UTC.")
    amount_micros = serializers.IntegerField(min_value=0, help_text="Millionths of the currency.")


class SpendLimitChange(StrictSerializer):
    amount_micros = serializers.IntegerField(min_value=0, help_text="Millionths of the currency.")


@extend_schema(tags=["billing"])
@extend_schema_view(
    list=extend_schema(
        summary="List spend limits",
        description="What calls may cost in a day or a month. A call counts in the period in which it began, "
        "with what is held for it while it lasts. Rentals and plans are never refused by a limit.",
        responses=SpendLimitSerializer(many=True),
        filters=False,
    ),
    create=extend_schema(
        summary="Add a spend limit",
        description="What was spent in the period already counts. At the limit no more calls begin, and "
        "those in progress end when what is held for them is used up.",
        request=SpendLimitInput,
        responses={201: SpendLimitSerializer},
        examples=[
            OpenApiExample(
                "Fifty dollars a day for the workspace",
                request_only=True,
                value={"scope": "tenant", "period": "day", "amount_micros": 50_000_000},
            )
        ],
    ),
    retrieve=extend_schema(summary="Get a spend limit", parameters=[_LIMIT], responses=SpendLimitSerializer),
    partial_update=extend_schema(
        summary="Change a spend limit",
        parameters=[_LIMIT],
        request=SpendLimitChange,
        responses=SpendLimitSerializer,
        examples=[OpenApiExample("More", request_only=True, value={"amount_micros": 80_000_000})],
    ),
    destroy=extend_schema(summary="Delete a spend limit", parameters=[_LIMIT], responses={204: None}),
)
class SpendLimitViewSet(TenantViewSet):
    """What calls may cost at most."""

    id_prefix = SpendLimit.id_prefix
    queryset = SpendLimit.objects.none()
    required_permissions: ClassVar = {
        "list": "billing.read",
        "retrieve": "billing.read",
        "create": "billing.write",
        "partial_update": "billing.write",
        "destroy": "billing.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(SpendLimit.objects.all(), SpendLimitSerializer)

    def create(self, request: Request) -> Response:
        given = self.checked(SpendLimitInput)
        limit = add_limit(**{**given, "scope_id": given.get("scope_id") or ""})
        return Response(SpendLimitSerializer(limit).data, status=201)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(SpendLimitSerializer(get_limit(self.row_id())).data)

    def partial_update(self, request: Request, id: str) -> Response:
        given = self.checked(SpendLimitChange)
        limit = change_limit(limit_id=self.row_id(), amount_micros=given["amount_micros"])
        return Response(SpendLimitSerializer(limit).data)

    def destroy(self, request: Request, id: str) -> Response:
        delete_limit(limit_id=self.row_id())
        return Response(status=204)


class CountriesSerializer(serializers.Serializer[Any]):
    allowed = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="ISO 3166-1 alpha-2; null: none were named. Then those count where the workspace has "
        "numbers or trunks, and the United States.",
    )
    in_force = serializers.ListField(child=serializers.CharField())


class CountriesInput(StrictSerializer):
    allowed = serializers.ListField(
        child=serializers.CharField(max_length=2), allow_null=True, max_length=300
    )


class CountriesViewSet(TenantViewSet):
    """Where calls may go."""

    required_permissions: ClassVar = {"retrieve": "billing.read", "update": "billing.write"}

    @extend_schema(
        tags=["billing"],
        summary="Get the allowed countries",
        description="Outbound calls, campaigns and transfers reach numbers in these countries only, and "
        "premium-rate and satellite numbers never.",
        responses=CountriesSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(_countries())

    @extend_schema(
        tags=["billing"],
        summary="Set the allowed countries",
        description="Calls that wait to be dialed are asked about again.",
        request=CountriesInput,
        responses=CountriesSerializer,
        examples=[OpenApiExample("Two", request_only=True, value={"allowed": ["US", "CA"]})],
    )
    def update(self, request: Request) -> Response:
        given = self.checked(CountriesInput)
        allow_countries(tenant=current_tenant(), countries=given["allowed"] or [], field="allowed")
        return Response(_countries())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return OutboundStop.objects.none()


def _countries() -> dict[str, Any]:
    named = current_tenant().allowed_countries
    return CountriesSerializer({"allowed": named or None, "in_force": sorted(countries_in_force())}).data


class OutboundStopSerializer(serializers.ModelSerializer[OutboundStop]):
    id = PrefixedIdField(OutboundStop.id_prefix, read_only=True)

    class Meta:
        model = OutboundStop
        fields = ["id", "kind", "words", "created_at", "lifted_at", "lifted_by"]
        read_only_fields = fields


@extend_schema(tags=["billing"])
@extend_schema_view(
    list=extend_schema(
        summary="List what stopped outbound calls",
        description="The newest first. As long as one is not lifted, no outbound call begins.",
        responses=OutboundStopSerializer(many=True),
        filters=False,
    )
)
class OutboundStopViewSet(TenantViewSet):
    """What stopped outbound calls."""

    id_prefix = OutboundStop.id_prefix
    queryset = OutboundStop.objects.none()
    required_permissions: ClassVar = {"list": "billing.read", "lift": "billing.write"}

    def list(self, request: Request) -> Response:
        return self.page(OutboundStop.objects.all(), OutboundStopSerializer)

    @extend_schema(
        summary="Let outbound calls go on",
        description="After you have looked at why they were stopped. One for a debt is lifted by paying it.",
        parameters=[_STOP],
        request=None,
        responses=OutboundStopSerializer,
    )
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, id: str) -> Response:
        return Response(OutboundStopSerializer(lift_stop(stop_id=self.row_id())).data)
