"""REST views over many calls: figures, and what needs attention."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.calls.api.latency import LatencyQuery, LatencyStatsSerializer
from apps.calls.attention import notices
from apps.calls.latency import Wish, latency_statistics
from apps.calls.models import Call
from apps.calls.stats import DEFAULT_DAYS, MAX_DAYS, call_statistics, last_days, span
from tenants.rest import PrefixedIdField, TenantViewSet


class StatsQuery(serializers.Serializer[Any]):
    timezone = serializers.CharField(
        max_length=64, default="UTC", help_text="Of the IANA database: it says where a day begins."
    )
    agent = PrefixedIdField(Agent.id_prefix, required=False, help_text="Calls of this agent only; agt_...")

    def get_fields(self) -> dict[str, Any]:
        days = {
            "from": serializers.DateField(required=False, help_text=f"At most {MAX_DAYS} days before `to`."),
            "to": serializers.DateField(
                required=False, help_text=f"Included; today when left out, and `from` {DEFAULT_DAYS} days."
            ),
        }
        return days | super().get_fields()


class FiguresSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    answered = serializers.IntegerField()
    answer_rate = serializers.FloatField(
        allow_null=True, help_text="0 to 1, of the calls that were answered or are over."
    )
    minutes = serializers.FloatField(help_text="Of conversation.")
    response_p50_ms = serializers.IntegerField(
        allow_null=True, help_text="Half of the agent's answers began within this time."
    )
    response_p95_ms = serializers.IntegerField(allow_null=True)


class TotalsSerializer(FiguresSerializer):
    inbound = serializers.IntegerField()
    outbound = serializers.IntegerField()
    browser = serializers.IntegerField()


class DaySerializer(FiguresSerializer):
    date = serializers.DateField()


class OutcomeSerializer(serializers.Serializer[Any]):
    end_reason = serializers.CharField()
    words = serializers.CharField()
    calls = serializers.IntegerField()


class CallStatsSerializer(serializers.Serializer[Any]):
    totals = TotalsSerializer()
    days = DaySerializer(many=True)
    outcomes = OutcomeSerializer(many=True, help_text="The most frequent first.")
    running = serializers.IntegerField(help_text="Calls that go on now.")


class NoticeSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="For programs.")
    severity = serializers.ChoiceField(choices=["error", "warning", "info"])
    title = serializers.CharField()
    detail = serializers.CharField()
    path = serializers.CharField(help_text="The page it is about, within the tenant's pages.")


@extend_schema_serializer(many=False)  # one object, though the action is `list`
class AttentionSerializer(serializers.Serializer[Any]):
    results = NoticeSerializer(many=True)


class StatsViewSet(TenantViewSet):
    """Figures of the tenant."""

    required_permissions: ClassVar = {"calls": "calls.read", "latency": "calls.read"}

    @extend_schema(
        tags=["calls"],
        summary="Figures of calls by day",
        parameters=[StatsQuery],
        responses=CallStatsSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def calls(self, request: Request) -> Response:
        asked = StatsQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        days = span(
            first=values.get("from"), last=values.get("to"), zone=values["timezone"], now=timezone.now()
        )
        figures = call_statistics(days, agent_id=values.get("agent"))
        return Response(CallStatsSerializer(figures).data)

    @extend_schema(
        tags=["calls"],
        summary="Response times by part",
        description="Percentiles over the agent's turns, by agent, vendor, model or time. Turns in which a "
        "vendor had to be left for the next one say nothing of either.",
        parameters=[LatencyQuery],
        responses=LatencyStatsSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def latency(self, request: Request) -> Response:
        asked = LatencyQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        days = last_days(values["days"], zone=values["timezone"], now=timezone.now())
        wish = Wish(
            days,
            group_by=values.get("group_by", ""),
            over=values.get("over", ""),
            agent_id=values.get("agent"),
            kind=values.get("kind"),
        )
        found = {"from": days.bounds[0], "to": days.bounds[-1], "results": latency_statistics(wish)}
        return Response(LatencyStatsSerializer(found).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()


class AttentionViewSet(TenantViewSet):
    """What somebody should look at."""

    required_permissions: ClassVar = {"list": "calls.read"}
    pagination_class = None

    @extend_schema(
        tags=["calls"],
        operation_id="attention_list",
        summary="List what needs attention",
        description="Worst first; of what the reader may see.",
        responses=AttentionSerializer,
        filters=False,
    )
    def list(self, request: Request) -> Response:
        found = [asdict(notice) for notice in notices(self.principal.permissions)]
        return Response(AttentionSerializer({"results": found}).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()
