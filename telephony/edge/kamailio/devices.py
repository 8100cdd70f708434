"""The phones and PBXs that are registered at an edge: asked of Kamailio, kept where the API finds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from telephony.edge.models import EdgeDevice

LARGEST_EXPIRY_S = 3600


@dataclass(frozen=True, slots=True)
class Registered:
    """One contact of a trunk; `expires_s` from now."""

    slug: str
    contact: str
    received: str
    user_agent: str
    expires_s: int


def registered(rpc: KamailioRpc, slugs: Iterable[str], sip_domain: str) -> list[Registered]:
    """What is registered now. Raises RpcFailed when Kamailio does not answer."""
    found = []
    for slug in slugs:
        try:
            answer = rpc.call("ul.lookup", "location", f"{slug}@{sip_domain}")
        except RpcFailed as error:
            if "AOR not found" in str(error):
                continue
            raise
        devices = [_device(slug, contact) for contact in _contacts(answer)]
        found += [device for device in devices if device is not None]
    return found


def save_devices(edge: str, devices: Iterable[Registered]) -> None:
    """These are the edge's, and no others. What an edge left behind that is gone goes with the time."""
    now = timezone.now()
    rows = {
        (device.slug, device.contact[:512]): EdgeDevice(
            edge=edge,
            trunk_slug=device.slug,
            contact=device.contact[:512],
            received=device.received[:255],
            user_agent=device.user_agent[:255],
            expires_at=now + timedelta(seconds=device.expires_s),
        )
        for device in devices
    }
    left = now - timedelta(seconds=LARGEST_EXPIRY_S)
    EdgeDevice.objects.filter(expires_at__lt=left).exclude(edge=edge).delete()
    with transaction.atomic():
        known = {(row.trunk_slug, row.contact): row for row in EdgeDevice.objects.filter(edge=edge)}
        gone = [row.pk for key, row in known.items() if key not in rows]
        if gone:
            EdgeDevice.objects.filter(pk__in=gone).delete()
        EdgeDevice.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["edge", "trunk_slug", "contact"],
            update_fields=["received", "user_agent", "expires_at"],
        )


def _contacts(answer: Any) -> list[dict[str, Any]]:
    return [entry["Contact"] for entry in answer.get("Contacts", []) if "Contact" in entry]


def _device(slug: str, contact: dict[str, Any]) -> Registered | None:
    """None for one that has expired and waits to be taken away."""
    expires = contact.get("Expires", 0)
    if not isinstance(expires, int) or expires <= 0:
        return None
    text = {key: _clean(contact.get(key, "")) for key in ("Address", "Received", "User-Agent")}
    received = "" if text["Received"] == "[not set]" else text["Received"]
    return Registered(slug, text["Address"], received, text["User-Agent"], min(expires, LARGEST_EXPIRY_S))


def _clean(value: object) -> str:
    """A stranger wrote it: nothing that PostgreSQL cannot store."""
    return str(value).replace("\x00", "")
