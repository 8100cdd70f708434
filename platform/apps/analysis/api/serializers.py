"""Bodies of the API of analyses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import Agent
from apps.analysis.models import Analysis, AnalysisState, Rerun, RerunState
from apps.analysis.services.trying import MOST
from apps.calls.models import Call
from tenants.rest import PrefixedIdField, StrictSerializer

_ANY: dict[str, Any] = {}


@extend_schema_field({"description": "By the field's type; of a list an array; null: there is none.", **_ANY})
class AnyValue(serializers.JSONField):
    pass


class AnalysisSourceSerializer(serializers.Serializer[Any]):
    turn = serializers.IntegerField(help_text="Index of the turn.")
    quote = serializers.CharField()


class ExtractedValueSerializer(serializers.Serializer[Any]):
    value = AnyValue()
    turn = serializers.IntegerField(
        allow_null=True, help_text="Index of the turn it came from; null: the dialogue collected it."
    )
    quote = serializers.CharField(help_text="The words of that turn, as they stand there.")
    confidence = serializers.FloatField(help_text="0 to 1.")
    problem = serializers.CharField(help_text="Why there is none.")
    sources = AnalysisSourceSerializer(many=True, required=False, help_text="Of a list: one for each value.")


class CriterionReasonSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    met = serializers.BooleanField(allow_null=True, help_text="Null: it cannot be told.")
    turn = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class TurnSentimentSerializer(serializers.Serializer[Any]):
    turn = serializers.IntegerField()
    score = serializers.FloatField(help_text="-1 to 1.")


class UnansweredQuestionSerializer(serializers.Serializer[Any]):
    turn = serializers.IntegerField()
    question = serializers.CharField()


class ComplianceFlagSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Of the rule; `incomplete`: a required value is missing.")
    turn = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class ExtractedFieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    description = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    many = serializers.BooleanField()  # type: ignore[assignment]


class AnalysisUsageSerializer(serializers.Serializer[Any]):
    prompt_tokens = serializers.IntegerField(required=False)
    completion_tokens = serializers.IntegerField(required=False)


def extracted_by(row: Analysis) -> list[dict[str, Any]]:
    """The fields that `row` was made by."""
    names = ("name", "type", "description", "required", "many")
    return [{name: field[name] for name in names} for field in row.config.get("extraction", [])]


class AnalysisResultSerializer(serializers.Serializer[Any]):
    """What an extractor gives."""

    values = serializers.DictField(child=ExtractedValueSerializer(), help_text="By the field's name.")
    summary = serializers.CharField()
    outcome = serializers.CharField()
    success = serializers.BooleanField(allow_null=True, help_text="Null: no goals, or it cannot be told.")
    reasons = CriterionReasonSerializer(many=True)
    sentiment = TurnSentimentSerializer(many=True, help_text="Of the caller's turns.")
    sentiment_score = serializers.FloatField(allow_null=True)
    topics = serializers.ListField(child=serializers.CharField())
    unanswered = UnansweredQuestionSerializer(many=True)
    flags = ComplianceFlagSerializer(many=True)
    usage = AnalysisUsageSerializer()


class AnalysisSerializer(AnalysisResultSerializer):
    """The result of the last time, with how things stand."""

    call = PrefixedIdField(Call.id_prefix, source="call_id")
    state = serializers.ChoiceField(choices=AnalysisState.choices)
    revision = serializers.IntegerField(help_text="How often it was done.")
    extractor = serializers.CharField(help_text="rules or model; empty: it was never done.")
    vendor = serializers.CharField()
    model = serializers.CharField()
    fields = serializers.SerializerMethodField(  # type: ignore[assignment]
        "get_extracted", help_text="As it was done by, in the agent's order."
    )
    problem = serializers.CharField(help_text="Why it failed, failed last, or was skipped.")
    attempts = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="Of a waiting one: not before.")
    rerun = PrefixedIdField(Rerun.id_prefix, source="rerun_id", allow_null=True)
    analyzed_at = serializers.DateTimeField(allow_null=True)
    current = serializers.SerializerMethodField(help_text="Whether the agent still wants the same.")

    @extend_schema_field(ExtractedFieldSerializer(many=True))
    def get_extracted(self, row: Analysis) -> list[dict[str, Any]]:
        return extracted_by(row)

    def get_current(self, row: Analysis) -> bool:
        return bool(self.context["current"])


class SharedAnalysisSerializer(AnalysisResultSerializer):
    """What is seen of it by whoever was sent a link: not what it took to make."""

    usage = None  # type: ignore[assignment]
    fields = serializers.SerializerMethodField(  # type: ignore[assignment]
        "get_extracted", help_text="In the agent's order."
    )

    @extend_schema_field(ExtractedFieldSerializer(many=True))
    def get_extracted(self, row: Analysis) -> list[dict[str, Any]]:
        return extracted_by(row)


def shown_to_strangers(call: Call) -> dict[str, Any] | None:
    """In the scope of whoever asks; None until the call was analyzed."""
    row = Analysis.objects.filter(call=call, state=AnalysisState.DONE).first()
    return dict(SharedAnalysisSerializer(row).data) if row is not None else None


class AnalysisTryInput(StrictSerializer):
    calls = serializers.ListField(
        child=PrefixedIdField(Call.id_prefix), min_length=1, max_length=MOST, required=False
    )
    latest = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, help_text="Instead of `calls`; 3 when neither is given."
    )
    config = serializers.JSONField(
        required=False,
        help_text="`extraction` and `analysis` as in an agent's configuration; without it as published.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if "calls" in data and "latest" in data:
            raise serializers.ValidationError({"latest": ["Give `calls` or `latest`, not both."]})
        return data


class AnalysisTrialSerializer(AnalysisResultSerializer):
    call = PrefixedIdField(Call.id_prefix)
    created_at = serializers.DateTimeField()
    from_number = serializers.CharField()
    to_number = serializers.CharField()
    problem = serializers.CharField(help_text="Why nothing came of it; then there is no result.")


class AnalysisTrialsSerializer(serializers.Serializer[Any]):
    results = AnalysisTrialSerializer(many=True)


class RerunEstimateSerializer(serializers.Serializer[Any]):
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    cost_micros = serializers.IntegerField(
        allow_null=True, help_text="At the vendor's list price; null: nobody knows it."
    )
    currency = serializers.CharField()


class RerunSerializer(serializers.Serializer[Any]):
    id = PrefixedIdField(Rerun.id_prefix, source="pk")
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id")
    state = serializers.ChoiceField(choices=RerunState.choices)
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    calls = serializers.IntegerField(help_text="How many there are to read.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    estimate = RerunEstimateSerializer(help_text="What the model would take; nothing for the rules.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class RerunInput(StrictSerializer):
    since = serializers.DateTimeField(required=False, allow_null=True)
    until = serializers.DateTimeField(required=False, allow_null=True)
