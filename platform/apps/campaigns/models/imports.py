"""Files of contacts, of numbers not to call, of consents."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from apps.campaigns.models.references import CAMPAIGN, reference
from tenants.models import TenantModel


class ImportKind(models.TextChoices):
    CONTACTS = "contacts", "Contacts"
    SUPPRESSIONS = "suppressions", "Numbers not to call"


class ImportState(models.TextChoices):
    """`uploaded` waits for a mapping, `reading` is looked through, `ready` waits for its `commit`."""

    UPLOADED = "uploaded", "Uploaded"
    READING = "reading", "Being read"
    READY = "ready", "Ready to import"
    COMMITTING = "committing", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Import(TenantModel):
    """A CSV on its way into a campaign (or a do-not-call list: no campaign, the tenant's own). All of it is
    read before any of it counts, and then all of it at once.

    `mapping`: column by what it is ("number", "time_zone", "region", "country", "external_id",
    "consent_source", "consent_at", "consent_text", "note"), and "variables": {name: column}. `preview`:
    header and first rows. `report_key`: the file of what was wrong, by row and column. `staged_key`: that of
    the good rows.
    """

    id_prefix = "imp_"

    kind = models.CharField(max_length=12, choices=ImportKind, default=ImportKind.CONTACTS)
    campaign = reference(CAMPAIGN, null=True, blank=True, on_delete=models.CASCADE)
    filename = models.CharField(max_length=255)
    storage_key = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    preview = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    read_bytes = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    good = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0, help_text="In the file, or in the campaign already.")
    refused = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=dict, help_text="Rows by why they were refused.")
    summary = models.JSONField(default=dict, help_text="Good rows by place and by what would be set aside.")
    problem = models.CharField(max_length=500, blank=True)
    staged_key = models.CharField(max_length=255, blank=True)
    report_key = models.CharField(max_length=255, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Of the worker that has it.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="campaigns_import_newest")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"
