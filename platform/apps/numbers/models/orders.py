"""Numbers on their way from a carrier to a tenant and back, and what they cost by the month."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.numbers.models.numbers import NumberType, Purpose, reference
from tenants.models import TenantModel


class OrderState(models.TextChoices):
    """Where an order is. Each step is written down before the next one begins, so that whoever dies leaves it
    to the next one:

    `pending`: its money is held; the carrier has not been asked for anything. `buying`: the carrier may
    have been told to sell it. `owned`: the carrier says that it is ours, the money is still only held.
    `active`: it is paid, and the tenant has it. `releasing`: given back by the tenant, or bought and not to
    be used; the carrier still has to be told. The others are ends.
    """

    PENDING = "pending"
    BUYING = "buying"
    OWNED = "owned"
    ACTIVE = "active"
    RELEASING = "releasing"
    RELEASED = "released"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (OrderState.RELEASED, OrderState.FAILED, OrderState.CANCELLED)
OPEN = (OrderState.PENDING, OrderState.BUYING, OrderState.OWNED, OrderState.RELEASING)
"""Where something is still to be done."""


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "attempts", "next_at", "steps", "problem"],
)
class NumberOrder(TenantModel):
    """A number that a carrier sells, from the tenant's wish until it is given back.

    `monthly_micros` and `setup_micros`, micro-units of `currency`: what the tenant agreed to pay at most;
    from `buying` on, what it pays. `cost_micros`: what the carrier takes by the month. `carrier_id`: the
    carrier's name for the number, from `owned` on. `steps`: what happened, [{"step", "at" (ISO 8601),
    "words"}]. `held`: its money is held by the wallet; one that was brought here from another carrier (a
    port) is charged for as it comes. `ends_as`: while it is `releasing`, what it is afterwards.
    """

    id_prefix = "ord_"

    e164 = models.CharField(max_length=16)
    carrier = models.CharField(max_length=20)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = models.CharField(max_length=10, choices=NumberType.choices, default=NumberType.LOCAL)
    label = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    agent = reference("agents.Agent")
    address = reference("numbers.NumberAddress")
    bundle = reference("numbers.NumberBundle")
    number = reference("numbers.PhoneNumber")
    monthly_micros = models.BigIntegerField()
    setup_micros = models.BigIntegerField()
    cost_micros = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    capabilities = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    carrier_id = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.PENDING)
    ends_as = models.CharField(max_length=10, choices=OrderState.choices, blank=True)
    held = models.BooleanField(default=True)
    steps = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="When it is tried next.")
    problem = models.CharField(max_length=500, blank=True)
    problem_code = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=OPEN), name="numbers_order_due"),
            models.Index(fields=["tenant", "-id"], name="numbers_order_newest"),
        ]
        constraints = [
            # Over all tenants: nobody buys what another is buying, or has.
            models.UniqueConstraint(
                fields=["e164"], condition=~Q(state__in=ENDED), name="numbers_order_open_once"
            ),
            models.CheckConstraint(
                condition=Q(monthly_micros__gte=0, setup_micros__gte=0), name="numbers_order_prices"
            ),
            models.CheckConstraint(
                condition=Q(state=OrderState.RELEASING) & ~Q(ends_as="")
                | ~Q(state=OrderState.RELEASING) & Q(ends_as=""),
                name="numbers_order_releasing_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.ACTIVE) | (Q(number__isnull=False) & ~Q(carrier_id="")),
                name="numbers_order_active_is_owned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.state}"

    @property
    def most_micros(self) -> int:
        """What is held: set-up and the first month."""
        return self.setup_micros + self.monthly_micros


class Rental(TenantModel):
    """What a number costs by the month while the tenant has it.

    A month ends on the day of the month on which the first began (`began_at`), or on the month's last where
    there is no such day. `paid_until`: the end of the last month that was paid. Without money for the next
    one `grace_until` says when the number goes; `warned`: how many warnings were sent.
    """

    number = models.ForeignKey(
        "numbers.PhoneNumber", on_delete=models.PROTECT, db_constraint=False, related_name="rentals"
    )
    monthly_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    began_at = models.DateTimeField()
    paid_until = models.DateTimeField()
    next_at = models.DateTimeField(help_text="When the money is asked for.")
    grace_until = models.DateTimeField(null=True, blank=True)
    warned = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="numbers_rental_once"),
            models.CheckConstraint(condition=Q(monthly_micros__gt=0), name="numbers_rental_of_something"),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(ended_at=None), name="numbers_rental_due")]

    def __str__(self) -> str:
        return f"{self.monthly_micros} until {self.paid_until}"
