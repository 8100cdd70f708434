"""What is promised out of a wallet, and what became of it when a call was charged."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.billing.models.ledger import APPEND_ONLY, Entry
from apps.billing.models.ledger_triggers import SETTLED_ONCE
from tenants.models import TenantModel


class HoldSubject(models.TextChoices):
    """For what money is held."""

    CALL = "call", "Call"
    NUMBER_ORDER = "number_order", "Number order"


class Hold(TenantModel):
    """Money that is promised to a call or an order, out of the wallet until it is settled.

    `subject_id` is an id, not a reference: calls know of money, money knows no calls. A call's hold grows
    with it: `held_ms` of the call are paid for, and `most_ms` is the longest that it may be. Until `from_ms`
    it takes `before_micros`, from there on `per_minute_micros` in whole steps of `rounding_s`
    (`apps.billing.growing`): what it takes of a minute changes with its further `legs`, {key: micro-units a
    minute}. It is charged by its `tariff`, whatever prices have become since. `included_ms` of the plan's
    minutes are promised to it as well. `counted_on` lists whose limits it counts on, as [scope, hexadecimal
    id], in the day and the month of `created_at`. `short_since`: its money ends.
    """

    id_prefix = "hold_"

    created_at = models.DateTimeField(default=timezone.now)
    subject = models.CharField(max_length=12, choices=HoldSubject, default=HoldSubject.CALL)
    subject_id = models.UUIDField()
    amount_micros = models.BigIntegerField()
    per_minute_micros = models.BigIntegerField(default=0)
    rounding_s = models.PositiveSmallIntegerField(default=1)
    from_ms = models.BigIntegerField(default=0)
    before_micros = models.BigIntegerField(default=0)
    legs: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    included_ms = models.BigIntegerField(default=0)
    held_ms = models.BigIntegerField(default=0)
    most_ms = models.BigIntegerField(default=0)
    tariff = models.JSONField(default=dict, blank=True)
    counted_on: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    short_since = models.DateTimeField(null=True, blank=True)
    settled_micros = models.BigIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="billing_hold_newest"),
            models.Index(
                fields=["tenant", "subject"], condition=Q(settled_micros=None), name="billing_hold_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "subject_id"], name="billing_hold_once"),
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="billing_hold_not_negative"),
            models.CheckConstraint(condition=Q(held_ms__lte=F("most_ms")), name="billing_hold_within_most"),
            models.CheckConstraint(
                condition=Q(settled_micros=None, settled_at=None)
                | Q(settled_micros__gte=0, settled_at__isnull=False),
                name="billing_hold_settled_at_a_time",
            ),
        ]
        triggers = [SETTLED_ONCE]

    def __str__(self) -> str:
        return f"{self.amount_micros} for {self.subject} {self.subject_id}"


class CallCharge(TenantModel):
    """What a call cost: its lines summed up, what of that the wallet paid, and what was written off because
    the wallet had no more. `entry` is empty for a call that cost nothing."""

    call = models.UUIDField()
    entry = models.ForeignKey(
        Entry, null=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    total_micros = models.BigIntegerField()
    charged_micros = models.BigIntegerField()
    written_off_micros = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "call"], name="billing_callcharge_once"),
            models.CheckConstraint(
                condition=Q(
                    charged_micros__gte=0,
                    written_off_micros__gte=0,
                    total_micros=F("charged_micros") + F("written_off_micros"),
                ),
                name="billing_callcharge_adds_up",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.total_micros} for {self.call}"


class ChargeLine(TenantModel):
    """One line of what a call cost; see `apps.billing.values.Line`."""

    charge = models.ForeignKey(
        CallCharge, on_delete=models.PROTECT, db_constraint=False, related_name="lines"
    )
    position = models.PositiveSmallIntegerField()
    component = models.CharField(max_length=20)
    what = models.CharField(max_length=200, blank=True)
    quantity = models.BigIntegerField()
    unit = models.CharField(max_length=20)
    price_micros = models.BigIntegerField()
    per = models.BigIntegerField()
    amount_micros = models.BigIntegerField()
    own_key = models.BooleanField(default=False)

    class Meta:
        ordering = ["charge_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["charge", "position"], name="billing_chargeline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, price_micros__gte=0, amount_micros__gte=0, per__gt=0),
                name="billing_chargeline_not_negative",
            ),
        ]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.component} {self.amount_micros}"
