"""What the look-up of numbers said, and how the hook that is asked does."""

from __future__ import annotations

from django.db import models

from apps.campaigns.models.references import CAMPAIGN, reference
from tenants.models import TenantModel
from tenants.secrets import EncryptedText


class CheckedNumber(TenantModel):
    """What a number check of the tenant said of a number last; another campaign need not ask again before its
    `number_check.max_age_days` are over."""

    e164 = models.CharField(max_length=16)
    dialable = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True, help_text="Of the one that was asked, in words.")
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "e164"], name="campaigns_checked_once")]

    def __str__(self) -> str:
        return f"{self.e164} {'dialable' if self.dialable else 'not dialable'}"


class NumberHook(TenantModel):
    """How a campaign's number check does. Until `leased_until` somebody asks it; before `next_at` nobody
    does, since it failed `failures` times in a row, the last time because of `trouble` (words)."""

    campaign = reference(CAMPAIGN, on_delete=models.CASCADE)
    secret = EncryptedText()
    leased_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign"], name="campaigns_numberhook_once")]

    def __str__(self) -> str:
        return f"number check of {self.campaign_id}"
