"""Carriers' records of calls beside ours. Platform tables for staff: no tenant reads them.

They hold no number of the people who called or were called, so that whoever deletes a person need not look
here: a carrier's record is found at the carrier by its id, a call of ours by its own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.models import Timed


class ReconciliationState(models.TextChoices):
    """`done` ones are gone through again while the carrier has calls without a price."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Reconciliation(Timed):
    """One carrier's records of one day (UTC), compared with our calls over that carrier's numbers.

    Sums are of that day's calls on each side, matched or not; `theirs_micros` is what the carrier takes,
    `ours_micros` what tenants were charged for the telephony of their calls. `unpriced`: calls for which the
    carrier names no price yet. `used` is all that the carrier bills for the day, by category, numbers and
    messages too: UsageLine without its day. After a failure `problem` says why, and it is tried again at
    `next_at`.
    """

    id_prefix = "rec_"

    carrier = models.CharField(max_length=20)
    day = models.DateField()
    state = models.CharField(max_length=7, choices=ReconciliationState, default=ReconciliationState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="Empty: nothing more is to be done.")
    problem = models.CharField(max_length=1_000, blank=True, default="")
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the last time that all was compared."
    )
    ours_calls = models.PositiveIntegerField(default=0)
    theirs_calls = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    unpriced = models.PositiveIntegerField(default=0)
    ours_seconds = models.PositiveBigIntegerField(default=0)
    theirs_seconds = models.PositiveBigIntegerField(default=0)
    ours_micros = models.BigIntegerField(default=0)
    theirs_micros = models.BigIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    used = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-day", "carrier"]
        constraints = [
            models.UniqueConstraint(fields=["carrier", "day"], name="statements_reconciliation_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="statements_reconciling_due", condition=Q(next_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.carrier}, {self.day}"


class DifferenceKind(models.TextChoices):
    MISSING_HERE = "missing_here", "The carrier has a call that we do not have"
    MISSING_THERE = "missing_there", "We have a call that the carrier does not have"
    DURATION = "duration", "Another duration"
    PRICE = "price", "Another price than the rate foresees"
    LOSS = "loss", "The carrier takes more than the tenant was charged"
    UNCHARGED = "uncharged", "The call was not charged here"


class Difference(Timed):
    """Where a carrier's record and ours do not agree. `of_tenant` and `call` are ids and no references."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.CASCADE, related_name="found")
    kind = models.CharField(max_length=13, choices=DifferenceKind)
    of_tenant = models.UUIDField(null=True, blank=True)
    call = models.UUIDField(null=True, blank=True)
    record = models.CharField(
        max_length=100, blank=True, default="", help_text="The carrier's id of the call."
    )
    direction = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    ours_seconds = models.PositiveIntegerField(null=True, blank=True)
    theirs_seconds = models.PositiveIntegerField(null=True, blank=True)
    ours_micros = models.BigIntegerField(null=True, blank=True)
    theirs_micros = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")

    class Meta:
        ordering = ["started_at", "id"]
        indexes = [models.Index(fields=["reconciliation", "kind"], name="statements_difference_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.record or self.call})"
