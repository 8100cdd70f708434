"""How a caller number does: what spam labels look like from our side."""

from __future__ import annotations

from django.db import models

from apps.campaigns.models.references import reference
from tenants.models import TenantModel


class NumberDay(TenantModel):
    """Attempts from a number that ended on one day (UTC), in all campaigns. `short`: a person hung up within
    the campaign's `early_s`; `blocked`: SIP 603, 607, 608 and what carriers use like them."""

    number = reference("numbers.PhoneNumber", on_delete=models.CASCADE)
    day = models.DateField()
    attempts = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    short = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "day"], name="campaigns_numberday_once")]

    def __str__(self) -> str:
        return f"{self.number_id} {self.day}"


class NumberRest(TenantModel):
    """A number that is not used until `until`, and the figures that made it suspect (`evidence`)."""

    id_prefix = "rest_"

    number = reference("numbers.PhoneNumber", on_delete=models.CASCADE)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    evidence = models.JSONField(default=dict)
    ended_by_hand = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["number", "-until"], name="campaigns_rest_of_number")]

    def __str__(self) -> str:
        return f"{self.number_id} until {self.until}"
