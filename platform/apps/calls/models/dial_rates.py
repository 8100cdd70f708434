"""How fast calls may begin. A platform table: no tenant, no row security, nothing of a tenant in it."""

from __future__ import annotations

from django.db import models


class DialRate(models.Model):
    """Calls under `key` ("platform", "tenant:<hex>", "campaign:<hex>", "number:<hex>") begin at `next_at` at
    the earliest. Calls that came too early have turns, one a step; `turn_at` is the next that nobody has."""

    key = models.CharField(primary_key=True, max_length=60)
    next_at = models.DateTimeField()
    turn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} from {self.next_at}"
