"""What can be done to a call that goes on: part of `CallViewSet`."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from pydantic import ValidationError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.calls.api.serializers import CallSerializer
from apps.calls.models import Call
from apps.calls.services import control
from media_workers.contract.transfers import UNNAMED, Mode, TransferTarget
from tenants.errors import InvalidFields, InvalidInput
from tenants.ids import to_public
from tenants.rest import PrefixedIdField, StrictSerializer

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="call_...")
_WHO = ("number", "sip_uri", "agent")
MODES = [(mode, mode) for mode in get_args(Mode)]


class HangupInput(StrictSerializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SayInput(StrictSerializer):
    text = serializers.CharField(max_length=4_000, help_text="What the agent says next.")


class WhisperInput(StrictSerializer):
    text = serializers.CharField(max_length=4_000, help_text="What the agent is to know.")


class CallTransferInput(StrictSerializer):
    """One of the agent's own targets by its name, or exactly one of `number`, `sip_uri` and `agent`."""

    target = serializers.CharField(max_length=64, required=False, help_text="The name of a target.")
    number = serializers.CharField(max_length=16, required=False, help_text="In E.164.")
    sip_uri = serializers.CharField(max_length=250, required=False)
    agent = PrefixedIdField(Agent.id_prefix, required=False)
    mode = serializers.ChoiceField(choices=MODES, required=False)
    message = serializers.CharField(max_length=4_000, required=False, allow_blank=True)
    wait = serializers.ChoiceField(choices=["ringback", "music", "silence"], required=False)
    ring_timeout_ms = serializers.IntegerField(required=False)
    briefing = serializers.CharField(max_length=4_000, required=False, allow_blank=True)
    on_failure = serializers.CharField(max_length=4_000, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "target" in attrs:
            if others := attrs.keys() - {"target"}:
                raise serializers.ValidationError({min(others): "A target of the agent's says this itself."})
        elif sum(who in attrs for who in _WHO) != 1:
            raise serializers.ValidationError(
                {"target": "Give exactly one of target, number, sip_uri, agent."}
            )
        return attrs


def _target(wish: dict[str, Any]) -> TransferTarget:
    """Raises InvalidFields."""
    if "agent" in wish:
        wish = wish | {"agent": to_public(Agent.id_prefix, wish["agent"])}
    try:
        return TransferTarget.model_validate({"name": UNNAMED, **wish})
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise InvalidFields(
            [InvalidInput(f["msg"], field=".".join(map(str, f["loc"])) or "target") for f in faults]
        ) from error


class LiveControl:
    """Hang up, say, mute, whisper, transfer. Every answer is 202: the media node does it next, and tells in
    the call's events that it did, or why not (`trouble`, `command_refused`)."""

    permissions: ClassVar = dict.fromkeys(
        ("hangup", "say", "mute", "unmute", "whisper", "transfer"), "calls.control"
    )

    @extend_schema(
        summary="Hang a call up",
        description="A queued call ends at once; any other as soon as its line has hung up.",
        parameters=[_ID],
        request=HangupInput,
        responses={202: CallSerializer},
        examples=[
            OpenApiExample("With a reason", request_only=True, value={"reason": "Called the wrong number"})
        ],
    )
    @action(detail=True, methods=["post"])
    def hangup(self, request: Request, id: str) -> Response:
        return self._told(control.hang_up_call, **self._wish(HangupInput))

    @extend_schema(
        summary="Have the agent say something",
        parameters=[_ID],
        request=SayInput,
        responses={202: CallSerializer},
        examples=[
            OpenApiExample("An announcement", request_only=True, value={"text": "One moment, please."})
        ],
    )
    @action(detail=True, methods=["post"])
    def say(self, request: Request, id: str) -> Response:
        return self._told(control.say, **self._wish(SayInput))

    @extend_schema(
        summary="Mute the agent",
        description="It listens, and says nothing but what `say` has it say, until it is unmuted.",
        parameters=[_ID],
        request=None,
        responses={202: CallSerializer},
    )
    @action(detail=True, methods=["post"])
    def mute(self, request: Request, id: str) -> Response:
        return self._told(control.mute, muted=True)

    @extend_schema(
        summary="Unmute the agent", parameters=[_ID], request=None, responses={202: CallSerializer}
    )
    @action(detail=True, methods=["post"])
    def unmute(self, request: Request, id: str) -> Response:
        return self._told(control.mute, muted=False)

    @extend_schema(
        summary="Whisper to the agent",
        description="A note that the caller does not hear, and that the model heeds from its next answer on."
        " A script cannot be told anything.",
        parameters=[_ID],
        request=WhisperInput,
        responses={202: CallSerializer},
        examples=[
            OpenApiExample("A hint", request_only=True, value={"text": "Offer them the table at eight."})
        ],
    )
    @action(detail=True, methods=["post"])
    def whisper(self, request: Request, id: str) -> Response:
        return self._told(control.whisper, **self._wish(WhisperInput))

    @extend_schema(
        summary="Transfer the caller",
        description="To one of the agent's own targets by its name, or to a number, a SIP URI or an agent."
        " The call's `transfer` events tell how it goes; when nobody is reached the caller is with the agent"
        " again.",
        parameters=[_ID],
        request=CallTransferInput,
        responses={202: CallSerializer},
        examples=[
            OpenApiExample("A number", request_only=True, value={"number": "+12025550120", "mode": "bridge"}),
        ],
    )
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, id: str) -> Response:
        wish = self._wish(CallTransferInput)
        if "target" in wish:
            return self._told(control.transfer, name=wish["target"])
        return self._told(control.transfer, target=_target(wish))

    # --- of the view set ---------------------------------------------------------------------------

    def _wish(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        return self.checked(serializer)  # type: ignore[attr-defined,no-any-return]

    def _told(self, order: Any, **what: Any) -> Response:
        view: Any = self
        call: Call = order(call_id=view.row_id(), test=view.principal.mode == "test", **what)
        return Response(CallSerializer(call, context={"request": view.request}).data, status=202)
