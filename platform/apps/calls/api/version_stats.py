"""REST view of the figures of an agent's versions; the versions themselves are in `apps.agents`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.calls.stats import MAX_DAYS
from apps.calls.version_stats import version_statistics
from tenants.rest import TenantViewSet


class VersionStatsQuery(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, default=30)


class VersionOutcomeSerializer(serializers.Serializer[Any]):
    end_reason = serializers.CharField()
    words = serializers.CharField()
    calls = serializers.IntegerField()


class VersionFiguresSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Of the version.")
    calls = serializers.IntegerField()
    answered = serializers.IntegerField()
    answer_rate = serializers.FloatField(
        allow_null=True, help_text="0 to 1, of the calls which were answered or are over."
    )
    avg_duration_ms = serializers.IntegerField(allow_null=True, help_text="Of answered calls.")
    response_p50_ms = serializers.IntegerField(allow_null=True)
    response_p95_ms = serializers.IntegerField(allow_null=True)
    transferred = serializers.IntegerField()
    outcomes = VersionOutcomeSerializer(many=True, help_text="The most frequent first.")


class VersionStatsSerializer(serializers.Serializer[Any]):
    results = VersionFiguresSerializer(many=True, help_text="The newest version first.")


class VersionStatsViewSet(TenantViewSet):
    """Figures of an agent's versions."""

    id_prefix = Agent.id_prefix
    required_permissions: ClassVar = {"results": "calls.read"}

    @extend_schema(
        tags=["agents"],
        summary="Compare the results of an agent's versions",
        description="Of the versions that had calls in the last days, browser calls with drafts left out.",
        parameters=[
            OpenApiParameter("id", str, OpenApiParameter.PATH, description="agt_..."),
            VersionStatsQuery,
        ],
        responses=VersionStatsSerializer,
        filters=False,
    )
    @action(detail=True, url_path="versions/results", pagination_class=None)
    def results(self, request: Request, id: str) -> Response:
        agent = get_agent(self.row_id())
        asked = VersionStatsQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        figures = version_statistics(agent.pk, days=asked.validated_data["days"], now=timezone.now())
        return Response(VersionStatsSerializer({"results": figures}).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Agent.objects.none()
