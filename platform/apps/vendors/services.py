"""Writes of keys, in the tenant's scope."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db.models import Q

from apps.vendors.models import VendorKey
from apps.vendors.selectors import get_key
from media_workers.contract.vendors import OWN_ENDPOINT, key_names
from telephony.trunks.values import check_host, is_private
from tenants.errors import InvalidInput, NotFound

SHOWN_FROM = 12
"""Of a shorter key four characters would tell too much."""

_PRINTABLE = re.compile(r"[!-~][ -~]*")
_REGION = re.compile(r"[A-Za-z0-9_-]{0,60}")


def put_key(
    *, vendor: str, api_key: str | None = None, region: str = "", base_url: str = ""
) -> tuple[VendorKey, bool]:
    """The tenant's key of `vendor` from now on, and whether it is the first one.

    An `api_key` that is left out keeps the one there is. InvalidInput names what cannot be used: a first
    key that is left out, or one that would follow its address to another server.
    """
    if vendor not in key_names():
        raise InvalidInput(f"Choose among {', '.join(sorted(key_names()))}.", field="vendor", code="unknown")
    if not _REGION.fullmatch(region):
        raise InvalidInput("Give the region as the vendor writes it, like westeurope.", field="region")
    base_url = check_base_url(base_url)
    if vendor == OWN_ENDPOINT and not base_url:
        raise InvalidInput("Give the address of your endpoint: the key goes nowhere else.", field="base_url")
    key = _existing(vendor)
    if api_key is None:
        api_key = _kept(key, base_url)
    elif not _PRINTABLE.fullmatch(api_key := _one_line(api_key.strip())):
        raise InvalidInput("Give the key as the vendor shows it: printable ASCII, one line.", field="api_key")
    values = {"api_key": api_key, "region": region, "base_url": base_url, "last4": _last4(api_key)}
    if key is None:
        return VendorKey.objects.create(vendor=vendor, **values), True
    for name, value in values.items():
        setattr(key, name, value)
    key.last_error, key.last_error_at = "", None
    key.save()
    return key, False


def delete_key(*, vendor: str) -> None:
    """Calls take the platform's key from now on, where there is one. NotFound without a key."""
    get_key(vendor, lock=True).delete()


def note_error(*, vendor: str, error: str, at: datetime) -> None:
    """The vendor refused the tenant's own key, or failed with it; without such a key nothing.

    The same error again within a minute is not written: a vendor that is down fails many calls.
    """
    error = error[:500]
    told = Q(last_error=error, last_error_at__gt=at - timedelta(minutes=1))
    VendorKey.objects.filter(vendor=vendor).exclude(told).update(last_error=error, last_error_at=at)


def note_success(*, vendor: str) -> None:
    """The vendor took the key."""
    VendorKey.objects.filter(vendor=vendor).exclude(last_error="").update(last_error="", last_error_at=None)


def check_base_url(url: str) -> str:
    """`url` without a last slash; https, and public, unless private addresses are allowed. InvalidInput."""
    if not url:
        return ""
    parts = _split(url)
    if parts.scheme != "https" and not (settings.VENDORS_ALLOW_PRIVATE_ADDRESSES and parts.scheme == "http"):
        raise InvalidInput("Give an address that begins with https://.", field="base_url")
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise InvalidInput(
            "Give scheme, host, port and path only, like https://gateway.example.com/v1.", field="base_url"
        )
    if not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES and is_private(_host(parts.hostname)):
        raise InvalidInput(
            "This address is private: it cannot be reached from here.",
            field="base_url",
            code="private_address",
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult:
    if len(url) > 500 or not _PRINTABLE.fullmatch(url) or " " in url:
        raise InvalidInput("Give an address of at most 500 characters, without spaces.", field="base_url")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError as error:
        raise InvalidInput("This is no address of a server.", field="base_url") from error
    return parts


def _host(host: str) -> str:
    try:
        return check_host(host)
    except InvalidInput as error:
        raise InvalidInput("This is no address of a server.", field="base_url") from error


def _existing(vendor: str) -> VendorKey | None:
    try:
        return get_key(vendor, lock=True)
    except NotFound:
        return None


def _kept(key: VendorKey | None, base_url: str) -> str:
    """The key there is, unless it would go to a server that somebody who cannot read it has typed in."""
    if key is None:
        raise InvalidInput("Give the vendor's key.", field="api_key", code="required")
    if urlsplit(key.base_url)[:2] != urlsplit(base_url)[:2]:
        raise InvalidInput("The address is on another server: give the key again.", field="api_key")
    kept: str = key.api_key
    return kept


def _one_line(api_key: str) -> str:
    """A service account's file (Google) without its line breaks; any other key as it is."""
    try:
        return json.dumps(json.loads(api_key)) if api_key.startswith("{") else api_key
    except ValueError:
        return api_key


def _last4(api_key: str) -> str:
    return "" if len(api_key) < SHOWN_FROM or api_key.startswith("{") else api_key[-4:]
