"""What regulators want to know of who has a number: addresses, and bundles of papers at a carrier."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from apps.numbers.models.numbers import NumberType
from tenants.models import TenantModel


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "carrier_ids"],
)
class NumberAddress(TenantModel):
    """Where a number's holder is. `carrier_ids`: what carriers call it, by carrier, once they were told."""

    id_prefix = "adr_"

    label = models.CharField(max_length=100)
    customer_name = models.CharField(max_length=100, help_text="Of the person or company there.")
    street = models.CharField(max_length=200)
    street2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True, help_text="State, province or county.")
    postal_code = models.CharField(max_length=20)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    carrier_ids = models.JSONField(default=dict)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "address"

    def __str__(self) -> str:
        return self.label


class BundleState(models.TextChoices):
    """How far a carrier is with papers. `submitting`: it has not taken them yet; `draft`: something is
    missing, `problem` says what."""

    SUBMITTING = "submitting"
    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


BUNDLE_WAITS = (BundleState.SUBMITTING, BundleState.PENDING)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "attempts", "next_at"],
)
class NumberBundle(TenantModel):
    """Papers of `owner` for numbers of a country and type, which `carrier` looks at before it sells one.

    `attributes` and `papers` ([{"type", "attributes", "address"}], addresses by their public ids) are named
    as the carrier's requirements name them. `carrier_id`: the carrier's name for it, once it was taken.
    """

    id_prefix = "bdl_"

    label = models.CharField(max_length=100)
    carrier = models.CharField(max_length=20)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2.")
    type = models.CharField(max_length=10, choices=NumberType.choices)
    owner = models.CharField(max_length=100)
    email = models.EmailField(max_length=254)
    business = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict)
    papers = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=BundleState.choices, default=BundleState.SUBMITTING)
    carrier_id = models.CharField(max_length=100, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = "bundle"
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=BUNDLE_WAITS), name="numbers_bundle_due")
        ]

    def __str__(self) -> str:
        return self.label
