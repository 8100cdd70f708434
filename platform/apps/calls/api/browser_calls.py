"""REST: calls that are talked from the browser. What follows is spoken over /ws/v1/talk/."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.calls.api.serializers import CallSerializer, checked_variables
from apps.calls.models import Call
from apps.calls.services.browser_call import start_browser_call
from tenants.rest import PrefixedIdField, StrictSerializer, TenantViewSet

_EXAMPLE = OpenApiExample(
    "Talk to the draft",
    request_only=True,
    value={"agent": "agt_01937b2ee7c07a3f9d2b4c5d6e7f8091", "variables": {"day": "Monday"}},
)


class BrowserCallInput(StrictSerializer):
    agent = PrefixedIdField(Agent.id_prefix, help_text="Whom to talk to.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["draft", "published"],
        default="draft",
        help_text="The agent as it is being written, or as it takes calls.",
    )
    variables = serializers.DictField(
        child=serializers.CharField(max_length=1_000, allow_blank=True),
        required=False,
        help_text="Values of the {{name}} variables in the agent's texts.",
    )

    def validate_variables(self, value: dict[str, str]) -> dict[str, str]:
        return checked_variables(value)


@extend_schema(tags=["calls"])
@extend_schema_view(
    create=extend_schema(
        summary="Talk to an agent in the browser",
        description=(
            "A test call without a telephone. It waits for 60 seconds for the socket"
            " `/ws/v1/talk/?call=call_...`, which carries the microphone and what the agent says."
        ),
        request=BrowserCallInput,
        responses={201: CallSerializer},
        examples=[_EXAMPLE],
    ),
)
class BrowserCallViewSet(TenantViewSet):
    """Makes browser calls; they are listed, read and ended as any other call."""

    id_prefix = Call.id_prefix
    required_permissions: ClassVar = {"create": "calls.place"}

    def create(self, request: Request) -> Response:
        wish = self.checked(BrowserCallInput)
        call = start_browser_call(
            agent_id=wish["agent"], source=wish["source"], variables=wish.get("variables")
        )
        response = Response(CallSerializer(call, context={"request": request}).data, status=201)
        response["Location"] = f"/api/v1/calls/{call.public_id}"
        return response

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()
