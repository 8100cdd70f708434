"""Numbers that tenants own."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel

BYOC = "byoc"


class Purpose(models.TextChoices):
    """What a number is for.

    Numbers that campaigns call from earn spam labels, which hurt those that people
    call back or know: so a number is for one of both unless somebody says otherwise."""

    INBOUND = "inbound", "Inbound calls"
    OUTBOUND = "outbound", "Campaigns"
    BOTH = "both", "Both"


class NumberType(models.TextChoices):
    """What carriers tell numbers apart by; not each of them has every type in every country."""

    LOCAL = "local", "Local"
    MOBILE = "mobile", "Mobile"
    TOLL_FREE = "toll_free", "Toll-free"
    NATIONAL = "national", "National"


class CallerNameState(models.TextChoices):
    """Whether the number's carrier shows its caller name; empty: it has none."""

    NONE = "", "None"
    PENDING = "pending", "The carrier is being asked"
    ACTIVE = "active", "Shown"
    FAILED = "failed", "The carrier does not show it"


def reference(to: str) -> models.ForeignKey[Any, Any]:
    """A nullable reference to another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(
        to, null=True, blank=True, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "caller_name_next_at"],
)
class PhoneNumber(TenantModel):
    """A number and the agent it reaches: the pinned version, or the agent's published one.

    `carrier` is a name of `telephony.carriers`, or "byoc" with the tenant's own `trunk`. A number is
    on the platform once, whoever has it; an archived one was given back and stays for its calls.
    `type` and `capabilities` ("voice", "sms", ...) are the carrier's word on one that was ordered.
    """

    id_prefix = "num_"

    e164 = models.CharField(max_length=16)
    label = models.CharField(max_length=200, blank=True)
    carrier = models.CharField(max_length=20)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.OUTBOUND)
    trunk = reference("trunks.Trunk")
    agent = reference("agents.Agent")
    agent_version = reference("agents.AgentVersion")
    fallback_number = models.CharField(
        max_length=16, blank=True, default="", help_text="Where a caller is sent when no agent can answer."
    )
    capture_rtp = models.BooleanField(default=False, help_text="The audio packets of its calls are kept.")
    type = models.CharField(max_length=10, choices=NumberType.choices, blank=True, default="")
    capabilities = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    caller_name = models.CharField(
        max_length=15, blank=True, default="", help_text="Shown beside the number where carriers look it up."
    )
    caller_name_state = models.CharField(
        max_length=8, choices=CallerNameState.choices, blank=True, default=CallerNameState.NONE
    )
    caller_name_problem = models.CharField(max_length=500, blank=True, default="")
    caller_name_next_at = models.DateTimeField(null=True, blank=True, help_text="When the carrier is asked.")
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["caller_name_next_at"],
                condition=Q(caller_name_next_at__isnull=False),
                name="numbers_caller_name_due",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["e164"], condition=Q(archived_at=None), name="numbers_e164_once"),
            models.CheckConstraint(
                condition=Q(e164__regex=r"^\+[1-9][0-9]{4,14}$"), name="numbers_e164_form"
            ),
            models.CheckConstraint(
                condition=Q(carrier=BYOC, trunk__isnull=False) | (~Q(carrier=BYOC) & Q(trunk=None)),
                name="numbers_trunk_iff_byoc",
            ),
            models.CheckConstraint(
                condition=Q(agent_version=None) | Q(agent__isnull=False), name="numbers_pin_needs_agent"
            ),
        ]

    def __str__(self) -> str:
        return self.e164
