"""The one way to tell tenants of what happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import current_app
from django.db import connection, transaction
from django.db.models import Max

from apps.webhooks.catalogue import TYPES, EventData, matches
from apps.webhooks.models import Delivery, Endpoint, EndpointState, Event

GIVE_UP_AFTER = timedelta(hours=24)
DELIVER = "webhooks.deliver"


def publish(name: str, data: EventData, *, key: str, at: datetime) -> Event | None:
    """Writes the event `name` and its deliveries, in the tenant's scope and the caller's transaction; they
    leave after the commit.

    `key`: the public id of what it is about; the row of that thing must be locked by the caller, or new,
    so that its events stand in one order. None: nobody of the tenant wants to hear of it, and nothing is
    written.
    """
    if not isinstance(data, TYPES[name].data):
        raise TypeError(f"{name} is told with {TYPES[name].data.__name__}, not {type(data).__name__}")
    active = Endpoint.objects.filter(state=EndpointState.ACTIVE).only("pk", "event_types")
    endpoints = [endpoint for endpoint in active if matches(endpoint.event_types, name)]
    if not endpoints:
        return None
    event = Event.objects.create(
        type=name, at=at, key=key, sequence=_next_of(key), data=data.model_dump(mode="json")
    )
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, event=event, key=key, next_at=at, give_up_at=at + GIVE_UP_AFTER)
        for endpoint in endpoints
    )
    transaction.on_commit(_wake, robust=True)
    return event


def _next_of(key: str) -> int:
    """Two transactions that tell of one key at once stand in line here, whatever they hold otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 77))", [key])
    last: int | None = Event.objects.filter(key=key).aggregate(last=Max("sequence"))["last"]
    return (last or 0) + 1


def _wake() -> None:
    """Beat would find the deliveries within a second: a broker that is down keeps nobody waiting."""
    current_app.send_task(DELIVER, expires=5)
