"""What agents promised and sent in their calls. `key` is the node's: a request that comes twice does nothing
twice."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel

CALL = "calls.Call"


def _reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """To another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(to, on_delete=models.PROTECT, db_constraint=False, related_name="+", **options)


class CallbackState(models.TextChoices):
    """`taken`: whoever dials the other side anyway keeps the promise (`takers`)."""

    WAITING = "waiting"
    TAKEN = "taken"
    PLACED = "placed"
    CANCELLED = "cancelled"
    FAILED = "failed"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Callback(TenantModel):
    """The other side of `call` is to be called again at `at`, by the same agent over the same number.

    `placed_call`: what came of it. `problem`: why it was not placed, in words.
    """

    id_prefix = "cbk_"

    call = _reference(CALL)
    key = models.CharField(max_length=80)
    to_number = models.CharField(max_length=16)
    at = models.DateTimeField()
    note = models.CharField(max_length=1_000, blank=True)
    state = models.CharField(max_length=10, choices=CallbackState.choices, default=CallbackState.WAITING)
    placed_call = _reference(CALL, null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["call", "key"], name="followups_callback_once"),
            models.CheckConstraint(
                condition=Q(state=CallbackState.PLACED, placed_call__isnull=False)
                | (~Q(state=CallbackState.PLACED) & Q(placed_call=None)),
                name="followups_callback_placed_has_call",
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"], name="followups_callback_waiting", condition=Q(state=CallbackState.WAITING)
            ),
            models.Index(fields=["tenant", "-id"], name="followups_callback_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.to_number} {self.at}"


class MessageState(models.TextChoices):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class TextMessage(TenantModel):
    """A text message to the other side of `call`, from the number it came by. `carrier_id`: the carrier's
    name for it once it is `sent`."""

    id_prefix = "msg_"

    call = _reference(CALL)
    key = models.CharField(max_length=80)
    from_number = models.CharField(max_length=16)
    to_number = models.CharField(max_length=16)
    text = models.CharField(max_length=1_000)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    carrier_id = models.CharField(max_length=100, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text="Of a queued one: when it is tried next.")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="followups_textmessage_once")]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="followups_message_queued",
                condition=Q(state=MessageState.QUEUED),
            ),
            models.Index(fields=["tenant", "-id"], name="followups_message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.to_number} {self.state}"
