"""Where tenants are told of events: writes, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.webhooks.catalogue import TYPES, matches
from apps.webhooks.models import Endpoint, EndpointSecret, EndpointState
from apps.webhooks.services.headers import read_headers, write_headers
from apps.webhooks.targets import check_headers, check_url
from tenants.audit.services import record
from tenants.errors import InvalidInput, LimitReached, NotFound
from tenants.scope import statements_may_take
from tenants.standard_webhooks import new_secret

MOST = 50
"""Of a tenant."""

MOST_SECRETS = 5
LONGEST_OVERLAP_H = 168
DELETING_MAY_TAKE_S = 300


def create(
    *,
    url: str,
    description: str = "",
    event_types: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> tuple[Endpoint, str]:
    """A new endpoint, and its secret, which is shown this once. InvalidInput, LimitReached."""
    if Endpoint.objects.count() >= MOST:
        raise LimitReached(f"There are {MOST} endpoints already: delete one first.")
    endpoint = Endpoint.objects.create(
        url=check_url(url),
        description=description.strip(),
        event_types=check_types(event_types),
        headers=write_headers(check_headers(headers or {})),
    )
    secret = new_secret()
    EndpointSecret.objects.create(endpoint=endpoint, secret=secret)
    return endpoint, secret


def change(
    *,
    endpoint: Endpoint,
    url: str | None = None,
    description: str | None = None,
    event_types: Sequence[str] | None = None,
    headers: Mapping[str, str | None] | None = None,
) -> Endpoint:
    """What is None stays. `headers` replace all; one whose value is None keeps the value it has."""
    fresh = _locked(endpoint)
    if url is not None:
        fresh.url = check_url(url)
    if description is not None:
        fresh.description = description.strip()
    if event_types is not None:
        fresh.event_types = check_types(event_types)
    if headers is not None:
        fresh.headers = write_headers(check_headers(_kept(headers, headers_of(fresh))))
    fresh.save()
    return fresh


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    """Its own headers; the values are secret."""
    return read_headers(endpoint.headers)


def disable(*, endpoint: Endpoint) -> Endpoint:
    """Nothing is sent there any more; what waits for it is dead, what happens meanwhile is not kept."""
    fresh = _locked(endpoint)
    if fresh.state == EndpointState.ACTIVE:
        fresh.state, fresh.disabled_at = EndpointState.DISABLED, timezone.now()
        fresh.save()
    return fresh


def enable(*, endpoint: Endpoint) -> Endpoint:
    """It is told of what happens from now on; what it has missed can be replayed."""
    fresh = _locked(endpoint)
    fresh.state, fresh.disabled_at, fresh.disabled_reason = EndpointState.ACTIVE, None, ""
    fresh.failing_since, fresh.failures, fresh.rest_until = None, 0, None
    fresh.save()
    return fresh


def rotate(*, endpoint: Endpoint, overlap_hours: int = 24) -> tuple[str, datetime | None]:
    """A new secret, which is shown this once, and until when the old one signs as well; None: no longer."""
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_H:
        raise InvalidInput(f"Give 0 to {LONGEST_OVERLAP_H} hours.", field="overlap_hours")
    fresh, now = _locked(endpoint), timezone.now()
    EndpointSecret.objects.filter(endpoint=fresh, expires_at__lte=now).delete()
    old = EndpointSecret.objects.filter(endpoint=fresh)
    expires_at = now + timedelta(hours=overlap_hours) if overlap_hours else None
    if expires_at is None:
        old.delete()
    elif old.count() >= MOST_SECRETS:
        raise LimitReached("It was rotated often lately: wait until old secrets expire, or give 0 hours.")
    else:
        # Those that were to live longer than this one leaves them do not.
        old.filter(Q(expires_at=None) | Q(expires_at__gt=expires_at)).update(expires_at=expires_at)
    secret = new_secret()
    EndpointSecret.objects.create(endpoint=fresh, secret=secret)
    until = expires_at.isoformat() if expires_at else None
    record("secret_rotated", of=fresh, after={"old_expires_at": until})
    return secret, expires_at


def delete(*, endpoint: Endpoint) -> None:
    """With its deliveries; a request that is on its way is not called back."""
    fresh = _locked(endpoint)
    statements_may_take(DELETING_MAY_TAKE_S)
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_ATTEMPTS, [fresh.tenant_id, fresh.pk])
        cursor.execute(_DELETE_DELIVERIES, [fresh.tenant_id, fresh.pk])
    fresh.delete()


_DELETE_ATTEMPTS = """
DELETE FROM webhooks_deliveryattempt a USING webhooks_delivery d
 WHERE a.delivery_id = d.id AND d.tenant_id = %s AND d.endpoint_id = %s
"""
_DELETE_DELIVERIES = "DELETE FROM webhooks_delivery WHERE tenant_id = %s AND endpoint_id = %s"


def check_types(event_types: Sequence[str], *, field: str = "event_types") -> list[str]:
    """Names of the catalogue, or kinds of them like `call.*`, each once. InvalidInput names the wrong one."""
    for number, wanted in enumerate(event_types):
        if not wanted or not any(matches([wanted], name) for name in TYPES):
            raise InvalidInput(
                f"There is no event {wanted[:60]!r}: GET /webhooks/event-types lists them.",
                field=f"{field}.{number}",
                code="unknown_event",
            )
    return list(dict.fromkeys(event_types))


def _kept(headers: Mapping[str, str | None], stored: Mapping[str, str]) -> dict[str, str]:
    values = {name.lower(): value for name, value in stored.items()}
    kept = {}
    for name, value in headers.items():
        if value is None and name.lower() not in values:
            raise InvalidInput("Give this header a value.", field=f"headers.{name}")
        kept[name] = values[name.lower()] if value is None else value
    return kept


def _locked(endpoint: Endpoint) -> Endpoint:
    row = Endpoint.objects.select_for_update(of=("self",)).filter(pk=endpoint.pk).first()
    if row is None:
        raise NotFound("There is no such endpoint.")
    return row
