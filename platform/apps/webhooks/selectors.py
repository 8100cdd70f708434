"""Reads of webhooks, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from apps.webhooks.models import Delivery, DeliveryState, Endpoint, Event
from tenants.errors import NotFound
from tenants.ids import first_id_at

COUNTED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries of an endpoint: `pending` of any age, the others of events of the last 24 hours; `failed`
    were given up, or their last attempt failed."""

    pending: int = 0
    delivered_24h: int = 0
    failed_24h: int = 0


def list_endpoints() -> QuerySet[Endpoint]:
    """The tenant's."""
    return Endpoint.objects.all()


def get_endpoint(endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    """One of them, locked until the end of the transaction if asked for. NotFound."""
    rows = list_endpoints()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    endpoint = rows.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("There is no such webhook.")
    return endpoint


def counts_of(endpoints: Collection[Endpoint], *, now: datetime) -> dict[UUID, Counts]:
    """By endpoint, in two queries however many they are."""
    ids = [endpoint.pk for endpoint in endpoints]
    rows = Delivery.objects.filter(endpoint__in=ids).order_by().values("endpoint")
    waiting = rows.filter(state=DeliveryState.PENDING).annotate(n=Count("pk"))
    pending = dict(waiting.values_list("endpoint", "n"))
    recent = rows.filter(pk__gte=first_id_at(now - COUNTED)).annotate(
        delivered=Count("pk", filter=Q(state=DeliveryState.DELIVERED)),
        failed=Count(
            "pk",
            filter=Q(state=DeliveryState.DEAD) | (Q(state=DeliveryState.PENDING) & ~Q(problem="")),
        ),
    )
    counted = {pk: (done, bad) for pk, done, bad in recent.values_list("endpoint", "delivered", "failed")}
    return {pk: Counts(pending.get(pk, 0), *counted.get(pk, (0, 0))) for pk in ids}


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """What was, is or will be sent to `endpoint`."""
    return Delivery.objects.filter(endpoint=endpoint).select_related("event").defer("event__data")


def get_delivery(delivery_id: UUID, *, lock: bool = False) -> Delivery:
    """With its event and, in their order, its attempts. NotFound."""
    rows = Delivery.objects.select_related("event", "endpoint").defer("endpoint__headers")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    delivery = rows.prefetch_related("tries").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery


def list_events() -> QuerySet[Event]:
    """What was told, with who it was told to."""
    deliveries = Delivery.objects.select_related("endpoint").defer("endpoint__headers").order_by("pk")
    return Event.objects.defer("data").prefetch_related(Prefetch("deliveries", queryset=deliveries))
