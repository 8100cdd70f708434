"""What is known of a call after it: values that were extracted, and what it came to."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel


def _reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """To another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(to, db_constraint=False, **options)


class AnalysisState(models.TextChoices):
    """`skipped`: there was nothing to read, like a call that nobody answered; `problem` says what."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"


class Analysis(TenantModel):
    """A call's analysis: one row for each call that has ended, written over when it is analyzed anew.

    `config`: contract `CallAnalysis` and the extraction fields that it was made by; `config_digest` of it
    says whether that is still the agent's. `values` by the field's name: {"value", "turn" (index of the turn
    it came from, or null), "quote", "confidence" (0 to 1), "problem" (why there is none, in words)}.
    `sentiment`: [{"turn", "score" (-1 to 1)}] of the caller's turns. `unanswered`: [{"turn", "question"}].
    `flags`: [{"name", "turn", "words"}] of compliance. `success`: whether the agent's goals were reached,
    with `reasons` [{"criterion", "met", "turn", "words"}]; None: it has none.
    `revision` counts how often it was done; whoever works holds `leased_until`.
    """

    id_prefix = "ana_"

    call = models.OneToOneField(
        "calls.Call", on_delete=models.PROTECT, db_constraint=False, related_name="analysis"
    )
    state = models.CharField(max_length=7, choices=AnalysisState, default=AnalysisState.WAITING)
    revision = models.PositiveIntegerField(default=0)
    config = models.JSONField(default=dict)
    config_digest = models.CharField(max_length=64, blank=True)
    extractor = models.CharField(max_length=10, blank=True, help_text="rules or model.")
    vendor = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=200, blank=True)

    values = models.JSONField(default=dict)
    summary = models.TextField(blank=True)
    outcome = models.CharField(max_length=80, blank=True, help_text="In a word or two, of the agent's list.")
    success = models.BooleanField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    sentiment = models.JSONField(default=list)
    sentiment_score = models.FloatField(null=True, blank=True, help_text="-1 to 1, of the whole call.")
    topics = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    unanswered = models.JSONField(default=list)
    flags = models.JSONField(default=list)

    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="Of a waiting one: not before.")
    leased_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=1_000, blank=True, help_text="Why it failed, or failed last.")
    usage = models.JSONField(default=dict, help_text="prompt_tokens and completion_tokens.")
    analyzed_at = models.DateTimeField(null=True, blank=True)
    anew = models.BooleanField(
        default=False, db_default=False, help_text="To be done by what the agent is now, not by what it was."
    )
    rerun = _reference("analysis.Rerun", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=AnalysisState.WAITING, next_at__isnull=False)
                | (~Q(state=AnalysisState.WAITING) & Q(next_at=None, leased_until=None)),
                name="analysis_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=AnalysisState.DONE) | Q(analyzed_at__isnull=False),
                name="analysis_done_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="analysis_waiting", condition=Q(state=AnalysisState.WAITING)
            ),
            models.Index(fields=["tenant", "state", "-id"], name="analysis_by_state"),
            # Ids of calls are made in order of time, as lists of calls are.
            models.Index(fields=["tenant", "success", "-call"], name="analysis_by_success"),
            models.Index(fields=["tenant", "sentiment_score"], name="analysis_by_sentiment"),
            models.Index(fields=["rerun"], name="analysis_of_rerun", condition=Q(rerun__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.state}"


class LabelKind(models.TextChoices):
    TOPIC = "topic", "Topic"
    FLAG = "flag", "Flag"


class Label(TenantModel):
    """A topic or a flag of a call, by which lists of calls are narrowed: row-level security lets no index of
    an array be used."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=5, choices=LabelKind)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "kind", "name"], name="analysis_label_once"),
        ]
        indexes = [models.Index(fields=["tenant", "kind", "name", "-call"], name="analysis_label_by_name")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class RerunState(models.TextChoices):
    ESTIMATED = "estimated", "Estimated"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "done", "failed", "last_call"],
)
class Rerun(TenantModel):
    """Past calls of an agent analyzed anew, by `config` as it was when the rerun was asked for.

    First an estimate, which costs nothing; `start` makes it real. `last_call`: how far calls have been
    given out, from the newest back.
    """

    id_prefix = "rer_"

    agent = _reference("agents.Agent", on_delete=models.PROTECT, related_name="+")
    config = models.JSONField()
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=RerunState, default=RerunState.ESTIMATED)
    calls = models.PositiveIntegerField(default=0)
    estimate = models.JSONField(
        default=dict, help_text="prompt_tokens, completion_tokens, cost_micros, currency."
    )
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    last_call = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="analysis_rerun_newest"),
            models.Index(fields=["id"], name="analysis_rerun_running", condition=Q(state=RerunState.RUNNING)),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.state}"
