"""What people add to a call after it: tags, notes, links to share it; and what was taken out of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from apps.calls.models.call import Call
from tenants.models import TenantModel

TAG_CHARS = 50


def _call(**options: Any) -> models.ForeignKey[Any, Any]:
    """Its constraint is composite, in the migration."""
    return models.ForeignKey(Call, on_delete=models.PROTECT, db_constraint=False, related_name="+", **options)


class CallTag(TenantModel):
    """A tag of a call, for finding calls by it. `Call.tags` shows all of them; one service writes both."""

    call = _call(db_index=False)
    name = models.CharField(max_length=TAG_CHARS, db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "name"], name="calls_calltag_once")]
        indexes = [models.Index(fields=["tenant", "name", "-call"], name="calls_calltag_found")]

    def __str__(self) -> str:
        return self.name


class CallNote(TenantModel):
    """What somebody notes of a call. `at_ms`: of which moment, from the answer. `author`: the public id of
    who wrote it, a person or an API key; `author_name` as it was then."""

    id_prefix = "note_"

    call = _call(db_index=False)
    text = models.TextField(max_length=4_000)
    at_ms = models.PositiveIntegerField(null=True, blank=True)
    author = models.CharField(max_length=40)
    author_name = models.CharField(max_length=300)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["call", "-id"], name="calls_callnote_of_call")]

    def __str__(self) -> str:
        return self.text[:60]


class CallShare(TenantModel):
    """A link to a call for somebody without an account. Of its token only the SHA-256 is kept, so that it is
    shown once. `opened`: how often the page was read."""

    id_prefix = "shr_"

    call = _call(db_index=False)
    digest = models.BinaryField(max_length=32, unique=True)
    recording = models.BooleanField(default=False)
    transcript = models.BooleanField(default=False)
    analysis = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    made_by = models.CharField(max_length=300)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["call", "-id"], name="calls_callshare_of_call")]

    def __str__(self) -> str:
        return f"{self.call_id} until {self.expires_at:%Y-%m-%d %H:%M}"


class RedactionSource(models.TextChoices):
    HAND = "hand", "By hand"
    AUTOMATIC = "automatic", "By the agent's rules"


class Redaction(TenantModel):
    """What was taken out of a call; what it was is kept nowhere.

    `spans`: where sound is silenced, [{"start_ms", "end_ms" (from the answer), "side": caller, agent or
    both}]. `turns`: indexes of the turns whose words were masked. The words go in the transaction that writes
    this row; the sound a moment later, and until then (`done_at` is null) nobody hears the recording.
    """

    id_prefix = "red_"

    call = _call(db_index=False)
    source = models.CharField(max_length=9, choices=RedactionSource)
    spans = models.JSONField(default=list)
    turns = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["call", "-id"], name="calls_redaction_of_call"),
            models.Index(fields=["id"], name="calls_redaction_open", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.source}"
