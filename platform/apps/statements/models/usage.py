"""What was used: a fact for each charge of the ledger, and their sums by day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.models import TenantModel


class FactKind(models.TextChoices):
    CALL = "call", "A call"
    ENTRY = "entry", "Another charge"


class Fact(TenantModel):
    """One charge of the ledger, and what it was for. Its id is the charge's: a call's, or an entry's.

    The database adds the row in the transaction of the charge (a trigger, in the migration), so that none is
    forgotten; `services.counting` finds out what it was for and adds it to the sums. The columns are ids and
    not references, because usage stays when an agent, a campaign or a call goes.
    """

    kind = models.CharField(max_length=5, choices=FactKind)
    at = models.DateTimeField(help_text="When it was charged.")
    agent = models.UUIDField(null=True, blank=True)
    campaign = models.UUIDField(null=True, blank=True)
    number = models.UUIDField(null=True, blank=True, help_text="The tenant's own.")
    seconds = models.PositiveIntegerField(default=0, db_default=0, help_text="Of conversation, begun ones.")
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["tenant", "id"], name="statements_fact_waiting", condition=Q(counted_at=None)
            ),
            models.Index(fields=["tenant", "at"], name="statements_fact_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class UsageDay(TenantModel):
    """Sums of one day (of the tenant's time zone) and of what is alike in it.

    Two sorts of rows, so that a call with several components counts once: with an empty `component` the calls
    and their seconds, without money; with one the money, `quantity` (in the unit of `components`), and the
    calls that had it.
    """

    day = models.DateField()
    agent = models.UUIDField(null=True, blank=True)
    campaign = models.UUIDField(null=True, blank=True)
    number = models.UUIDField(null=True, blank=True)
    component = models.CharField(max_length=20, blank=True, default="")
    calls = models.PositiveBigIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    quantity = models.BigIntegerField(default=0)
    micros = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "day", "agent", "campaign", "number", "component"],
                name="statements_usageday_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(component="") | Q(quantity=0, micros=0),
                name="statements_usageday_calls_or_money",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.component or 'calls'}"
