"""A campaign."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.campaigns.models.references import AGENT, reference
from tenants.models import TenantModel


class CampaignState(models.TextChoices):
    """`paused` goes on with `resume`, `stopped` does not; a completed one runs again when contacts are added
    and it is started."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"
    COMPLETED = "completed", "Completed"


class PauseCode(models.TextChoices):
    """Which kind of thing paused a campaign: what to do next depends on it."""

    PERSON = "person", "Somebody paused it"
    FAILED = "failed", "Too many attempts failed on our side"
    HUNG_UP_EARLY = "hung_up_early", "Too many were hung up early"
    TRUNK_TROUBLE = "trunk_trouble", "Too many met trunk trouble"
    AGENT_ARCHIVED = "agent_archived", "The agent was archived"
    UNPUBLISHED = "unpublished", "The agent or a version of it is not published"
    NO_USABLE_NUMBER = "no_usable_number", "No caller number can be used"
    NO_TRUNK = "no_trunk", "No trunk of its caller numbers takes calls"
    ALL_RESTING = "all_resting", "Every caller number rests"
    BUDGET = "budget", "The budget is spent"
    NO_MONEY = "no_money", "The workspace has no money"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Campaign(TenantModel):
    """Contacts that an agent calls. `config` is a `CampaignConfig`; `pause_reason` says in words why it does
    not run and `pause_code` in a word, `paused_by_itself` that nobody asked for it."""

    id_prefix = "cmp_"

    name = models.CharField(max_length=200)
    agent = reference(AGENT)
    config = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=CampaignState, default=CampaignState.DRAFT)
    pause_reason = models.CharField(max_length=500, blank=True)
    pause_code = models.CharField(max_length=16, choices=PauseCode, blank=True, default="")
    paused_by_itself = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it runs without a break; ramping up counts from here."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="campaigns_campaign_newest"),
            models.Index(fields=["tenant"], name="campaigns_campaign_running", condition=Q(state="running")),
            models.Index(fields=["agent"], name="campaigns_campaign_of_agent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CampaignState.values), name="campaigns_campaign_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=CampaignState.RUNNING)
                | Q(started_at__isnull=False, resumed_at__isnull=False, archived_at=None, ended_at=None),
                name="campaigns_campaign_running_since",
            ),
        ]

    def __str__(self) -> str:
        return self.name
