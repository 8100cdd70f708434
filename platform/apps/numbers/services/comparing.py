"""Every few hours: what carriers say that they have sold to us, beside what we know of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from apps.numbers.models import ENDED, NumberOrder, OrderState
from apps.numbers.services.steps import note
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.keeping import note_numbers
from telephony.carriers.registry import GIVERS, SELLERS
from telephony.carriers.values import Owned
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

SETTLED_AFTER = timedelta(hours=1)
"""What was bought later may still be on its way into our books."""


@dataclass(slots=True)
class Compared:
    """Numbers, in E.164. `returned`: bought for an order that has ended, and given back now. `unknown`: at
    the carrier, and of nobody here: staff decides. `lost`: a tenant's, and not at the carrier."""

    returned: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def compare_with_carriers(*, now: datetime | None = None) -> dict[str, Compared]:
    """Of each carrier that could be asked. What is not as it should be is in the log, and on the staff's
    first page. Outside any transaction."""
    now, found = now or timezone.now(), {}
    for name, seller in SELLERS.items():
        if name in GIVERS:
            continue  # it remembers nothing
        try:
            found[name] = _compare(name, seller, now)
        except (CarrierDown, CarrierRefused) as error:
            log.warning("numbers_not_compared", carrier=name, error=str(error))
        except Exception:  # the other carriers are compared all the same
            log.exception("numbers_not_compared", carrier=name)
    return found


def _compare(name: str, seller: NumberCarrier, now: datetime) -> Compared:
    before = _known(name)
    sold = list(seller.all_owned())
    known = before | _known(name)
    compared = Compared()
    for owned in sold:
        if owned.e164 in known or (owned.bought_at and now - owned.bought_at < SETTLED_AFTER):
            continue
        (compared.returned if _give_back(owned, name, now) else compared.unknown).append(owned.e164)
    there = {owned.e164 for owned in sold}
    compared.lost = sorted(_active(name, before) - there)
    note_numbers(name, unknown=compared.unknown, lost=compared.lost, now=now)
    if compared.unknown:
        log.error("numbers_unknown", carrier=name, numbers=compared.unknown)
    if compared.lost:
        log.error("numbers_lost", carrier=name, numbers=compared.lost)
    return compared


def _known(name: str) -> set[str]:
    with platform_scope():
        rows = NumberOrder.objects.filter(carrier=name).exclude(state__in=ENDED)
        return set(rows.values_list("e164", flat=True))


def _active(name: str, among: set[str]) -> set[str]:
    with platform_scope():
        rows = NumberOrder.objects.filter(carrier=name, state=OrderState.ACTIVE, e164__in=among)
        return set(rows.values_list("e164", flat=True))


def _give_back(owned: Owned, name: str, now: datetime) -> bool:
    """Whether it was bought for an order of ours, which has ended: it is opened again, to be released."""
    try:
        order_id = UUID(owned.key)
    except ValueError:
        return False
    with platform_scope():
        rows = NumberOrder.objects.select_for_update(no_key=True, of=("self",))
        order = rows.filter(pk=order_id, carrier=name, e164=owned.e164, state__in=ENDED).first()
        if order is None:
            return False
        order.ends_as, order.state = order.state, OrderState.RELEASING
        order.carrier_id, order.next_at, order.attempts = owned.id, now, 0
        note(order, "releasing", "The carrier still had it.", now)
        order.save()
    return True
