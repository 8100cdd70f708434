"""REST views of analyses."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.analysis import selectors
from apps.analysis.api.serializers import (
    AnalysisSerializer,
    AnalysisTrialSerializer,
    AnalysisTrialsSerializer,
    AnalysisTryInput,
    RerunInput,
    RerunSerializer,
)
from apps.analysis.models import Analysis, Rerun
from apps.analysis.results import Result
from apps.analysis.services import beginning, reruns, trying
from apps.api.afterwards import Afterwards
from apps.calls.models import Call
from apps.calls.selectors import get_call
from tenants.rest import TenantViewSet

_CALL = OpenApiParameter("id", str, OpenApiParameter.PATH, description="call_...")
_AGENT = OpenApiParameter("id", str, OpenApiParameter.PATH, description="agt_...")
_RERUN = OpenApiParameter("id", str, OpenApiParameter.PATH, description="rer_...")
_TRY = OpenApiExample(
    "The latest calls",
    request_only=True,
    value={
        "latest": 3,
        "config": {
            "extraction": [
                {"name": "order_number", "type": "string", "pattern": "[A-Z]{2}[0-9]{4}", "required": True}
            ],
            "analysis": {"topics": [{"name": "Delivery", "phrases": ["parcel", "delivery"]}]},
        },
    },
)
_SPAN = OpenApiExample("Of a month", request_only=True, value={"since": "2026-01-01T00:00:00Z"})


class CallAnalysisViewSet(TenantViewSet):
    """What is known of a call after it."""

    id_prefix = Call.id_prefix
    required_permissions: ClassVar = {"analysis": "calls.read", "again": "calls.annotate"}

    @extend_schema(
        tags=["calls"],
        summary="Get a call's analysis",
        description=(
            "What was extracted of the call and what it came to. While it `waits` to be done anew, what was"
            " known before is shown. 404: the call goes on, or ended before there was analysis."
        ),
        parameters=[_CALL],
        responses=AnalysisSerializer,
        filters=False,
    )
    @action(detail=True, url_path="analysis", pagination_class=None)
    def analysis(self, request: Request, id: str) -> Response:
        return _shown(selectors.get_analysis(get_call(self.row_id()).pk))

    @extend_schema(
        tags=["calls"],
        summary="Analyze a call again",
        description="By what its agent is now. Also after a failure.",
        parameters=[_CALL],
        request=None,
        responses={202: AnalysisSerializer},
        filters=False,
    )
    @analysis.mapping.post
    def again(self, request: Request, id: str) -> Response:
        return _shown(beginning.again(call_id=get_call(self.row_id()).pk), status=202)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()


class AgentAnalysisViewSet(TenantViewSet):
    """Analysis of an agent's past calls."""

    id_prefix = Agent.id_prefix
    required_permissions: ClassVar = {
        "try_on_calls": "agents.read",
        "reruns": "agents.read",
        "estimate": "agents.write",
    }

    @extend_schema(
        tags=["agents"],
        summary="Try an analysis on past calls",
        description=(
            "What a configuration would make of up to five calls of the agent; nothing is stored. With a"
            " model it is asked, by your own key."
        ),
        parameters=[_AGENT],
        request=AnalysisTryInput,
        responses=AnalysisTrialsSerializer,
        examples=[_TRY],
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="analysis/try", pagination_class=None)
    def try_on_calls(self, request: Request, id: str) -> HttpResponse:
        agent, asked = get_agent(self.row_id()), self.checked(AnalysisTryInput)
        wanted = trying.wishes_in(asked["config"]) if "config" in asked else None
        trials = trying.prepare(
            agent=agent, wanted=wanted, calls=asked.get("calls"), latest=asked.get("latest", 3)
        )
        return Afterwards(partial(_tried, trials))

    @extend_schema(
        tags=["agents"],
        summary="List reruns of an agent's analysis",
        description="Newest first.",
        parameters=[_AGENT],
        responses=RerunSerializer(many=True),
        filters=False,
    )
    @action(detail=True, url_path="analysis/reruns")
    def reruns(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_reruns(get_agent(self.row_id())), RerunSerializer)

    @extend_schema(
        tags=["agents"],
        summary="Estimate a rerun of an agent's analysis",
        description=(
            "Of the calls made from `since` on and before `until`, by what the agent is now. It begins with"
            " `POST /analysis/reruns/{id}/start`."
        ),
        parameters=[_AGENT],
        request=RerunInput,
        responses={201: RerunSerializer},
        examples=[_SPAN],
        filters=False,
    )
    @reruns.mapping.post
    def estimate(self, request: Request, id: str) -> Response:
        agent, asked = get_agent(self.row_id()), self.checked(RerunInput)
        rerun = reruns.estimate(agent=agent, since=asked.get("since"), until=asked.get("until"))
        return Response(RerunSerializer(rerun).data, status=201)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Rerun.objects.none() if self.action in ("reruns", "estimate") else Agent.objects.none()


class RerunViewSet(TenantViewSet):
    """Past calls analyzed anew."""

    id_prefix = Rerun.id_prefix
    required_permissions: ClassVar = {
        "retrieve": "agents.read",
        "start": "agents.write",
        "cancel": "agents.write",
    }

    @extend_schema(
        tags=["agents"],
        summary="Get a rerun",
        description="With how far it has come: `done` and `failed` of `calls`.",
        parameters=[_RERUN],
        responses=RerunSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(RerunSerializer(selectors.get_rerun(self.row_id())).data)

    @extend_schema(
        tags=["agents"],
        summary="Start a rerun",
        description="One at a time of an agent.",
        parameters=[_RERUN],
        request=None,
        responses=RerunSerializer,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def start(self, request: Request, id: str) -> Response:
        return Response(RerunSerializer(reruns.start(rerun_id=self.row_id())).data)

    @extend_schema(
        tags=["agents"],
        summary="Cancel a rerun",
        description="Calls whose turn has not come keep what was known of them.",
        parameters=[_RERUN],
        request=None,
        responses=RerunSerializer,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def cancel(self, request: Request, id: str) -> Response:
        return Response(RerunSerializer(reruns.cancel(rerun_id=self.row_id())).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Rerun.objects.none()


def _shown(row: Analysis, status: int = 200) -> Response:
    """While it waits for the first time there is no configuration yet that it was made by."""
    agent = row.call.agent
    current = agent is not None and row.config_digest == selectors.wanted_now(agent).digest
    return Response(AnalysisSerializer(row, context={"current": current}).data, status=status)


def _tried(trials: trying.Trials) -> HttpResponse:
    empty = Result().as_columns()
    rows = [
        {
            "call": trial.call.pk,
            "created_at": trial.call.created_at,
            "from_number": trial.call.from_number,
            "to_number": trial.call.to_number,
            **empty,
            **result,
        }
        for trial, result in zip(trials.trials, trying.results(trials), strict=True)
    ]
    return JsonResponse({"results": AnalysisTrialSerializer(rows, many=True).data})
