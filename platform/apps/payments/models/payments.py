"""Payments, and what came back of them. Money in integer micro-units."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models
from django.db.models import F, Q

from apps.billing.models import CURRENCY
from apps.payments.models.customers import STRIPE_ID
from tenants.models import TenantModel


class PaymentKind(models.TextChoices):
    """A person's, the card's by itself, or a plan's."""

    TOP_UP = "top_up"
    RECHARGE = "recharge"
    SUBSCRIPTION = "subscription"


class PaymentState(models.TextChoices):
    """`processing`: the bank takes days. `action_needed`: somebody has to confirm it, or pay otherwise, at
    `pay_url`. `failing`: the card declined and is tried again. The last three are for good."""

    PENDING = "pending"
    PROCESSING = "processing"
    ACTION_NEEDED = "action_needed"
    FAILING = "failing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = [
    PaymentState.PENDING,
    PaymentState.PROCESSING,
    PaymentState.ACTION_NEEDED,
    PaymentState.FAILING,
]


def _once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=[name], condition=~Q(**{name: ""}), name=f"payments_payment_{name}")


class Payment(TenantModel):
    """Money from a tenant's card. `amount_micros` is what it adds to the wallet (of a plan: what the plan
    costs), `tax_micros` what Stripe adds to that.

    Made before Stripe is asked, so that nothing is ever paid that we do not know of. `attempts`: of the card;
    `next_at`: when an open one is looked at next. `problem`: in words, with what to do; `problem_code`: the
    bank's reason.
    """

    id_prefix = "pay_"

    kind = models.CharField(max_length=12, choices=PaymentKind.choices)
    state = models.CharField(max_length=13, choices=PaymentState.choices, default=PaymentState.PENDING)
    amount_micros = models.BigIntegerField()
    tax_micros = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default=CURRENCY)
    session_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    invoice_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    intent_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    charge_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    card_brand = models.CharField(max_length=30, blank=True, default="")
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    problem = models.CharField(max_length=500, blank=True, default="")
    problem_code = models.CharField(max_length=60, blank=True, default="")
    pay_url = models.CharField(max_length=2_000, blank=True, default="")
    receipt_url = models.CharField(max_length=2_000, blank=True, default="")
    invoice_url = models.CharField(max_length=2_000, blank=True, default="")
    saves_card = models.BooleanField(
        default=False, help_text="Its card is still to become the one that is charged by itself."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    refunded_micros = models.BigIntegerField(default=0)
    disputed_micros = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="payments_payment_newest"),
            models.Index(fields=["next_at"], condition=Q(state__in=OPEN), name="payments_payment_open"),
        ]
        constraints = [
            *(_once(name) for name in ("session_id", "invoice_id", "intent_id", "charge_id")),
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(kind=PaymentKind.RECHARGE, state__in=OPEN),
                name="payments_payment_one_recharge",
            ),
            models.CheckConstraint(
                condition=Q(amount_micros__gt=0, tax_micros__gte=0), name="payments_payment_positive"
            ),
            models.CheckConstraint(
                condition=Q(refunded_micros__gte=0, refunded_micros__lte=F("amount_micros")),
                name="payments_payment_refunded",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.SUCCEEDED, succeeded_at__isnull=False)
                | (~Q(state=PaymentState.SUCCEEDED) & Q(succeeded_at=None)),
                name="payments_payment_succeeded_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_micros} {self.state}"

    @property
    def total_micros(self) -> int:
        """What the card pays."""
        return self.amount_micros + self.tax_micros

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def _of_payment(related_name: str) -> models.ForeignKey[Any, Any]:
    """The constraint is composite, in the migration."""
    return models.ForeignKey(
        Payment, on_delete=models.PROTECT, db_constraint=False, related_name=related_name
    )


class RefundState(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@pghistory.track(pghistory.InsertEvent(), exclude=["updated_at"])
class Refund(TenantModel):
    """Money on its way back to the card, asked for here (`asked_here`) or in Stripe's dashboard.

    `amount_micros` of it were the wallet's, `tax_micros` the tax. `next_at`: when one that Stripe does not
    know yet is sent there, and when one that it has not finished is asked about.
    """

    id_prefix = "ref_"

    payment = _of_payment("refunds")
    stripe_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    state = models.CharField(max_length=9, choices=RefundState.choices, default=RefundState.PENDING)
    asked_here = models.BooleanField()
    amount_micros = models.BigIntegerField()
    tax_micros = models.BigIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True, default="")
    problem = models.CharField(max_length=500, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state=RefundState.PENDING),
                name="payments_refund_pending",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], condition=~Q(stripe_id=""), name="payments_refund_stripe_id"
            ),
            models.CheckConstraint(
                condition=Q(amount_micros__gte=0, tax_micros__gte=0), name="payments_refund_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_micros} {self.state}"


class Dispute(TenantModel):
    """The card's holder told the bank that the payment was not right. `state` and `reason` are Stripe's; the
    money is gone as long as `withdrawn_micros` is more than `returned_micros` (both with tax)."""

    payment = _of_payment("disputes")
    stripe_id = models.CharField(max_length=STRIPE_ID, unique=True)
    state = models.CharField(max_length=40)
    reason = models.CharField(max_length=60)
    amount_micros = models.BigIntegerField()
    withdrawn_micros = models.BigIntegerField(default=0)
    returned_micros = models.BigIntegerField(default=0)
    evidence_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reason} {self.state}"
