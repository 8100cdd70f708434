"""Whom a campaign calls, and where they are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.campaigns.models.references import CAMPAIGN, reference
from apps.campaigns.outcomes import Outcome, SetAside
from tenants.models import OwnTenant, Tenant, TenantModel


class Place(TenantModel):
    """Contacts of a campaign for whom the same hours hold: their possible time zones (sorted; none: unknown),
    country and region (ISO 3166-2 without the country: "CA" of US-CA; "" unknown).

    The dialer looks at places, not at contacts, when it asks who may be called now: between `judged_at` and
    `judged_until` the place is open or not, as `open` says. Null `judged_until`: never judged, or to be
    judged anew, since the configuration changed. A place that never opens any more has `never`.
    """

    id_prefix = "plc_"

    campaign = reference(CAMPAIGN, on_delete=models.CASCADE)
    zones = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=3, blank=True)
    open = models.BooleanField(default=False)
    judged_until = models.DateTimeField(null=True, blank=True)
    never = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True, help_text="Why it is closed, in words.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "zones", "country", "region"], name="campaigns_place_once"
            )
        ]

    def __str__(self) -> str:
        return f"{','.join(self.zones)} {self.country}-{self.region}"


class ContactState(models.TextChoices):
    """`checking` waits for the look-up of its number, `waiting` for its time (`next_at`), `calling` for the
    end of its attempt. `set_aside` is not dialed and says why; `done` has an outcome that is final."""

    CHECKING = "checking", "Number being checked"
    WAITING = "waiting", "Waiting"
    CALLING = "calling", "Being called"
    DONE = "done", "Done"
    SET_ASIDE = "set_aside", "Set aside"


class Contact(TenantModel):
    """A number of a campaign, once in it. `attempts` were dialed; `promised`: `next_at` is a time that the
    callee asked for."""

    id_prefix = "con_"

    # A file brings a million of them: each key and each index costs seconds of a minute. The campaign's key
    # holds the tenant's too, and other indexes begin with each of the three columns.
    tenant = OwnTenant(
        Tenant, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    campaign = reference(CAMPAIGN, on_delete=models.CASCADE, db_index=False)
    place = reference("campaigns.Place", db_index=False)
    e164 = models.CharField(max_length=16)
    external_id = models.CharField(max_length=200, blank=True, help_text="The tenant's own name for it.")
    variables = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=9, choices=ContactState, default=ContactState.WAITING)
    next_at = models.DateTimeField(null=True, blank=True)
    promised = models.BooleanField(default=False, db_default=False)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_outcome = models.CharField(max_length=14, blank=True, choices=Outcome, default="", db_default="")
    last_at = models.DateTimeField(null=True, blank=True, help_text="When its last attempt was decided.")
    set_aside = models.CharField(max_length=18, blank=True, choices=SetAside, default="", db_default="")
    detail = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="In words.")
    converted = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            # What the dialer claims from: its cost must not grow with the campaign.
            models.Index(
                fields=["place", "next_at", "id"],
                name="campaigns_contact_due",
                condition=Q(state=ContactState.WAITING),
            ),
            # Those go first: few, and found without a look at the rest.
            models.Index(
                fields=["campaign", "next_at", "id"],
                name="campaigns_contact_promised",
                condition=Q(state=ContactState.WAITING, promised=True),
            ),
            models.Index(
                fields=["campaign", "id"],
                name="campaigns_contact_checking",
                condition=Q(state=ContactState.CHECKING),
            ),
            models.Index(fields=["campaign", "id"], name="campaigns_contact_in_order"),
            models.Index(fields=["campaign", "state", "id"], name="campaigns_contact_by_state"),
            models.Index(
                fields=["campaign", "last_outcome", "id"],
                name="campaigns_contact_by_outcome",
                condition=~Q(last_outcome=""),
            ),
            models.Index(fields=["tenant", "e164"], name="campaigns_contact_by_number"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "e164"], name="campaigns_contact_once"),
            models.CheckConstraint(
                condition=Q(e164__regex=r"^\+[1-9][0-9]{6,14}$"), name="campaigns_contact_e164_form"
            ),
            models.CheckConstraint(
                condition=Q(state=ContactState.WAITING, next_at__isnull=False)
                | (~Q(state=ContactState.WAITING) & Q(next_at=None)),
                name="campaigns_contact_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(state=ContactState.SET_ASIDE) & ~Q(set_aside=""))
                | (~Q(state=ContactState.SET_ASIDE) & Q(set_aside="")),
                name="campaigns_contact_set_aside_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.e164} ({self.state})"
