"""Who must not be called, and who has agreed to be."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.campaigns.models.references import CALL, CAMPAIGN, reference
from tenants.models import TenantModel


class SuppressionSource(models.TextChoices):
    PERSON = "person", "Entered by a person"
    IMPORT = "import", "Imported"
    API = "api", "By the API"
    CALLEE = "callee", "Asked for in a call"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), exclude=["updated_at"])
class Suppression(TenantModel):
    """A number that is not called: by the whole tenant, or by one campaign.

    Of a person whose data were deleted only a `digest` (`tenants.digests`) is left in place of the number: it
    still keeps calls away.
    """

    id_prefix = "dnc_"

    campaign = reference(CAMPAIGN, null=True, blank=True, on_delete=models.CASCADE)
    e164 = models.CharField(max_length=16, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    source = models.CharField(max_length=6, choices=SuppressionSource)
    note = models.CharField(max_length=300, blank=True)
    call = reference(CALL, null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="campaigns_dnc_newest"),
            models.Index(fields=["tenant", "digest"], name="campaigns_dnc_digest", condition=~Q(digest="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "e164"],
                condition=Q(campaign=None) & ~Q(e164=""),
                name="campaigns_dnc_tenant_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "e164"],
                condition=Q(campaign__isnull=False) & ~Q(e164=""),
                name="campaigns_dnc_campaign_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "campaign", "digest"],
                condition=~Q(digest=""),
                nulls_distinct=False,
                name="campaigns_dnc_digest_once",
            ),
            models.CheckConstraint(
                condition=(Q(e164="") & ~Q(digest="")) | (~Q(e164="") & Q(digest="")),
                name="campaigns_dnc_number_or_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.e164 or "(deleted)"


class Consent(TenantModel):
    """A person agreed to be called: when, where and by which words. A later one does not replace it."""

    id_prefix = "cns_"

    e164 = models.CharField(max_length=16)
    source = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "e164", "-given_at"], name="campaigns_consent_of_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "e164", "source", "given_at"], name="campaigns_consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.e164} {self.given_at}"
