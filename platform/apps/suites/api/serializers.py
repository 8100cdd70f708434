"""Suites, runs and publications as the API shows and takes them."""

from __future__ import annotations

import math
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import Agent, AgentVersion
from apps.calls.models import Call
from apps.suites.cases import parse_cases
from apps.suites.models import (
    CaseRun,
    CaseState,
    Publication,
    PublicationState,
    RunState,
    Suite,
    SuiteRun,
)
from apps.suites.selectors import runs_of_version
from tenants.ids import to_public
from tenants.rest import PrefixedIdField, StrictSerializer

DRAFT = "draft"
CHANGES = ["same", "fixed", "broken", "added", "removed"]


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class CasesField(serializers.Field[Any, Any, Any, Any]):
    """Cases by the schema at /suites/case-schema."""

    def to_internal_value(self, data: Any) -> Any:
        return parse_cases(data, field=str(self.field_name))

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, value: Any) -> Any:
        return value


def _email(user: Any) -> str | None:
    return user.email if user is not None else None


class RunSerializer(serializers.ModelSerializer[SuiteRun]):
    id = PrefixedIdField(SuiteRun.id_prefix, read_only=True)
    suite = PrefixedIdField(Suite.id_prefix, source="suite_id", read_only=True)
    suite_name = serializers.CharField(source="suite.name", read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="suite.agent_id", read_only=True)
    version = serializers.IntegerField(
        source="version.number",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="What was tested; null: the draft as it was then.",
    )
    publication = PrefixedIdField(
        Publication.id_prefix, source="publication_id", allow_null=True, read_only=True
    )
    state = serializers.ChoiceField(choices=RunState.choices, read_only=True)
    started_by = serializers.SerializerMethodField(help_text="E-mail address; null: nobody's key, or gone.")

    class Meta:
        model = SuiteRun
        fields = [
            "id",
            "agent",
            "suite",
            "suite_name",
            "version",
            "publication",
            "state",
            "total",
            "passed",
            "failed",
            "started_by",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields

    def get_started_by(self, run: SuiteRun) -> str | None:
        return _email(run.started_by)


class CaseFailureSerializer(serializers.Serializer[Any]):
    assertion = serializers.IntegerField(help_text="Its place in the case's `assertions`, from 0.")
    kind = serializers.CharField()
    detail = serializers.CharField(help_text="Why it does not hold, for people.")
    turn = serializers.IntegerField(allow_null=True, help_text="The turn at fault in `transcript`, from 0.")


class TranscriptTurnSerializer(serializers.Serializer[Any]):
    speaker = serializers.ChoiceField(choices=["caller", "agent"])
    text = serializers.CharField(allow_blank=True, help_text="Empty: the caller said nothing.")
    keys = serializers.BooleanField(help_text="Pressed, not said.")
    response_ms = serializers.IntegerField(
        allow_null=True,
        help_text="Of an answer: to the model's first words, over audio to the first sound.",
    )
    interrupted = serializers.BooleanField()
    sources = serializers.ListField(
        child=serializers.CharField(), help_text="Titles of the documents that the answer was made from."
    )


class ToolRunSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    arguments = ObjectField()
    result = serializers.CharField(allow_blank=True)
    mocked = serializers.BooleanField(help_text="The case gave the result.")
    trouble = serializers.CharField(allow_blank=True)
    took_ms = serializers.IntegerField()
    turn = serializers.IntegerField(help_text="The agent's turn in `transcript` that it belongs to.")


class ResponseTimesSerializer(serializers.Serializer[Any]):
    answers = serializers.IntegerField()
    p50_ms = serializers.IntegerField(allow_null=True)
    p95_ms = serializers.IntegerField(allow_null=True)


class CaseResultSerializer(serializers.Serializer[CaseRun]):
    id = PrefixedIdField(CaseRun.id_prefix, read_only=True)
    name = serializers.CharField()
    case = ObjectField(help_text="As it was when the run began.")
    state = serializers.ChoiceField(choices=CaseState.choices)
    problem = serializers.CharField(help_text="Why it could not be played; empty: it could.")
    failures = CaseFailureSerializer(many=True)
    transcript = TranscriptTurnSerializer(many=True)
    tools = ToolRunSerializer(many=True)
    slots = serializers.DictField(child=serializers.CharField(allow_blank=True))
    path = serializers.ListField(child=serializers.CharField(), help_text="The flow's nodes, in order.")
    ended_by = serializers.ChoiceField(choices=["agent", "caller", "nobody"])
    end_reason = serializers.CharField(allow_blank=True)
    transferred = serializers.ListField(child=serializers.CharField())
    troubles = serializers.ListField(child=serializers.CharField())
    latency = ResponseTimesSerializer()
    took_ms = serializers.IntegerField()
    call = PrefixedIdField(Call.id_prefix, allow_null=True, help_text="Over audio.")
    ended_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, case: CaseRun) -> dict[str, Any]:
        return super().to_representation(_told(case))  # type: ignore[arg-type]


def _told(case: CaseRun) -> dict[str, Any]:
    record = case.record or {}
    transcript = record.get("transcript", [])
    return {
        "id": case.pk,
        "name": case.name,
        "case": case.case,
        "state": case.state,
        "problem": case.problem,
        "failures": case.failures,
        "transcript": transcript,
        "tools": record.get("tools", []),
        "slots": record.get("slots", {}),
        "path": record.get("path", []),
        "ended_by": record.get("ended_by", "nobody"),
        "end_reason": record.get("end_reason", ""),
        "transferred": record.get("transferred", []),
        "troubles": record.get("troubles", []),
        "latency": _times([t["response_ms"] for t in transcript if t.get("response_ms") is not None]),
        "took_ms": record.get("took_ms", 0),
        "call": case.call_id,
        "ended_at": case.ended_at,
    }


