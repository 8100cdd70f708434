"""Test suites of agents, their runs, and publications that wait for them."""

from __future__ import annotations

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from apps.agents.models import Agent, AgentVersion
from apps.calls.models import Call
from telephony.edge.models import MediaNode
from tenants.models import TenantModel, User
from tenants.secrets import EncryptedText


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Suite(TenantModel):
    """Cases (contract `simulation.Case` as JSON, each with a name of its own) that an agent must pass.
    `gate`: its draft is published only when it does."""

    id_prefix = "suite_"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    name = models.CharField(max_length=120)
    gate = models.BooleanField(default=False)
    cases = models.JSONField(default=list)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["agent", "name"], name="suites_suite_name_once")]

    def __str__(self) -> str:
        return self.name


class PublicationState(models.TextChoices):
    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"
    OUTDATED = "outdated"
    CANCELLED = "cancelled"


class Publication(TenantModel):
    """A draft that is to be published once its gating suites have passed it. `outdated`: it was changed
    meanwhile, so that what passed is not what would be published."""

    id_prefix = "pub_"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=PublicationState, default=PublicationState.RUNNING)
    detail = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey(
        AgentVersion, null=True, blank=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state="running"), name="suites_publication_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.state}"


class RunState(models.TextChoices):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SuiteRun(TenantModel):
    """A suite, played against a configuration as it was when the run began: `version`, else the draft.
    `api_keys` (`agents.model_keys`) are kept while it runs."""

    id_prefix = "run_"

    suite = models.ForeignKey(Suite, on_delete=models.CASCADE, db_constraint=False, related_name="runs")
    version = models.ForeignKey(
        AgentVersion, null=True, blank=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.CASCADE, db_constraint=False, related_name="runs"
    )
    config = models.JSONField(help_text="Contract AgentConfig, less its keys.")
    api_keys = EncryptedText(blank=True, default="")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    total = models.PositiveIntegerField()
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    started_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["suite", "-id"], name="suites_run_of_suite"),
            models.Index(fields=["version"], name="suites_run_of_version"),
            models.Index(fields=["tenant"], condition=Q(state="running"), name="suites_run_running"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"


class CaseState(models.TextChoices):
    PENDING = "pending"
    CALLING = "calling"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (CaseState.PENDING, CaseState.CALLING, CaseState.RUNNING)


class CaseRun(TenantModel):
    """One case of a run. `pending` waits for a media node, `calling` for the end of its call (over audio),
    and is `pending` again then; `running` is with `node` until `deadline`."""

    id_prefix = "case_"

    run = models.ForeignKey(SuiteRun, on_delete=models.CASCADE, db_constraint=False, related_name="cases")
    position = models.PositiveIntegerField()
    case = models.JSONField()
    state = models.CharField(max_length=9, choices=CaseState, default=CaseState.PENDING)
    attempt = models.PositiveSmallIntegerField(default=0)
    waiting_since = models.DateTimeField()
    node = models.ForeignKey(MediaNode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    node_boot = models.UUIDField(null=True, blank=True, help_text="The life of the node that has it.")
    deadline = models.DateTimeField(null=True, blank=True)
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    record = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder, help_text="CaseRecord.")
    failures = models.JSONField(default=list, help_text="Contract Failures.")
    problem = models.TextField(blank=True, help_text="Why it could not be played.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="suites_caserun_once")]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(state="running"), name="suites_caserun_late"),
            models.Index(fields=["call"], condition=Q(call__isnull=False), name="suites_caserun_of_call"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.position}"

    @property
    def name(self) -> str:
        return str(self.case["name"])
