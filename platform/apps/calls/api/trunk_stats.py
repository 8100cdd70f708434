"""REST view of a trunk's figures; the trunk itself is in `telephony.trunks`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.trunk_stats import PERIODS, STEPS, buckets, trunk_statistics
from telephony.trunks.models import Trunk
from telephony.trunks.selectors import get_trunk
from tenants.rest import TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="trk_...")


class TrunkStatsQuery(serializers.Serializer[Any]):
    period = serializers.ChoiceField(choices=list(PERIODS), default="24h")
    step = serializers.ChoiceField(
        choices=list(STEPS), required=False, help_text="Left out: hour for 24h, else day."
    )
    direction = serializers.ChoiceField(
        choices=["inbound", "outbound"], required=False, help_text="Left out: both."
    )
    timezone = serializers.CharField(
        max_length=64, default="UTC", help_text="Of the IANA database: it says where a day begins."
    )


class TrunkFiguresSerializer(serializers.Serializer[Any]):
    attempts = serializers.IntegerField(help_text="Calls that were dialed, or rang here.")
    answered = serializers.IntegerField()
    asr = serializers.FloatField(
        allow_null=True, help_text="Answer-seizure ratio, 0 to 1, of attempts that were answered or are over."
    )
    acd_ms = serializers.IntegerField(allow_null=True, help_text="Average call duration.")
    pdd_p50_ms = serializers.IntegerField(allow_null=True, help_text="Post-dial delay, median.")
    pdd_p95_ms = serializers.IntegerField(allow_null=True)
    mos = serializers.FloatField(allow_null=True, help_text="1 to 4.5, by the E-model (ITU-T G.107).")
    failures = serializers.DictField(
        child=serializers.IntegerField(), help_text="Unanswered calls by SIP code; `none`: without one."
    )
    peak = serializers.IntegerField(help_text="Calls at once.")


class TrunkPointSerializer(TrunkFiguresSerializer):
    at = serializers.DateTimeField(help_text="When the hour or day begins, UTC.")


class TrunkStatsSerializer(serializers.Serializer[Any]):
    totals = TrunkFiguresSerializer()
    series = TrunkPointSerializer(many=True, help_text="The oldest first; the last one goes on.")


class TrunkStatsViewSet(TenantViewSet):
    """Figures of one trunk."""

    id_prefix = Trunk.id_prefix
    required_permissions: ClassVar = {"stats": "trunks.read"}

    @extend_schema(
        tags=["trunks"],
        summary="Figures of a trunk by hour or day",
        parameters=[
            OpenApiParameter("id", str, OpenApiParameter.PATH, description="trk_..."),
            TrunkStatsQuery,
        ],
        responses=TrunkStatsSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def stats(self, request: Request, id: str) -> Response:
        trunk = get_trunk(self.row_id())
        asked = TrunkStatsQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        step = values.get("step") or ("hour" if values["period"] == "24h" else "day")
        times = buckets(values["period"], step, zone=values["timezone"], now=timezone.now())
        figures = trunk_statistics(trunk.pk, times, direction=values.get("direction", ""))
        return Response(TrunkStatsSerializer(figures).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Trunk.objects.none()
