"""What the platform asks for: plans, and rates of its carriers. Platform tables, which tenants read only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenants.models import TenantModel, Timed


class Rounding(models.IntegerChoices):
    """By what a call's duration is paid."""

    SECOND = 1, "By the second"
    SIX_SECONDS = 6, "By six seconds"
    MINUTE = 60, "By the minute"


class Plan(Timed):
    """What a tenant pays for its month, and what it has for that. `code` names it, for good.

    What is null is as the platform's settings say. `included_minutes` are minutes of the platform; what
    carriers and vendors take is paid besides. `concurrency` and `seats` null: as many as can be.
    """

    id_prefix = "plan_"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True, default="")
    price_micros_month = models.BigIntegerField(default=0, help_text="Millionths of the currency.")
    included_minutes = models.PositiveIntegerField(default=0, help_text="Of each month.")
    concurrency = models.PositiveIntegerField(
        null=True, blank=True, help_text="Calls at a time; empty: as many as the platform allows."
    )
    seats = models.PositiveIntegerField(
        null=True, blank=True, help_text="Members and open invitations; empty: as many as one likes."
    )
    rounding_s = models.PositiveSmallIntegerField(choices=Rounding, default=Rounding.SECOND)
    platform_micros_per_minute = models.BigIntegerField(
        null=True, blank=True, help_text="Empty: CALL_PRICE_MICROS_PER_MINUTE."
    )
    vendor_margin_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="On vendors' list prices; empty: VENDOR_MARGIN_PERCENT."
    )
    number_micros_month = models.BigIntegerField(
        default=0, help_text="Of each number, beside what its carrier takes."
    )
    storage_micros_per_gb_month = models.BigIntegerField(
        null=True, blank=True, help_text="Of recordings; empty: STORAGE_MICROS_PER_GB_MONTH."
    )
    place = models.PositiveSmallIntegerField(default=0, help_text="In the list of plans.")
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody can choose it since; who has it keeps it."
    )

    class Meta:
        ordering = ["place", "price_micros_month", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_micros_month__gte=0, number_micros_month__gte=0)
                & (Q(platform_micros_per_minute=None) | Q(platform_micros_per_minute__gte=0))
                & (Q(storage_micros_per_gb_month=None) | Q(storage_micros_per_gb_month__gte=0)),
                name="billing_plan_never_pays",
            ),
            models.CheckConstraint(
                condition=Q(rounding_s__in=Rounding.values), name="billing_plan_rounding_known"
            ),
            models.CheckConstraint(
                condition=~Q(concurrency=0) & ~Q(seats=0), name="billing_plan_lets_somebody_in"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def minute_micros(self) -> int:
        """The platform's part of a minute."""
        own: int | None = self.platform_micros_per_minute
        return settings.CALL_PRICE_MICROS_PER_MINUTE if own is None else own

    @property
    def margin_percent(self) -> int:
        """What we take on top of a vendor's list price."""
        own: int | None = self.vendor_margin_percent
        return settings.VENDOR_MARGIN_PERCENT if own is None else own

    @property
    def storage_micros(self) -> int:
        """Of a gigabyte (10**9 bytes) for a month."""
        own: int | None = self.storage_micros_per_gb_month
        return settings.STORAGE_MICROS_PER_GB_MONTH if own is None else own


class PlanOfTenant(TenantModel):
    """Which plan a tenant has had since when; a tenant without one has the plan of everybody."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(until=None), name="billing_planoftenant_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="billing_planoftenant_forwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} since {self.since}"


class MinutesUsed(TenantModel):
    """How much of the included minutes of a month (UTC) is used up, in seconds."""

    month = models.DateField(help_text="Its first day.")
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month"], name="billing_minutesused_once"),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="billing_minutesused_forwards"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.month}"


class RateOf(models.TextChoices):
    """What a rate is of: the direction of a call, or a text message."""

    OUTBOUND = "outbound", "Calls placed"
    INBOUND = "inbound", "Calls received"
    MESSAGE = "message", "Messages sent"


class Rate(Timed):
    """What a carrier's minutes cost with us: of numbers that begin with `prefix` (E.164, without +), of all
    rates that apply the longest. Of messages `micros_per_minute` is the price of each part.

    In force from `effective_from` until `effective_until` (not any more then). Inbound the prefix is of the
    tenant's own number, outbound of the number that is called.
    """

    id_prefix = "rate_"

    carrier = models.CharField(max_length=20)
    direction = models.CharField(max_length=8, choices=RateOf)
    prefix = models.CharField(max_length=15, blank=True)
    name = models.CharField(max_length=200, blank=True, default="", help_text="Where that is.")
    micros_per_minute = models.BigIntegerField()
    cost_micros_per_minute = models.BigIntegerField(
        null=True, blank=True, help_text="What the carrier takes of us, where that is known."
    )
    first_s = models.PositiveSmallIntegerField(default=1, help_text="Paid at least.")
    step_s = models.PositiveSmallIntegerField(default=1, help_text="Paid after that, in steps.")
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["carrier", "direction", "prefix", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "direction", "prefix", "effective_from"], name="billing_rate_once"
            ),
            models.UniqueConstraint(
                fields=["carrier", "direction", "prefix"],
                condition=Q(effective_until=None),
                name="billing_rate_one_open",
            ),
            models.CheckConstraint(condition=Q(prefix__regex=r"^[0-9]*$"), name="billing_rate_prefix_digits"),
            models.CheckConstraint(
                condition=Q(micros_per_minute__gte=0)
                & (Q(cost_micros_per_minute=None) | Q(cost_micros_per_minute__gte=0)),
                name="billing_rate_never_pays",
            ),
            models.CheckConstraint(
                condition=Q(first_s__gte=1, first_s__lte=60, step_s__gte=1, step_s__lte=60),
                name="billing_rate_steps",
            ),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gt=F("effective_from")),
                name="billing_rate_forwards",
            ),
            models.CheckConstraint(condition=Q(direction__in=RateOf.values), name="billing_rate_of_known"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.direction} +{self.prefix}"