def _times(taken: list[int]) -> dict[str, int | None]:
    taken = sorted(taken)

    def share(part: float) -> int | None:
        return taken[math.ceil(part * len(taken)) - 1] if taken else None

    return {"answers": len(taken), "p50_ms": share(0.5), "p95_ms": share(0.95)}


class WholeRunSerializer(RunSerializer):
    results = CaseResultSerializer(many=True, read_only=True, source="shown_cases")

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "results"]
        read_only_fields = fields


class LastRunSerializer(serializers.ModelSerializer[SuiteRun]):
    id = PrefixedIdField(SuiteRun.id_prefix, read_only=True)
    state = serializers.ChoiceField(choices=RunState.choices, read_only=True)

    class Meta:
        model = SuiteRun
        fields = ["id", "state", "total", "passed", "failed", "created_at", "ended_at"]
        read_only_fields = fields


class SuiteSerializer(serializers.ModelSerializer[Suite]):
    id = PrefixedIdField(Suite.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True)
    cases = CasesField(read_only=True)
    last_run = serializers.SerializerMethodField()

    class Meta:
        model = Suite
        fields = ["id", "agent", "name", "gate", "cases", "last_run", "created_at", "updated_at"]
        read_only_fields = fields

    @extend_schema_field(LastRunSerializer(allow_null=True))
    def get_last_run(self, suite: Suite) -> dict[str, Any] | None:
        run = SuiteRun.objects.filter(suite=suite).order_by("-id").first()
        return dict(LastRunSerializer(run).data) if run is not None else None


class SuiteChanges(StrictSerializer):
    name = serializers.CharField(max_length=120, required=False)
    gate = serializers.BooleanField(
        required=False, help_text="Whether a draft is published only when it passes this suite."
    )
    cases = CasesField(required=False, help_text="By the schema at /suites/case-schema; names are unique.")


class SuiteInput(SuiteChanges):
    name = serializers.CharField(max_length=120)


class SourceField(serializers.Field[Any, Any, Any, Any]):
    """`draft`, or the number of a published version."""

    default_error_messages = {"invalid": "Give `draft` or the number of a published version."}

    def to_internal_value(self, data: Any) -> int | str:
        if data == DRAFT:
            return DRAFT
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data < 10**9:
            self.fail("invalid")
        return data


class RunInput(StrictSerializer):
    source = extend_schema_field(
        {"oneOf": [{"type": "string", "enum": [DRAFT]}, {"type": "integer", "minimum": 1}]}
    )(SourceField)(  # type: ignore[assignment]
        default=DRAFT, help_text="`draft`, or the number of a published version."
    )


class ComparisonQuery(serializers.Serializer[Any]):
    before = PrefixedIdField(SuiteRun.id_prefix, help_text="The earlier run of the same suite.")


class ComparedSideSerializer(serializers.Serializer[CaseRun]):
    state = serializers.ChoiceField(choices=CaseState.choices)
    problem = serializers.CharField(allow_blank=True)
    failures = CaseFailureSerializer(many=True)


class ComparedCaseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    change = serializers.ChoiceField(choices=CHANGES)
    edited = serializers.BooleanField(help_text="The case itself was changed between the two.")
    before = ComparedSideSerializer(allow_null=True)
    after = ComparedSideSerializer(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    before = RunSerializer()
    after = RunSerializer()
    cases = ComparedCaseSerializer(many=True)


class PublicationSerializer(serializers.ModelSerializer[Publication]):
    id = PrefixedIdField(Publication.id_prefix, read_only=True)
    agent = PrefixedIdField(Agent.id_prefix, source="agent_id", read_only=True)
    state = serializers.ChoiceField(
        choices=PublicationState.choices,
        read_only=True,
        help_text="outdated: the draft was changed while the suites ran.",
    )
    detail = serializers.CharField(read_only=True, help_text="Why it was not published, in words.")
    version = serializers.IntegerField(
        source="version.number", default=None, allow_null=True, read_only=True, help_text="Once published."
    )
    asked_by = serializers.SerializerMethodField(help_text="E-mail address.")
    runs = serializers.SerializerMethodField()

    class Meta:
        model = Publication
        fields = [
            "id",
            "agent",
            "state",
            "detail",
            "note",
            "version",
            "asked_by",
            "runs",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields

    def get_asked_by(self, publication: Publication) -> str | None:
        return _email(publication.asked_by)

    @extend_schema_field(RunSerializer(many=True))
    def get_runs(self, publication: Publication) -> list[dict[str, Any]]:
        runs = sorted(publication.runs.all(), key=lambda run: run.pk)
        return [dict(RunSerializer(run).data) for run in runs]


def verdicts_of(version: AgentVersion) -> list[dict[str, Any]]:
    """For `agents.verdicts`."""
    return [
        {
            "suite": to_public(Suite.id_prefix, run.suite_id),
            "name": run.suite.name,
            "run": run.public_id,
            "state": run.state,
            "total": run.total,
            "passed": run.passed,
            "ended_at": run.ended_at,
        }
        for run in runs_of_version(version)
    ]
