"""REST views of what is taken out of a call."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.api.annotations import ID, MAX_MS, OfCallViewSet
from apps.calls.models import Redaction
from apps.calls.models.events import SPEAKERS
from apps.calls.selectors import redactions_of
from apps.calls.services.redacting import redact_span, redact_turn
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer

_STATES = ["waiting", "done", "failed"]


class RedactionSerializer(RowSerializer[Redaction]):
    id = PrefixedIdField(Redaction.id_prefix, read_only=True)
    state = serializers.SerializerMethodField(
        help_text="Of the sound: until it is `done` nobody can hear the recording; `failed` is tried again."
    )
    speaker = serializers.SerializerMethodField(help_text="Whose side; null: both.")
    created_by = serializers.CharField(source="made_by", help_text="Empty: the agent's own rules.")

    class Meta:
        model = Redaction
        fields = [
            "id",
            "kind",
            "state",
            "start_ms",
            "end_ms",
            "speaker",
            "turn",
            "problem",
            "created_by",
            "created_at",
            "done_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=_STATES))
    def get_state(self, redaction: Redaction) -> str:
        if redaction.done_at is not None or not self.context.get("sealed", False):
            return "done"
        return "failed" if redaction.problem else "waiting"

    @extend_schema_field(serializers.ChoiceField(choices=SPEAKERS, allow_null=True))
    def get_speaker(self, redaction: Redaction) -> str | None:
        return redaction.speaker or None


class RedactionInput(StrictSerializer):
    """A turn, or a time."""

    turn = serializers.IntegerField(min_value=0, max_value=MAX_MS, required=False, help_text="Its index.")
    start_ms = serializers.IntegerField(
        min_value=0, max_value=MAX_MS, required=False, help_text="From the answer."
    )
    end_ms = serializers.IntegerField(min_value=0, max_value=MAX_MS, required=False)
    speaker = serializers.ChoiceField(
        choices=SPEAKERS, required=False, allow_null=True, help_text="Whose side; null: both."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        times = attrs.keys() & {"start_ms", "end_ms", "speaker"}
        if "turn" in attrs and times:
            raise serializers.ValidationError({min(times): "A turn says this itself."})
        for name in ("start_ms", "end_ms"):
            if "turn" not in attrs and name not in attrs:
                raise serializers.ValidationError({name: "Give a turn, or start_ms and end_ms."})
        return attrs


@extend_schema(tags=["calls"])
class RedactionViewSet(OfCallViewSet):
    """Redactions."""

    required_permissions: ClassVar = {"redactions": "calls.read", "redact": "calls.annotate"}

    @extend_schema(
        summary="List what was taken out of a call",
        description="By hand, and by the agent's rules (`redact`). What it was is kept nowhere.",
        parameters=[ID],
        responses=RedactionSerializer(many=True),
    )
    @action(detail=True)
    def redactions(self, request: Request, id: str) -> Response:
        call = self.call_row()
        found = self.paginate_queryset(redactions_of(call)) or []
        return self.get_paginated_response(self._shown(found, many=True))

    @extend_schema(
        summary="Take something out of a call",
        description=(
            "A turn, or a time. The words of every turn in it are masked for good, in the transcript, the"
            " events, the slots and the search; its sound is silenced a moment later, and until then nobody"
            " can hear the recording. Captured RTP goes. The call must have ended."
        ),
        parameters=[ID],
        request=RedactionInput,
        responses={201: RedactionSerializer},
        examples=[
            OpenApiExample("A turn", request_only=True, value={"turn": 3}),
            OpenApiExample(
                "A time",
                request_only=True,
                value={"start_ms": 12_000, "end_ms": 15_500, "speaker": "caller"},
            ),
        ],
    )
    @redactions.mapping.post
    def redact(self, request: Request, id: str) -> Response:
        wish, call_id = self.checked(RedactionInput), self.row_id()
        if "turn" in wish:
            redaction = redact_turn(call_id=call_id, turn=wish["turn"])
        else:
            wish["speaker"] = wish.get("speaker") or ""
            redaction = redact_span(call_id=call_id, **wish)
        return Response(self._shown(redaction), status=201)

    def _shown(self, what: Any, many: bool = False) -> Any:
        recording = getattr(self.call_row(), "recording", None)
        context = {"request": self.request, "sealed": recording is not None and recording.sealed}
        return RedactionSerializer(what, many=many, context=context).data

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Redaction.objects.none()
