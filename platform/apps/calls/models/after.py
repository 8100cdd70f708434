"""What people add to a call after it: tags, notes, links to share it; and what was taken out of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from apps.calls.models.call import Call
from apps.calls.models.events import SPEAKERS
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


class RedactionKind(models.TextChoices):
    """By whose rule: a person's, or one of the agent's `redact`."""

    MANUAL = "manual", "By hand"
    CARDS = "cards", "A card number"
    DIGITS = "digits", "Digits"
    KEYS = "keys", "Keys"


class Redaction(TenantModel):
    """What was taken out of a call, and when in it; what it was is kept nowhere.

    `speaker` is the side whose sound is silenced from `start_ms` to `end_ms` (from the answer); "": both.
    `turn`: the index of the turn whose words were masked, where it was one. The words go in the transaction
    that writes this row; the sound a moment later, and until then nobody hears the recording
    (`Recording.sealed`). A recording that arrives, or arrives again, is silenced before anybody hears it.
    """

    id_prefix = "red_"

    call = _call(db_index=False)
    kind = models.CharField(max_length=6, choices=RedactionKind)
    start_ms = models.IntegerField()
    end_ms = models.IntegerField()
    speaker = models.CharField(max_length=6, blank=True, choices=SPEAKERS)
    turn = models.PositiveIntegerField(null=True, blank=True)
    made_by = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True, help_text="Since when the sound is silent too.")
    problem = models.CharField(max_length=1_000, blank=True, help_text="Why it was not silenced yet.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["call", "-id"], name="calls_redaction_of_call")]
        constraints = [
            models.CheckConstraint(condition=Q(end_ms__gt=F("start_ms")), name="calls_redaction_of_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.start_ms} to {self.end_ms}"
