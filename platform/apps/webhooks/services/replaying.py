"""Events are sent once more, with the id they had: a receiver that keeps ids knows them again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.webhooks.catalogue import TYPES, matches
from apps.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState
from apps.webhooks.services.endpoints import check_types
from apps.webhooks.services.publish import GIVE_UP_AFTER
from apps.webhooks.services.waking import wake_after_commit
from tenants.audit.services import record
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import first_id_at
from tenants.scope import statements_may_take

MOST = 10_000
MAY_TAKE_S = 120
STATES = (DeliveryState.DEAD, DeliveryState.DELIVERED)


def replay(*, delivery: Delivery) -> Delivery:
    """Sends the event of `delivery` to its endpoint again: a new delivery, or, of one that waits, the same at
    once. Conflict while the endpoint is disabled."""
    endpoint = _active(delivery.endpoint_id)
    rows = Delivery.objects.select_for_update(of=("self",)).filter(
        endpoint=endpoint, event_id=delivery.event_id
    )
    last = rows.order_by("-round").first()
    if last is None:
        raise NotFound("This delivery is not kept any more.")
    now = timezone.now()
    if last.state == DeliveryState.PENDING:
        rows.filter(pk=last.pk, leased_until=None, next_at__gt=now).update(next_at=now)
        last.refresh_from_db()
    else:
        last = _again(last, now)
        last.save(force_insert=True)
    Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=None)
    wake_after_commit()
    return last


def replay_range(
    *,
    endpoint: Endpoint,
    since: datetime | None = None,
    until: datetime | None = None,
    states: Collection[str] = (DeliveryState.DEAD,),
    types: Collection[str] = (),
    dry_run: bool = False,
) -> int:
    """Sends again what happened from `since` to before `until` (None: all that is kept), and reached one of
    these states at last; how many. `types`: names of events, or kinds of them; none: all. InvalidInput for
    more than MOST, or what makes no sense. `dry_run` only counts."""
    _check(since, until, states)
    names = _names(types)
    fresh = _active(endpoint.pk)
    statements_may_take(MAY_TAKE_S)
    rows = _in_range(fresh, since, until, states)
    if names:
        rows = rows.filter(event__type__in=names)
    found = list(rows.order_by("pk")[: MOST + 1])
    if len(found) > MOST:
        raise InvalidInput(f"These are more than {MOST} events: give a shorter time.", field="until")
    if found and not dry_run:
        now = timezone.now()
        Delivery.objects.bulk_create((_again(row, now) for row in found), batch_size=1_000)
        Endpoint.objects.filter(pk=fresh.pk).update(rest_until=None)
        record("replayed", of=fresh, after={"events": len(found)})
        wake_after_commit()
    return len(found)


def _active(pk: UUID) -> Endpoint:
    """Locked, so that two who replay at once do not make the same round."""
    endpoint = Endpoint.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if endpoint is None:
        raise NotFound("There is no such endpoint.")
    if endpoint.state != EndpointState.ACTIVE:
        raise Conflict("This endpoint is disabled: enable it first.", code="endpoint_disabled")
    return endpoint


def _check(since: datetime | None, until: datetime | None, states: Collection[str]) -> None:
    if since and until and until <= since:
        raise InvalidInput("Give a time after `since`.", field="until")
    if not states or set(states) - set(STATES):
        raise InvalidInput("Give dead, delivered or both.", field="states")


def _names(types: Collection[str]) -> list[str]:
    wanted = check_types(list(types), field="types")
    return [name for name in TYPES if matches(wanted, name)]


def _in_range(
    endpoint: Endpoint, since: datetime | None, until: datetime | None, states: Collection[str]
) -> QuerySet[Delivery]:
    """The last round of each event. The id tells when a delivery was made, which was after the event."""
    later = Delivery.objects.filter(
        endpoint=OuterRef("endpoint"), event=OuterRef("event"), round__gt=OuterRef("round")
    )
    rows = Delivery.objects.filter(~Exists(later), endpoint=endpoint, state__in=list(states))
    if since:
        rows = rows.filter(event__at__gte=since, pk__gte=first_id_at(since - timedelta(hours=1)))
    return rows.filter(event__at__lt=until) if until else rows


def _again(row: Delivery, now: datetime) -> Delivery:
    return Delivery(
        tenant_id=row.tenant_id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        round=row.round + 1,
        key=row.key,
        sequence=row.sequence,
        next_at=now,
        give_up_at=now + GIVE_UP_AFTER,
    )
