"""Reads of keys, in the tenant's scope."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet

from apps.vendors.models import VendorKey
from apps.vendors.names import vendors
from media_workers.contract.vendors import Credential
from tenants.errors import NotFound

KeySource = Literal["own", "platform", "local", "none"]
"""Whose key lets a call in; local: none is needed."""


def list_keys() -> QuerySet[VendorKey]:
    """The tenant's own keys, newest first."""
    return VendorKey.objects.order_by("-id")


def get_key(vendor: str, *, lock: bool = False) -> VendorKey:
    """The tenant's own key of `vendor`. NotFound when there is none."""
    rows = list_keys().filter(vendor=vendor)
    key = (rows.select_for_update(no_key=True) if lock else rows).first()
    if key is None:
        raise NotFound("There is no key of your own for this vendor.")
    return key


def credential_of(key: VendorKey) -> Credential:
    """What a media node, or a check, takes to the vendor. Never log it."""
    return _digested(
        Credential(
            vendor=key.vendor, api_key=str(key.api_key), region=key.region, base_url=key.base_url, own=True
        )
    )


def credentials_for(names: Iterable[str]) -> dict[str, Credential]:
    """What lets a call in at the vendors `names`, by the key's name: the tenant's own key, else the
    platform's; a vendor without either, or without a need for one, is missing."""
    wanted = {vendors()[name].key for name in names if name in vendors()} - {""}
    if not wanted:
        return {}
    found = {name: _digested(settings.VENDOR_KEYS[name]) for name in wanted & set(settings.VENDOR_KEYS)}
    own = VendorKey.objects.filter(vendor__in=wanted)
    return found | {key.vendor: credential_of(key) for key in own}


def key_sources() -> dict[str, KeySource]:
    """Of every vendor, whose key its calls take."""
    own = set(VendorKey.objects.values_list("vendor", flat=True))

    def source(key: str) -> KeySource:
        if not key:
            return "local"
        return "own" if key in own else "platform" if key in settings.VENDOR_KEYS else "none"

    return {vendor.name: source(vendor.key) for vendor in vendors().values()}


def _digested(credential: Credential) -> Credential:
    digest = hashlib.sha256(credential.api_key.encode()).hexdigest()[:16]
    return credential.model_copy(update={"digest": digest})
