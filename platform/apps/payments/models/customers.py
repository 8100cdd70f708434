"""What a tenant has at Stripe: a customer with a card, a subscription; and when its balance fills itself."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from tenants.models import TenantModel

STRIPE_ID = 255
"""Stripe promises no more than that."""


class Customer(TenantModel):
    """The tenant at Stripe, and the card that is charged when nobody is there. `asked_at`: when Stripe was
    asked for what is known of the card; an answer to an older question changes nothing. `gone_at`: since when
    it is known that Stripe has deleted it; the next visit there makes a new one."""

    stripe_id = models.CharField(max_length=STRIPE_ID, unique=True)
    card_id = models.CharField(max_length=STRIPE_ID, blank=True, default="")
    card_brand = models.CharField(max_length=30, blank=True, default="")
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    card_exp_month = models.PositiveSmallIntegerField(null=True, blank=True)
    card_exp_year = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="payments_customer_once")]

    def __str__(self) -> str:
        return self.stripe_id


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "problem"],
)
class Recharge(TenantModel):
    """When what is free in the wallet falls below the threshold, the card is charged with the amount.

    `paused_at`: since when it is not tried any more, because the card did not pay; `problem` says so in
    words, or which limit keeps it.
    """

    enabled = models.BooleanField(default=False)
    threshold_micros = models.BigIntegerField(default=5_000_000)
    amount_micros = models.BigIntegerField(default=20_000_000)
    day_limit_micros = models.BigIntegerField(null=True, blank=True)
    month_limit_micros = models.BigIntegerField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="payments_recharge_once"),
            models.CheckConstraint(
                condition=Q(threshold_micros__gte=0, amount_micros__gt=0), name="payments_recharge_positive"
            ),
            models.CheckConstraint(
                condition=(Q(day_limit_micros=None) | Q(day_limit_micros__gte=F("amount_micros")))
                & (Q(month_limit_micros=None) | Q(month_limit_micros__gte=F("amount_micros"))),
                name="payments_recharge_limits_let_one_pass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_micros} below {self.threshold_micros}"


class SubscriptionState(models.TextChoices):
    """Stripe's states of a subscription, as few as matter here."""

    NONE = "none"
    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"


class Subscription(TenantModel):
    """What the tenant pays a plan with, month by month. `made_at`: at Stripe, where of two the later one
    stays. `asked_at`: as with `Customer`."""

    stripe_id = models.CharField(max_length=STRIPE_ID, unique=True)
    plan_code = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=SubscriptionState.choices)
    period_end = models.DateTimeField(null=True, blank=True)
    cancel_at_period_end = models.BooleanField(default=False)
    pay_url = models.CharField(max_length=2_000, blank=True, default="")
    problem = models.CharField(max_length=500, blank=True, default="")
    made_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="payments_subscription_once")]

    def __str__(self) -> str:
        return f"{self.plan_code} {self.state}"
