"""Tenants' own keys at vendors."""

from __future__ import annotations

import pghistory
from django.db import models

from tenants.models import TenantModel
from tenants.secrets import EncryptedText


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "api_key", "last_error", "last_error_at"],
)
class VendorKey(TenantModel):
    """The key that lets a tenant's calls in at a vendor, in place of the platform's: the tenant pays.

    `vendor` is a name of `names.key_names`. `last_error`: what the vendor said when it last refused a call
    or a check, empty since a key that works.
    """

    id_prefix = "vky_"

    vendor = models.CharField(max_length=40)
    api_key = EncryptedText()
    last4 = models.CharField(max_length=4, blank=True, help_text="Its end; empty of a short one.")
    region = models.CharField(max_length=60, blank=True)
    base_url = models.CharField(max_length=500, blank=True, help_text="Empty: the vendor's own address.")
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "vendor"], name="vendors_vendorkey_once"),
        ]

    def __str__(self) -> str:
        return self.vendor
