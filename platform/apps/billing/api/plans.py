"""REST views of plans: what there is to choose from, and the tenant's own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.models import CURRENCY, Plan, Rounding
from apps.billing.services import rates
from tenants.rest import PrefixedIdField, TenantViewSet


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """Money in millionths of `currency`."""

    id = PrefixedIdField(Plan.id_prefix, read_only=True)
    rounding_s = serializers.ChoiceField(
        choices=Rounding.values, read_only=True, help_text="Calls are paid in steps of so many seconds."
    )
    platform_micros_per_minute = serializers.IntegerField(source="minute_micros", read_only=True)
    vendor_margin_percent = serializers.IntegerField(
        source="margin_percent",
        read_only=True,
        help_text="On vendors' list prices, where calls take the platform's keys.",
    )
    storage_micros_per_gb_month = serializers.IntegerField(
        source="storage_micros", read_only=True, help_text="Of recordings that are kept."
    )
    currency = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField(help_text="Whether it is the workspace's own.")

    class Meta:
        model = Plan
        fields = [
            "id",
            "code",
            "name",
            "description",
            "price_micros_month",
            "included_minutes",
            "concurrency",
            "seats",
            "rounding_s",
            "platform_micros_per_minute",
            "vendor_margin_percent",
            "number_micros_month",
            "storage_micros_per_gb_month",
            "currency",
            "current",
        ]
        read_only_fields = fields

    def get_currency(self, plan: Plan) -> str:
        return CURRENCY

    def get_current(self, plan: Plan) -> bool:
        return bool(plan.pk == self.context["current"])


class PlanListSerializer(serializers.Serializer[Any]):
    results = PlanSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Always null: plans are few.")


class OwnPlanSerializer(serializers.Serializer[Any]):
    plan = PlanSerializer()
    since = serializers.DateTimeField(allow_null=True, help_text="Null: since the workspace is there.")
    month = serializers.CharField(help_text="2026-11, in UTC: minutes are included by the month.")
    included_seconds = serializers.IntegerField()
    used_seconds = serializers.IntegerField(help_text="Of the included ones.")
    left_seconds = serializers.IntegerField()
    members = serializers.IntegerField(help_text="Members and open invitations: each takes a seat.")


@extend_schema(tags=["billing"])
class PlanViewSet(TenantViewSet):
    """Plans."""

    id_prefix = Plan.id_prefix
    required_permissions: ClassVar = {"offered": "billing.read", "own": "billing.read"}

    @extend_schema(
        summary="List the plans",
        description="Those that can be chosen, and the workspace's own, in the order to show them.",
        responses=PlanListSerializer,
        filters=False,
    )
    def offered(self, request: Request) -> Response:
        current = rates.plan_of()
        rows = rates.offered(own=current)
        return Response(
            PlanListSerializer({"results": rows, "next_cursor": None}, context=_own(current)).data
        )

    @extend_schema(
        summary="Get the workspace's plan",
        description="With what is left of the month's included minutes.",
        responses=OwnPlanSerializer,
        filters=False,
    )
    def own(self, request: Request) -> Response:
        now = timezone.now()
        plan, month = rates.plan_of(at=now), rates.month_of(now)
        told = {
            "plan": plan,
            "since": rates.plan_since(),
            "month": f"{month:%Y-%m}",
            "included_seconds": 60 * plan.included_minutes,
            "used_seconds": rates.used_s(at=now),
            "left_seconds": rates.included_left_s(plan, at=now),
            "members": rates.seats_taken(),
        }
        return Response(OwnPlanSerializer(told, context=_own(plan)).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Plan.objects.none()


def _own(plan: Plan) -> dict[str, Any]:
    return {"current": plan.pk}
