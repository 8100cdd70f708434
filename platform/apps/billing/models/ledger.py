"""A tenant's money: integer micro-units, never a float."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tenants.models import TenantModel

CURRENCY = "USD"


class Wallet(TenantModel):
    """What a tenant has. `held_micros` of the balance are promised to calls that have not ended."""

    currency = models.CharField(max_length=3, default=CURRENCY)
    balance_micros = models.BigIntegerField(default=0)
    held_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="billing_wallet_once"),
            models.CheckConstraint(
                condition=Q(held_micros__gte=0, held_micros__lte=F("balance_micros")),
                name="billing_wallet_never_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.balance_micros} {self.currency} micros"

    @property
    def available_micros(self) -> int:
        return self.balance_micros - self.held_micros


class Hold(TenantModel):
    """What a call may cost at most, out of the wallet until the call is settled.

    `call` is the id of a call, not a reference: calls know of money, money knows no calls. The call is
    charged by the price that it was promised at, `per_minute_micros`, whatever the price has become since.
    """

    call = models.UUIDField()
    amount_micros = models.BigIntegerField()
    per_minute_micros = models.BigIntegerField()
    settled_micros = models.BigIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "call"], name="billing_hold_once"),
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="billing_hold_of_something"),
            models.CheckConstraint(
                condition=Q(settled_micros=None)
                | Q(settled_micros__gte=0, settled_micros__lte=F("amount_micros")),
                name="billing_hold_never_exceeded",
            ),
            models.CheckConstraint(
                condition=Q(settled_micros=None, settled_at=None)
                | Q(settled_micros__isnull=False, settled_at__isnull=False),
                name="billing_hold_settled_at_a_time",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="settled_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__settled_micros__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_micros} for {self.call}"


class MovementKind(models.TextChoices):
    CREDIT = "credit", "Credit"
    CHARGE = "charge", "Charge"


class Movement(TenantModel):
    """A change of a balance: added once and never touched again. Their sum is the balance."""

    kind = models.CharField(max_length=6, choices=MovementKind)
    amount_micros = models.BigIntegerField(help_text="Signed: a charge is negative.")
    why = models.CharField(max_length=300)
    call = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="billing_movement_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "call"], condition=Q(call__isnull=False), name="billing_movement_call_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=MovementKind.CREDIT, amount_micros__gt=0)
                | Q(kind=MovementKind.CHARGE, amount_micros__lt=0),
                name="billing_movement_sign",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_micros}"
