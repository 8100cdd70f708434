"""What is sent: everything that a request needs, read once, so that nothing is asked of the database while
servers of tenants answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.webhooks.message import body_of
from apps.webhooks.models import Delivery, Endpoint, EndpointSecret
from apps.webhooks.services.headers import read_headers
from tenants.secrets import SecretUnreadable


@dataclass(frozen=True, slots=True)
class Message:
    """One attempt. `number` and `leased_until` are what makes it ours: another worker has others. `keys` sign
    it; none: they cannot be read."""

    delivery: UUID
    tenant: UUID
    endpoint: UUID
    key: str
    number: int
    leased_until: datetime
    give_up_at: datetime
    id: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    keys: Sequence[str] = field(repr=False)
    body: bytes = field(repr=False)


def messages_of(ids: Sequence[UUID], leased_until: datetime, *, now: datetime) -> list[Message]:
    """In the order of `ids`. In the platform's scope."""
    if not ids:
        return []
    rows = Delivery.objects.filter(pk__in=ids).select_related("event").order_by()
    found = {row.pk: row for row in rows}
    targets = _targets({row.endpoint_id for row in found.values()}, now)
    return [_message(found[pk], targets[found[pk].endpoint_id], leased_until) for pk in ids]


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    headers: Mapping[str, str]
    keys: Sequence[str]


def _message(row: Delivery, target: _Target, leased_until: datetime) -> Message:
    return Message(
        delivery=row.pk,
        tenant=row.tenant_id,
        endpoint=row.endpoint_id,
        key=row.key,
        number=row.attempts,
        leased_until=leased_until,
        give_up_at=row.give_up_at,
        id=row.event.public_id,
        url=target.url,
        headers=target.headers,
        keys=target.keys,
        body=body_of(row.event),
    )


def _targets(endpoints: Iterable[UUID], now: datetime) -> dict[UUID, _Target]:
    """Secrets of one that nobody can read keep no other endpoint waiting."""
    ids = list(endpoints)
    try:
        return _read(ids, now)
    except SecretUnreadable:
        if len(ids) > 1:
            return {pk: target for one in ids for pk, target in _targets([one], now).items()}
        url = Endpoint.objects.values_list("url", flat=True).get(pk=ids[0])
        return {ids[0]: _Target(url, {}, ())}


def _read(ids: Sequence[UUID], now: datetime) -> dict[UUID, _Target]:
    live = Q(expires_at=None) | Q(expires_at__gt=now)
    keys: dict[UUID, list[str]] = {}
    for row in EndpointSecret.objects.filter(live, endpoint__in=ids).order_by("-pk"):
        keys.setdefault(row.endpoint_id, []).append(str(row.secret))
    return {
        row.pk: _Target(row.url, read_headers(row.headers), keys.get(row.pk, ()))
        for row in Endpoint.objects.filter(pk__in=ids).only("url", "headers")
    }
