"""What is the platform's, not a tenant's: events from Stripe, and how its books compare with ours."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.payments.models.customers import STRIPE_ID
from tenants.models import Timed

GIVEN_UP = Q(done_at__isnull=False) & ~Q(problem="")
"""Events that nothing more happens of by itself: staff look at them, and try them again."""


class StripeEvent(Timed):
    """Stripe said that something about an object has changed. What it is now is asked there: events come
    late, twice, and in any order. Without the event's content, which is people's.

    `problem`: of one that is not done, why it waits; of one that is, why it was given up.
    """

    event_id = models.CharField(max_length=STRIPE_ID, unique=True)
    type = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=60)
    object_id = models.CharField(max_length=STRIPE_ID)
    intent_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    customer_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(done_at=None), name="payments_event_waiting"),
            models.Index(fields=["-id"], condition=GIVEN_UP, name="payments_event_given_up"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class StripeReconciliation(Timed):
    """Stripe's balance transactions of one UTC day beside the ledgers' account `stripe`. `problem`: why it
    could not be made; then it is tried again.

    The platform's own movements are not in the ledgers; here they are summed up, signed, in millionths of the
    account's currency: `fees_micros` that Stripe took, `payouts_micros` to the bank, `others_micros`.
    """

    day = models.DateField(unique=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    checked = models.PositiveIntegerField(default=0, help_text="Movements that were compared.")
    passed_over = models.PositiveIntegerField(
        default=0, help_text="Movements that are no tenant's: payouts, fees."
    )
    fees_micros = models.BigIntegerField(default=0)
    payouts_micros = models.BigIntegerField(default=0)
    others_micros = models.BigIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return str(self.day)


class DifferenceKind(models.TextChoices):
    MISSING_HERE = "missing_here"
    MISSING_AT_STRIPE = "missing_at_stripe"
    AMOUNT = "amount"


class StripeDifference(Timed):
    """Something that Stripe and we tell differently. Staff only see it; it outlives the tenant."""

    reconciliation = models.ForeignKey(StripeReconciliation, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=17, choices=DifferenceKind.choices)
    stripe_id = models.CharField(max_length=STRIPE_ID, blank=True)
    reference = models.CharField(max_length=STRIPE_ID, blank=True)
    whose = models.UUIDField(null=True, blank=True, help_text="The tenant's id, where it is known.")
    stripe_micros = models.BigIntegerField(null=True, blank=True)
    our_micros = models.BigIntegerField(null=True, blank=True)
    words = models.CharField(max_length=500)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.words
