"""What was seen last at each carrier. A platform table for staff: no tenant reads it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models import Timed


class CarrierWatch(Timed):
    """A carrier as it was found: our trunk there, and the numbers that it has for us.

    `trunk_problem` is why the trunk could not be kept, in words, and empty when all is well; it has been so
    since `trunk_problem_since`. `unknown`: numbers (E.164) at the carrier that nobody here has; `lost`: those
    of tenants that the carrier has no more. Both are of the last comparison, at `compared_at`.
    """

    carrier = models.CharField(max_length=20, unique=True)
    trunk_at = models.DateTimeField(null=True, blank=True, help_text="When our trunk was looked at last.")
    trunk_problem = models.CharField(max_length=1_000, blank=True, default="")
    trunk_problem_since = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    unknown = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    lost = ArrayField(models.CharField(max_length=16), default=list, blank=True)

    class Meta:
        ordering = ["carrier"]
        verbose_name = "carrier"

    def __str__(self) -> str:
        return self.carrier
