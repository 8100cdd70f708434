"""Attempts to reach a contact: each is one call."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.campaigns.models.references import CALL, CAMPAIGN, reference
from apps.campaigns.outcomes import Outcome
from tenants.models import TenantModel

_CHANGED_AFTER_THE_END = """
OLD.state = 'ended' AND (
  (OLD.converted AND NOT NEW.converted)
  OR to_jsonb(OLD) - ARRAY['converted', 'updated_at'] <> to_jsonb(NEW) - ARRAY['converted', 'updated_at']
)
""".strip()


class AttemptState(models.TextChoices):
    """Forward only: a trigger refuses whatever changes an attempt that has ended, but that it turns out to
    have reached the goal (`services.afterwards`)."""

    OPEN = "open", "Open"
    ENDED = "ended", "Ended"


class Attempt(TenantModel):
    """Written with its call in the transaction that decided it. While it is open and its call lives it holds
    the campaign's capacity: nothing else does, so that nothing is ever lost or freed too early.

    `dialed`: a line took the call, so that it counts towards the caps of its number; true until the call is
    known to have ended in the queue. `held_micros`: what the call may cost at most, of the campaign's budget;
    what vendors will do in it is estimated, so that `cost_micros` may turn out to be more.
    An ended one whose call is no longer kept has no `call`.
    """

    id_prefix = "att_"

    campaign = reference(CAMPAIGN, on_delete=models.CASCADE)
    contact = reference("campaigns.Contact", on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3, ... of the contact.")
    e164 = models.CharField(max_length=16)
    call = reference(CALL, null=True, blank=True)
    caller = reference("numbers.PhoneNumber")
    version = reference("agents.AgentVersion")
    state = models.CharField(max_length=5, choices=AttemptState, default=AttemptState.OPEN)
    decided_at = models.DateTimeField()
    dialed = models.BooleanField(default=True, db_default=True)
    outcome = models.CharField(max_length=14, blank=True, choices=Outcome, default="", db_default="")
    converted = models.BooleanField(default=False, db_default=False)
    talk_ms = models.PositiveIntegerField(default=0, db_default=0)
    held_micros = models.PositiveBigIntegerField(default=0, db_default=0)
    cost_micros = models.PositiveBigIntegerField(default=0, db_default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["campaign"], name="campaigns_attempt_open", condition=Q(state="open")),
            models.Index(fields=["campaign", "-id"], name="campaigns_attempt_newest"),
            # The caps of a number, over all campaigns of the tenant.
            models.Index(
                fields=["tenant", "e164", "decided_at"],
                name="campaigns_attempt_of_number",
                condition=Q(dialed=True),
            ),
            models.Index(fields=["caller", "decided_at"], name="campaigns_attempt_by_caller"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["call"], name="campaigns_attempt_one_call"),
            models.UniqueConstraint(fields=["contact", "number"], name="campaigns_attempt_number_once"),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(state="open"), name="campaigns_attempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", ended_at=None)
                | (Q(state="ended", ended_at__isnull=False) & ~Q(outcome="")),
                name="campaigns_attempt_ended_with_outcome",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="forward_only",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(_CHANGED_AFTER_THE_END),
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"
