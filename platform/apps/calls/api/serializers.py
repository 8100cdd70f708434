"""Calls as the API shows and takes them."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.agents.models import Agent, AgentVersion
from apps.calls.api.costs import CallCostSerializer, cost_shown
from apps.calls.api.latency import (
    LatencySerializer,
    LatencySummarySerializer,
    SourceSerializer,
    TurnAccountSerializer,
)
from apps.calls.api.technical import CaptureSerializer, QualitySerializer
from apps.calls.models import AnsweredBy, Call, CallEvent, Recording, Turn
from apps.calls.quality import quality_of
from apps.calls.selectors import LATENCY_PARTS, flow_path_of, latency_summary
from apps.numbers.models import PhoneNumber
from apps.webhooks.models import HookFallback, HookMoment
from media_workers.contract.events import EndReason
from telephony.trunks.models import Trunk
from tenants.ids import to_public
from tenants.rest import PrefixedIdField, RowSerializer, StrictSerializer

MAX_METADATA_BYTES = 16 * 1024
MAX_VARIABLES = 100
VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


_ANY = f"{Call.id_prefix}{0:032x}"
"""The id that stands for any call in an address."""


class TurnSerializer(RowSerializer[Turn]):
    id = PrefixedIdField(Turn.id_prefix, read_only=True)
    latency = serializers.SerializerMethodField(help_text="Null where nothing was measured.")
    account = serializers.SerializerMethodField(help_text="Null of the caller's turns.")
    sources = serializers.SerializerMethodField(help_text="Documents that the answer was made from.")

    class Meta:
        model = Turn
        fields = [
            "id",
            "index",
            "speaker",
            "text",
            "start_ms",
            "end_ms",
            "interrupted",
            "dtmf",
            "confidence",
            "latency",
            "account",
            "sources",
        ]
        read_only_fields = fields

    @extend_schema_field(SourceSerializer(many=True))
    def get_sources(self, turn: Turn) -> list[dict[str, Any]]:
        retrieval = (turn.account or {}).get("retrieval") or {}
        return retrieval.get("sources") or []

    @extend_schema_field(TurnAccountSerializer(allow_null=True))
    def get_account(self, turn: Turn) -> dict[str, Any] | None:
        return turn.account

    @extend_schema_field(LatencySerializer(allow_null=True))
    def get_latency(self, turn: Turn) -> dict[str, int | None] | None:
        parts = {part: getattr(turn, f"{part}_ms") for part in LATENCY_PARTS}
        return parts if any(value is not None for value in parts.values()) else None


class RecordingSerializer(RowSerializer[Recording]):
    id = PrefixedIdField(Recording.id_prefix, read_only=True)
    url = serializers.SerializerMethodField(help_text="Where the WAV is: caller left, agent right.")
    path = serializers.CharField(source="storage_key", read_only=True, help_text="Its name in the storage.")

    class Meta:
        model = Recording
        fields = ["id", "url", "path", "duration_ms", "size_bytes", "sha256", "created_at"]
        read_only_fields = fields

    def get_url(self, recording: Recording) -> str:
        return self._url_of_any.replace(_ANY, to_public(Call.id_prefix, recording.call_id))

    @cached_property
    def _url_of_any(self) -> str:
        """Looked up once for all rows: it is what a list spends most time on otherwise."""
        return reverse("call-recording", args=[_ANY], request=self.context.get("request"))


class PeaksSerializer(serializers.Serializer[Recording]):
    duration_ms = serializers.IntegerField()
    left = serializers.SerializerMethodField(help_text="The caller.")
    right = serializers.SerializerMethodField(help_text="The agent; as many values.")

    def get_left(self, recording: Recording) -> list[float]:
        return _side(recording, 0)

    def get_right(self, recording: Recording) -> list[float]:
        return _side(recording, 1)


def _side(recording: Recording, side: int) -> list[float]:
    peaks = bytes(recording.peaks)
    half = len(peaks) // 2
    return [round(peak / 255, 3) for peak in peaks[side * half : (side + 1) * half]]


class CallSerializer(RowSerializer[Call]):
    id = PrefixedIdField(Call.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True, allow_null=True)
    agent_name = serializers.SerializerMethodField(help_text="As the agent is called now.")
    agent_version = PrefixedIdField(
        AgentVersion.id_prefix, source="agent_version_id", read_only=True, allow_null=True
    )
    number = PrefixedIdField(
        PhoneNumber.id_prefix,
        source="number_id",
        read_only=True,
        allow_null=True,
        help_text="The tenant's own number: the one called, or the one that calls.",
    )
    trunk = PrefixedIdField(Trunk.id_prefix, source="trunk_id", read_only=True, allow_null=True)
    end_reason = serializers.SerializerMethodField(help_text="Null while the call goes on.")
    end_words = serializers.CharField(read_only=True, help_text="The reason in words.")
    answered_by = serializers.SerializerMethodField(
        help_text="Who answered an outbound call; null where nobody listened for it."
    )
    recording = RecordingSerializer(
        source="audible",
        read_only=True,
        allow_null=True,
        help_text="Null until the recording is stored, and while something in it is silenced.",
    )
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Call
        fields = [
            "id",
            "direction",
            "state",
            "test",
            "from_number",
            "to_number",
            "agent",
            "agent_name",
            "agent_version",
            "number",
            "trunk",
            "variables",
            "metadata",
            "queued_at",
            "dialing_at",
            "ringing_at",
            "answered_at",
            "ended_at",
            "duration_ms",
            "end_reason",
            "end_words",
            "end_detail",
            "sip_code",
            "sip_reason",
            "slots",
            "transferred_to",
            "muted",
            "taken_over_by",
            "answered_by",
            "answered_by_confidence",
            "answered_by_ms",
            "recording",
            "tags",
            "last_seq",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_agent_name(self, call: Call) -> str | None:
        return call.agent.name if call.agent is not None else None

    @extend_schema_field(serializers.ChoiceField(choices=AnsweredBy.values, allow_null=True))
    def get_answered_by(self, call: Call) -> str | None:
        return call.answered_by or None

    @extend_schema_field(serializers.ChoiceField(choices=[r.value for r in EndReason], allow_null=True))
    def get_end_reason(self, call: Call) -> str | None:
        return call.end_reason or None


class MediaSerializer(serializers.Serializer[Any]):
    """RTP figures of the leg. `rx_*`: what we received; `tx_*`: what the other side reported by RTCP."""

    codec = serializers.CharField()
    rx_packets = serializers.IntegerField()
    rx_lost = serializers.IntegerField()
    rx_jitter_ms = serializers.FloatField()
    rx_discarded = serializers.IntegerField()
    tx_packets = serializers.IntegerField()
    tx_lost = serializers.IntegerField(allow_null=True)
    tx_jitter_ms = serializers.FloatField(allow_null=True)
    rtt_ms = serializers.FloatField(allow_null=True)


class FlowStepSerializer(serializers.Serializer[dict[str, Any]]):
    agent = serializers.CharField(allow_null=True, help_text="Whose flow it is.")
    node = serializers.CharField()
    came_from = serializers.CharField(help_text="Empty: the flow began here.")
    by = serializers.CharField(help_text="condition, model, always, phrase, keys, failure, or empty.")
    at_ms = serializers.IntegerField(help_text="From the answer.")


class CallHookAnswerSerializer(serializers.Serializer[dict[str, Any]]):
    moment = serializers.ChoiceField(choices=HookMoment.choices)
    at = serializers.DateTimeField(help_text="When it was asked.")
    took_ms = serializers.IntegerField()
    action = serializers.ChoiceField(
        choices=["answer", "reject", "allow", "deny"], allow_null=True, help_text="Null: it was passed over."
    )
    agent = serializers.CharField(allow_null=True, help_text="Whom it chose.")
    variables = serializers.ListField(child=serializers.CharField(), help_text="Names of those it gave.")
    reason = serializers.CharField(help_text="Its own words.")
    fallback = serializers.ChoiceField(
        choices=HookFallback.choices, allow_null=True, help_text="What was done without its help."
    )
    problem = serializers.CharField(help_text="Why it was passed over; empty: it was not.")
    words = serializers.CharField(help_text="All of it, for people.")


class CallDetailSerializer(CallSerializer):
    hook = CallHookAnswerSerializer(
        read_only=True, allow_null=True, help_text="What a call hook said; null: none was asked."
    )
    turns = TurnSerializer(many=True, read_only=True)
    media = MediaSerializer(read_only=True, allow_null=True)
    latency = serializers.SerializerMethodField(help_text="Null without a measured turn.")
    quality = serializers.SerializerMethodField(help_text="How it was set up and how it sounded, by leg.")
    capture = CaptureSerializer(read_only=True, allow_null=True, help_text="The RTP in the call's pcap.")

    cost = serializers.SerializerMethodField(help_text="Null: it costs nothing, as calls in the sandbox do.")
    flow_path = serializers.SerializerMethodField(help_text="The nodes of flows that it has entered.")

    class Meta(CallSerializer.Meta):
        fields = [
            *CallSerializer.Meta.fields,
            "hook",
            "turns",
            "media",
            "latency",
            "quality",
            "capture",
            "cost",
            "flow_path",
            "transcript_erased_at",
        ]
        read_only_fields = fields

    @extend_schema_field(QualitySerializer)
    def get_quality(self, call: Call) -> dict[str, Any]:
        return quality_of(call)

    @extend_schema_field(CallCostSerializer(allow_null=True))
    def get_cost(self, call: Call) -> dict[str, Any] | None:
        return cost_shown(call)

    @extend_schema_field(FlowStepSerializer(many=True))
    def get_flow_path(self, call: Call) -> list[dict[str, Any]]:
        return flow_path_of(call)

    @extend_schema_field(LatencySummarySerializer(allow_null=True))
    def get_latency(self, call: Call) -> dict[str, dict[str, int]] | None:
        return latency_summary(call.turns.all())


class EventSerializer(RowSerializer[CallEvent]):
    event = serializers.DictField(
        source="body", read_only=True, help_text="What was reported, by its `type`."
    )

    class Meta:
        model = CallEvent
        fields = ["seq", "type", "at", "event"]
        read_only_fields = fields


def checked_variables(value: dict[str, str]) -> dict[str, str]:
    """Values of an agent's variables. Raises ValidationError."""
    if len(value) > MAX_VARIABLES:
        raise serializers.ValidationError(f"Give at most {MAX_VARIABLES} variables.")
    bad = [name for name in value if not VARIABLE_NAME.fullmatch(name)]
    if bad:
        raise serializers.ValidationError(
            f"{bad[0]!r} is no name: use a lower-case letter, then those, digits and underscores."
        )
    return value


class CallInput(StrictSerializer):
    from_number = serializers.CharField(max_length=32, help_text="One of your numbers, in E.164.")
    to_number = serializers.CharField(max_length=32, help_text="Whom to call, in E.164.")
    agent = PrefixedIdField(
        Agent.id_prefix,
        required=False,
        allow_null=True,
        help_text="Who speaks, by its published version. Left out: the number's own agent.",
    )
    agent_version = PrefixedIdField(
        AgentVersion.id_prefix, required=False, allow_null=True, help_text="A certain version of the agent."
    )
    variables = serializers.DictField(
        child=serializers.CharField(max_length=1_000, allow_blank=True),
        required=False,
        help_text="Values of the {{name}} variables in the agent's texts.",
    )
    metadata = serializers.DictField(required=False, help_text="Kept with the call and shown again; 16 KB.")

    def validate_variables(self, value: dict[str, str]) -> dict[str, str]:
        return checked_variables(value)

    def validate_metadata(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(value)) > MAX_METADATA_BYTES:
            raise serializers.ValidationError("Metadata may have at most 16 KB.")
        return value
