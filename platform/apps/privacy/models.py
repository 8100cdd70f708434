"""How long what is kept, what may not go, what went, and what one person asked for."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel

LONGEST_DAYS = 3_650


def _reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """To another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, related_name="+", **options)


class Kind(models.TextChoices):
    """Kinds of data that are kept for different times.

    `calls` are the rows themselves with their numbers, and take everything of the call with them; what a call
    cost stays in the ledger, which names nobody.
    """

    RECORDINGS = "recordings", "Recordings"
    CAPTURES = "captures", "Captured packets and SIP messages"
    TRANSCRIPTS = "transcripts", "Transcripts, with what was extracted, notes and summaries"
    CALLS = "calls", "Calls, with everything of them"
    CONTACTS = "contacts", "Contacts of campaigns that are over"
    MESSAGES = "messages", "Text messages and callbacks"
    DELIVERIES = "deliveries", "Events and their deliveries to webhooks"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Retention(TenantModel):
    """So many days after its end a kind of data goes. No row: it is kept for as long as the tenant is."""

    kind = models.CharField(max_length=11, choices=Kind)
    days = models.PositiveIntegerField()

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="privacy_retention_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=LONGEST_DAYS), name="privacy_retention_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class LegalHold(TenantModel):
    """What must not go until the hold is released: a call, all of a phone number, or everything (neither).

    It wins over retention, over a deletion by hand and over a person's request, which then says so.
    """

    id_prefix = "lgh_"

    name = models.CharField(max_length=200)
    reason = models.TextField(max_length=2_000)
    call = _reference("calls.Call", null=True, blank=True)
    e164 = models.CharField(max_length=16, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(call=None) | Q(e164=""), name="privacy_hold_of_one_thing")
        ]
        indexes = [
            models.Index(fields=["tenant", "e164"], name="privacy_hold_live", condition=Q(released_at=None))
        ]

    def __str__(self) -> str:
        return self.name


class Purge(TenantModel):
    """What one night's purge deleted, and the proof: for each kind how many, the oldest and newest time,
    and a SHA-256 over the sorted ids (and the files' own SHA-256), so that who kept a list can compare.

    `kinds`: {kind: {"days", "rows", "files", "bytes", "oldest", "newest", "digest", "held"}}; held ones stay.
    `left`: what was due and is still there (0 is the proof), counted after the deletion. `files_gone`: each
    file was asked for again and was not there. `ended_at` is empty while it goes on, or is tried again.
    """

    id_prefix = "prg_"

    day = models.DateField()
    kinds = models.JSONField(default=dict)
    left = models.PositiveIntegerField(default=0)
    files_gone = models.BooleanField(default=False)
    problem = models.CharField(max_length=1_000, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "day"], name="privacy_purge_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class Erased(TenantModel):
    """A row that went, and its file, written in the transaction that took the row: so no file is forgotten,
    whatever dies then. `file_gone_at`: when the storage was asked and had it no more.

    Of a purge these are the evidence that its proof is computed from, and go with it; of a person's request
    (no `purge`) as soon as the file is gone.
    """

    purge = _reference("privacy.Purge", null=True, blank=True)
    kind = models.CharField(max_length=11, blank=True)
    row = models.UUIDField()
    at = models.DateTimeField(help_text="The time that its age was counted from.")
    storage = models.CharField(max_length=20, blank=True, help_text="The storage's name; empty: no file.")
    storage_key = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    file_gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["row", "storage_key"]
        indexes = [
            models.Index(fields=["purge", "kind", "row", "storage_key"], name="privacy_erased_of_purge"),
            models.Index(
                fields=["tenant", "id"],
                name="privacy_erased_file_left",
                condition=~Q(storage="") & Q(file_gone_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"


class RequestKind(models.TextChoices):
    EXPORT = "export", "Export"
    DELETION = "deletion", "Deletion"


class RequestState(models.TextChoices):
    """`held`: a legal hold keeps what was to be deleted; it goes on by itself when that is released."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    HELD = "held", "Held back"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "e164", "progress", "leased_until"],
)
class PersonRequest(TenantModel):
    """Everything of one person, found by the phone number: exported as a file, or deleted.

    After a deletion `e164` is emptied too; `digest` (a keyed one) still tells whether this number was asked
    for. `report`: what was found and done, by kind. `storage_key`: the export, until `expires_at`.
    """

    id_prefix = "prq_"

    kind = models.CharField(max_length=8, choices=RequestKind)
    e164 = models.CharField(max_length=16, blank=True)
    digest = models.CharField(max_length=64)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=7, choices=RequestState, default=RequestState.WAITING)
    progress = models.FloatField(default=0)
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=1_000, blank=True)
    storage_key = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"],
                name="privacy_request_open",
                condition=Q(state__in=[RequestState.WAITING, RequestState.RUNNING, RequestState.HELD]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
