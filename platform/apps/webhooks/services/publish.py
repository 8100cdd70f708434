"""The one way to tell tenants of what happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from apps.webhooks.catalogue import TYPES, EventData, matches
from apps.webhooks.models import Delivery, Endpoint, EndpointState, Event
from apps.webhooks.services.waking import wake_after_commit
from tenants.scope import Scope, current_scope, current_tenant_id

GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Listener:
    """An active endpoint and what it wants to hear of."""

    id: UUID
    event_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """An event to be: `publish` says what its parts are."""

    name: str
    data: EventData
    key: str
    at: datetime


_looked: ContextVar[tuple[Scope, dict[UUID, list[Listener]]] | None] = ContextVar("listeners", default=None)
"""Who listens, as it was found in the scope in force: a transaction asks once, however much it tells."""


def publish(
    name: str, data: EventData, *, key: str, at: datetime, tenant_id: UUID | None = None
) -> Event | None:
    """Writes the event `name` and its deliveries, in the tenant's scope and the caller's transaction; they
    leave after the commit.

    `key`: the public id of what it is about; its events stand in one order, whoever tells of it at once.
    `tenant_id`: whose it is, where the platform's scope is in force. None: nobody of the tenant wants to hear
    of it, and nothing is written.
    """
    events = publish_many([Telling(name, data, key, at)], tenant_id=tenant_id)
    return events[0] if events else None


def publish_many(
    tellings: Sequence[Telling], *, tenant_id: UUID | None = None, keys_held: bool = False
) -> list[Event]:
    """As `publish` does, in a few statements however many they are; the events that were written, in the
    order of `tellings`.

    `keys_held`: locks of the caller's already keep everybody else from telling of these keys until the
    commit. Of many keys that saves as many locks, of which PostgreSQL has a limited number.
    """
    tenant = tenant_id or current_tenant_id()
    for told in tellings:
        expected = TYPES[told.name].data
        if not isinstance(told.data, expected):
            raise TypeError(f"{told.name} is told with {expected.__name__}, not {type(told.data).__name__}")
    listeners = _listeners(tenant)
    heard = [told for told in tellings if any(matches(one.event_types, told.name) for one in listeners)]
    if not heard:
        return []
    if not keys_held:
        _stand_in_line({told.key for told in heard})
    events = Event.objects.bulk_create(_events(heard, tenant))
    _deliver(events, listeners, tenant)
    return events


def anybody_wants(*names: str, tenant_id: UUID | None = None) -> bool:
    """Whether an endpoint of the tenant wants to hear of one of these events: what costs something to tell
    need not be looked up else. Asks the database once in a transaction."""
    listeners = _listeners(tenant_id or current_tenant_id())
    return any(matches(one.event_types, name) for one in listeners for name in names)


def _listeners(tenant_id: UUID) -> list[Listener]:
    scope, looked = current_scope(), _looked.get()
    if looked is None or looked[0] is not scope:
        looked = (scope, {})
        _looked.set(looked)
    if tenant_id not in looked[1]:
        rows = Endpoint.objects.filter(tenant_id=tenant_id, state=EndpointState.ACTIVE).order_by("pk")
        looked[1][tenant_id] = [
            Listener(pk, tuple(types)) for pk, types in rows.values_list("pk", "event_types")
        ]
    return looked[1][tenant_id]


@receiver([post_save, post_delete], sender=Endpoint)
def _look_again(**_: Any) -> None:
    _looked.set(None)


def _stand_in_line(keys: Collection[str]) -> None:
    """Two transactions that tell of one key at once wait for each other here, whatever they hold otherwise;
    of several keys always in one order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(line) FROM (SELECT DISTINCT hashtextextended(key, 77) AS line"
            " FROM unnest(%s::text[]) AS key ORDER BY 1) AS lines",
            [list(keys)],
        )


def _events(tellings: Sequence[Telling], tenant_id: UUID) -> Iterable[Event]:
    last = _last_of({told.key for told in tellings}, tenant_id)
    for told in tellings:
        last[told.key] = last.get(told.key, 0) + 1
        yield Event(
            tenant_id=tenant_id,
            type=told.name,
            version=TYPES[told.name].version,
            at=told.at,
            key=told.key,
            sequence=last[told.key],
            data=told.data.model_dump(mode="json"),
        )


def _last_of(keys: Collection[str], tenant_id: UUID) -> dict[str, int]:
    rows = Event.objects.filter(tenant_id=tenant_id, key__in=keys).order_by()
    return dict(rows.values("key").annotate(last=Max("sequence")).values_list("key", "last"))


def _deliver(events: Sequence[Event], listeners: Sequence[Listener], tenant_id: UUID) -> None:
    """From now on, whenever it happened: a media node may tell of yesterday."""
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            tenant_id=tenant_id,
            endpoint_id=one.id,
            event=event,
            key=event.key,
            sequence=event.sequence,
            next_at=now,
            give_up_at=now + GIVE_UP_AFTER,
        )
        for event in events
        for one in listeners
        if matches(one.event_types, event.type)
    )
    wake_after_commit()
