"""What a tenant's calls may cost at most, and what stopped them. Integer micro-units."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.billing.models.ledger_triggers import LIMITED
from tenants.models import TenantModel


class LimitScope(models.TextChoices):
    """Whose calls a limit is for."""

    TENANT = "tenant", "Workspace"
    API_KEY = "api_key", "API key"
    CAMPAIGN = "campaign", "Campaign"
    TRUNK = "trunk", "Trunk"


class LimitPeriod(models.TextChoices):
    """Of the calendar, in UTC."""

    DAY = "day", "Day"
    MONTH = "month", "Month"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class SpendLimit(TenantModel):
    """What the calls of `scope_id` may cost in a day or a month; `scope_id` is empty for the tenant's own.

    The ids are no references: campaigns know of money, money knows no campaigns.
    """

    id_prefix = "lim_"

    scope = models.CharField(max_length=8, choices=LimitScope)
    scope_id = models.UUIDField(null=True, blank=True)
    period = models.CharField(max_length=5, choices=LimitPeriod)
    amount_micros = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "scope", "scope_id", "period"],
                name="billing_limit_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="billing_limit_not_negative"),
            models.CheckConstraint(
                condition=Q(scope=LimitScope.TENANT, scope_id=None)
                | (~Q(scope=LimitScope.TENANT) & Q(scope_id__isnull=False)),
                name="billing_limit_of_somebody",
            ),
        ]
        triggers = [LIMITED]

    def __str__(self) -> str:
        return f"{self.amount_micros} a {self.period} for {self.scope}"


class Spend(TenantModel):
    """What the calls that began in a period of a limit cost, and what is held for those that go on. Counted
    under the wallet's lock."""

    limit = models.ForeignKey(
        SpendLimit, on_delete=models.CASCADE, db_constraint=False, related_name="counted"
    )
    period_start = models.DateField()
    micros = models.BigIntegerField()
    warned_at = models.DateTimeField(null=True, blank=True, help_text="When it was told that little is left.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["limit", "period_start"], name="billing_spend_once")]

    def __str__(self) -> str:
        return f"{self.micros} since {self.period_start}"


class StopKind(models.TextChoices):
    """Why outbound calls are stopped."""

    HOUR = "hour", "Much more in an hour than ever"
    DAY = "day", "Much more in a day than ever"
    PREMIUM = "premium", "Premium-rate numbers"
    DEBT = "debt", "Debt"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), exclude=["updated_at", "spent_micros"])
class OutboundStop(TenantModel):
    """Outbound calls are stopped until somebody lifts it; `words` say why, and what to do.

    `spent_micros`: what was spent in that time; after it was lifted nothing is sudden that is not much more.
    """

    id_prefix = "stop_"

    kind = models.CharField(max_length=7, choices=StopKind)
    words = models.CharField(max_length=500)
    spent_micros = models.BigIntegerField(default=0)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind"], condition=Q(lifted_at=None), name="billing_stop_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"
