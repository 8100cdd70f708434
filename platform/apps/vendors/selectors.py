"""Reads of keys, in the tenant's scope."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Literal

from django.conf import settings
from django.db.models import QuerySet

from apps.vendors.models import VendorKey
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
            vendor=key.vendor,
            api_key=str(key.api_key),
            region=key.region,
            base_url=key.base_url,
            own=True,
            public_only=bool(key.base_url) and not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
        )
    )


def credentials_for(names: Collection[str]) -> dict[str, Credential]:
    """What lets a call in, by the key's name (`contract.vendors.key_of`): the tenant's own key, else the
    platform's; a name without either is missing."""
    if not names:
        return {}
    platform = {n: _digested(key) for n, key in settings.VENDOR_KEYS.items() if n in names}
    return platform | {key.vendor: credential_of(key) for key in VendorKey.objects.filter(vendor__in=names)}


def own_keys() -> frozenset[str]:
    """The names of the keys that the tenant has itself."""
    return frozenset(VendorKey.objects.values_list("vendor", flat=True))


def key_sources() -> Callable[[str], KeySource]:
    """Tells of a key's name whose key calls take; "" for what needs none. One query."""
    own = own_keys()

    def source(name: str) -> KeySource:
        if not name:
            return "local"
        return "own" if name in own else "platform" if name in settings.VENDOR_KEYS else "none"

    return source


def _digested(credential: Credential) -> Credential:
    digest = hashlib.sha256(credential.api_key.encode()).hexdigest()[:16]
    return credential.model_copy(update={"digest": digest})
