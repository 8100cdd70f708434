"""Response times as the API shows them: of a turn to the millisecond, of many in percentiles."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from apps.agents.models import Agent
from apps.calls.latency import MAX_DAYS_BY_HOUR
from apps.calls.stats import DEFAULT_DAYS, MAX_DAYS
from media_workers.contract.events import Moments, TurnUsage
from media_workers.contract.vendors import Kind
from tenants.rest import PrefixedIdField

KINDS = list(get_args(Kind))


class LatencySerializer(serializers.Serializer[Any]):
    """Where the time between the caller's last word and the first sound of the answer went, in ms."""

    endpoint = serializers.IntegerField(allow_null=True, help_text="Until the turn was taken for over.")
    transcript = serializers.IntegerField(allow_null=True, help_text="Until the final transcript.")
    retrieval = serializers.IntegerField(allow_null=True, help_text="Until the documents were searched.")
    first_token = serializers.IntegerField(allow_null=True, help_text="The model's first words.")
    sentence = serializers.IntegerField(allow_null=True, help_text="From those to the first whole sentence.")
    first_audio = serializers.IntegerField(allow_null=True, help_text="The voice's first sound.")
    own = serializers.IntegerField(allow_null=True, help_text="Spent by the platform itself.")
    total = serializers.IntegerField(allow_null=True)


class MomentsSerializer(serializers.Serializer[Any]):
    """In ms after the caller's last word; null: has not happened."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField(allow_null=True) for name in Moments.model_fields}


class ServedBySerializer(serializers.Serializer[Any]):
    component = serializers.ChoiceField(choices=KINDS)
    vendor = serializers.CharField()
    model = serializers.CharField()
    own_key = serializers.BooleanField(help_text="The tenant's own key, not the platform's.")


class PassedOverSerializer(serializers.Serializer[Any]):
    component = serializers.ChoiceField(choices=KINDS)
    vendor = serializers.CharField()
    reason = serializers.CharField(help_text="In words.")
    after_ms = serializers.IntegerField()


class ToolTimeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    took_ms = serializers.IntegerField()


class TurnUsageSerializer(serializers.Serializer[Any]):
    """What the vendors bill for the turn; `discarded_`: the share of answers that were dropped unheard."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField() for name in TurnUsage.model_fields}


class SourceSerializer(serializers.Serializer[Any]):
    """A piece of a document that the model was given for the answer."""

    document_id = serializers.CharField()
    title = serializers.CharField()
    heading = serializers.CharField(help_text="The headings that it stands under.")
    url = serializers.CharField(help_text="Of a page; otherwise empty.")
    text = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1, for ordering.")


class RetrievalSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    took_ms = serializers.IntegerField()
    sources = SourceSerializer(many=True)
    trouble = serializers.CharField(help_text="Why nothing came, or less than there is, in words.")


class TurnAccountSerializer(serializers.Serializer[Any]):
    """Every millisecond of an answer, who served it and what it cost."""

    moments = MomentsSerializer()
    endpointing = serializers.CharField(help_text="Which strategy ended the caller's turn, and why.")
    drafts = serializers.IntegerField(help_text="Answers begun on a likely end, and dropped unheard.")
    served_by = ServedBySerializer(many=True)
    passed_over = PassedOverSerializer(many=True, help_text="Vendors that were left for the next one.")
    tools = ToolTimeSerializer(many=True)
    retrieval = RetrievalSerializer(
        allow_null=True, required=False, help_text="What was looked up in the agent's documents."
    )
    usage = TurnUsageSerializer()


class SpanSerializer(serializers.Serializer[Any]):
    median_ms = serializers.IntegerField()
    worst_ms = serializers.IntegerField()
    turns = serializers.IntegerField(help_text="Turns in which it was measured.")


class LatencySummarySerializer(serializers.Serializer[Any]):
    """The agent's response times, whole (`total`) and in parts; a part that was not measured is missing."""

    endpoint = SpanSerializer(required=False)
    transcript = SpanSerializer(required=False)
    retrieval = SpanSerializer(required=False)
    first_token = SpanSerializer(required=False)
    sentence = SpanSerializer(required=False)
    first_audio = SpanSerializer(required=False)
    own = SpanSerializer(required=False)
    total = SpanSerializer(required=False)


class LatencyQuery(serializers.Serializer[Any]):
    days = serializers.IntegerField(
        min_value=1, max_value=MAX_DAYS, default=DEFAULT_DAYS, help_text="So many days, today included."
    )
    timezone = serializers.CharField(
        max_length=64, default="UTC", help_text="Of the IANA database: it says where a day begins."
    )
    agent = PrefixedIdField(Agent.id_prefix, required=False, help_text="Turns of this agent only; agt_...")
    group_by = serializers.ChoiceField(
        choices=["agent", "vendor", "model", "day", "hour"],
        required=False,
        help_text="Left out: one entry for everything.",
    )
    over = serializers.ChoiceField(
        choices=["day", "hour"],
        required=False,
        help_text=f"Each group by day or hour; by the hour at most {MAX_DAYS_BY_HOUR} days.",
    )
    kind = serializers.ChoiceField(
        choices=KINDS, required=False, help_text="With `vendor` and `model`: those of this kind only."
    )


class PercentilesSerializer(serializers.Serializer[Any]):
    p50_ms = serializers.IntegerField()
    p95_ms = serializers.IntegerField()
    p99_ms = serializers.IntegerField()
    samples = serializers.IntegerField(help_text="Turns in which it was measured.")


class PartsSerializer(serializers.Serializer[Any]):
    """Of vendors only their own parts and `total`; what was not measured is missing."""

    endpoint = PercentilesSerializer(required=False)
    transcript = PercentilesSerializer(required=False)
    retrieval = PercentilesSerializer(required=False)
    first_token = PercentilesSerializer(required=False)
    sentence = PercentilesSerializer(required=False)
    first_audio = PercentilesSerializer(required=False)
    own = PercentilesSerializer(required=False)
    total = PercentilesSerializer(required=False)


class LatencyGroupSerializer(serializers.Serializer[Any]):
    """One group; what it is not grouped by is null."""

    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", allow_null=True)
    agent_name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=KINDS, allow_null=True)
    vendor = serializers.CharField(allow_null=True)
    model = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True, help_text="When the day or hour begins.")
    turns = serializers.IntegerField()
    parts = PartsSerializer()


class LatencyStatsSerializer(serializers.Serializer[Any]):
    results = LatencyGroupSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()} | super().get_fields()
