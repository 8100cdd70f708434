"""REST: a tool of an agent tried out, and the tools of an MCP server."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.agents import trials
from apps.agents.models import Agent
from apps.agents.trials import NoNodeNow
from apps.api.afterwards import Afterwards
from apps.api.problems import problem_response
from media_workers.contract.trials import ToolTrial
from tenants.rest import StrictSerializer

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="agt_...")


@extend_schema_field(OpenApiTypes.OBJECT)
class _Anything(serializers.JSONField):
    """A JSON object."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Give an object.", code="invalid")
        return data


class ListInput(StrictSerializer):
    tool = _Anything(help_text="One of `config.tools`, of the type mcp.")
    secrets = serializers.DictField(
        child=serializers.CharField(max_length=2_000, allow_blank=True, allow_null=True),
        required=False,
        help_text="Those that are left out are the stored ones.",
    )
    variables = serializers.DictField(child=serializers.CharField(max_length=4_000), required=False)


class TrialInput(ListInput):
    tool = _Anything(help_text="One of `config.tools`, of the types http or mcp.")
    arguments = _Anything(required=False, help_text="What the model would give.")
    name = serializers.CharField(
        max_length=200, required=False, help_text="Of an MCP server: which of its tools, by its own name."
    )


class TrialRequestSerializer(serializers.Serializer[Any]):
    method = serializers.CharField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField(), help_text="Secrets are masked.")
    body = serializers.CharField()


class TrialSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True, help_text="Of the answer; null when there was none.")
    took_ms = serializers.IntegerField()
    request = TrialRequestSerializer(allow_null=True, help_text="Null when nothing was sent, and of MCP.")
    result = serializers.CharField(help_text="What a model would be told.")
    saved = serializers.DictField(child=serializers.CharField(), help_text="The slots.")
    trouble = serializers.CharField(help_text="What is wrong, in words; empty when nothing is.")


class ListedToolSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    description = serializers.CharField()
    parameters = serializers.DictField()


class ToolListSerializer(serializers.Serializer[Any]):
    tools = ListedToolSerializer(many=True)
    took_ms = serializers.IntegerField()
    trouble = serializers.CharField(help_text="Why there are none, in words.")


class ToolActions:
    """Of `AgentViewSet`."""

    @extend_schema(
        summary="Try a tool",
        description="A media node runs it once, as in a call. Nothing is stored. A stored secret is sent "
        "only where the draft's tools send it (422 `secret_moves`). 503 when no media node can, 429 beyond "
        "30 a minute.",
        parameters=[_ID],
        request=TrialInput,
        responses=TrialSerializer,
        filters=False,
        examples=[
            OpenApiExample(
                "An order's state",
                request_only=True,
                value={
                    "tool": {
                        "type": "http",
                        "name": "order_state",
                        "method": "GET",
                        "url": "https://shop.example.com/orders/{order}",
                    },
                    "arguments": {"order": 1234},
                },
            )
        ],
    )
    @action(detail=True, methods=["post"], url_path="tools/try", pagination_class=None)
    def try_tool(self, request: Request, id: str) -> HttpResponse:
        given = self.checked(TrialInput)  # type: ignore[attr-defined]
        trial = trials.trial_of(agent=self._agent(), action="run", **given)
        return Afterwards(partial(_tried, trial))

    @extend_schema(
        summary="List the tools of an MCP server",
        description="503 when no media node can ask it, 429 beyond 30 a minute.",
        parameters=[_ID],
        request=ListInput,
        responses=ToolListSerializer,
        filters=False,
        examples=[
            OpenApiExample(
                "A help desk",
                request_only=True,
                value={"tool": {"type": "mcp", "name": "desk", "url": "https://desk.example.com/mcp"}},
            )
        ],
    )
    @action(detail=True, methods=["post"], url_path="tools/list", pagination_class=None)
    def list_tools(self, request: Request, id: str) -> HttpResponse:
        given = self.checked(ListInput)  # type: ignore[attr-defined]
        trial = trials.trial_of(agent=self._agent(), action="list", **given)
        return Afterwards(partial(_tried, trial))

    def _agent(self, *, lock: bool = False) -> Agent:
        raise NotImplementedError


def _tried(trial: ToolTrial) -> HttpResponse:
    try:
        result = trials.run(trial)
    except NoNodeNow as error:
        return problem_response(503, error.detail, error.code, {"Retry-After": str(error.retry_after_s)})
    shown = {"tools", "took_ms", "trouble"}
    if trial.action == "list":
        return JsonResponse(result.model_dump(mode="json", include=shown))
    return JsonResponse(result.model_dump(mode="json", exclude={"tools"}))
