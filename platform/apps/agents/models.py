"""Agents and their published versions. A configuration is contract `AgentConfig` as JSON, less its secret."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel, User
from tenants.secrets import EncryptedText


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "draft_api_keys"],
)
class Agent(TenantModel):
    """Something that speaks on the telephone: a draft to work on, and the version that takes calls.

    `draft` always holds a valid configuration whose `api_key`s are null; the keys themselves lie encrypted
    in `draft_api_keys` (`model_keys`). While two versions are compared, `split_version` takes a share of the
    calls (`versions`). An archived agent stays for the calls it took.
    """

    id_prefix = "agt_"

    name = models.CharField(max_length=200)
    draft = models.JSONField()
    draft_api_keys = EncryptedText(blank=True, default="")
    published_version = models.ForeignKey(
        "AgentVersion", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    split_version = models.ForeignKey(
        "AgentVersion", null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    split_percent = models.PositiveSmallIntegerField(
        default=0, help_text="So many of 100 calls get the split version instead of the published one."
    )
    split_since = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(split_version=None, split_percent=0, split_since=None)
                | Q(
                    split_version__isnull=False,
                    published_version__isnull=False,
                    split_percent__gte=1,
                    split_percent__lte=99,
                    split_since__isnull=False,
                ),
                name="agents_split_is_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AgentVersion(TenantModel):
    """A published configuration. It never changes: a trigger refuses it; calls refer to it for good."""

    id_prefix = "agv_"

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_constraint=False, related_name="versions")
    number = models.PositiveIntegerField()
    config = models.JSONField()
    api_keys = EncryptedText(blank=True, default="")
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["agent", "number"], name="agents_version_number_once")]
        triggers = [
            # `created_by` empties when the person leaves; `api_keys` is written anew when keys rotate.
            pgtrigger.Trigger(
                name="immutable",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.AnyChange("tenant", "agent", "number", "config", "note", "created_at"),
                func="RAISE EXCEPTION 'a published version cannot be changed';",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} v{self.number}"
