"""How far a campaign is: counted in the transactions that move it, so that a million cost nothing."""

from __future__ import annotations

from django.db import models

from apps.campaigns.models.references import CAMPAIGN, reference
from tenants.models import TenantModel


class Progress(TenantModel):
    """One row per campaign; whoever decides or settles locks it first, and so is alone in the campaign.

    contacts = waiting + checking + calling + done + set_aside. `attempts` were dialed and have ended.
    `open` are not settled yet. `granted`: how many may still be started until `granted_until`, by the
    allotment; taken from as they are. `by_version` holds, by version id, the counts that compare versions.
    """

    campaign = reference(CAMPAIGN, on_delete=models.CASCADE)
    contacts = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    checking = models.PositiveIntegerField(default=0)
    calling = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    connected = models.PositiveIntegerField(default=0)
    human = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    converted = models.PositiveIntegerField(default=0, help_text="Contacts.")
    opted_out = models.PositiveIntegerField(default=0)
    talk_ms = models.PositiveBigIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)
    held_micros = models.PositiveBigIntegerField(default=0, help_text="Of open attempts.")
    outcomes = models.JSONField(default=dict, help_text="Attempts by outcome.")
    set_asides = models.JSONField(default=dict, help_text="Contacts by why they were set aside.")
    by_version = models.JSONField(default=dict)
    granted = models.PositiveIntegerField(default=0)
    granted_until = models.DateTimeField(null=True, blank=True)
    idle_until = models.DateTimeField(
        null=True, blank=True, help_text="No line is granted before: it had no caller or no money for one."
    )
    finish_at = models.DateTimeField(null=True, blank=True, help_text="As estimated at `estimated_at`.")
    estimated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign"], name="campaigns_progress_once"),
            models.CheckConstraint(
                condition=models.Q(
                    contacts=models.F("waiting")
                    + models.F("checking")
                    + models.F("calling")
                    + models.F("done")
                    + models.F("set_aside")
                ),
                name="campaigns_progress_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.contacts}"


class Minute(TenantModel):
    """What ended in one minute of a campaign: for its charts, automatic pause and estimated finish."""

    campaign = reference(CAMPAIGN, on_delete=models.CASCADE)
    begins = models.DateTimeField()
    started = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    connected = models.PositiveIntegerField(default=0)
    human = models.PositiveIntegerField(default=0)
    machine = models.PositiveIntegerField(default=0)
    converted = models.PositiveIntegerField(default=0)
    hung_up_early = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    trunk_trouble = models.PositiveIntegerField(default=0)
    finished = models.PositiveIntegerField(default=0, help_text="Contacts.")
    cost_micros = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "begins"], name="campaigns_minute_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.begins}"
