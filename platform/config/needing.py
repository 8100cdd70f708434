"""What carriers, orders and ports wait for staff with: shown on the staff's first page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.numbers.models import (
    BUNDLE_WAITS,
    OPEN,
    PORT_ENDED,
    BundleState,
    NumberBundle,
    NumberOrder,
    OrderState,
    PortRequest,
    PortState,
)
from telephony.carriers.models import CarrierWatch
from telephony.carriers.registry import SELLERS
from tenants.scope import platform_scope

TRIED = 5
"""Attempts after which what did not work hardly will by itself: a quarter of an hour."""

OURS = ("carrier_account", "carrier_trunk", "unexpected")
"""Problems of orders that are the platform's, from the first on."""

_MOST = 50


@dataclass(frozen=True, slots=True)
class Need:
    """`what` of `whose` waits since then, and why. `whose`: a carrier or a tenant."""

    what: str
    whose: str
    since: datetime | None
    why: str


def needs() -> list[Need]:
    """Those that somebody has to look at, at most some of each kind."""
    with platform_scope():
        return [*_carriers(), *_orders(), *_ports(), *_papers()]


def _carriers() -> Iterator[Need]:
    for watch in CarrierWatch.objects.filter(carrier__in=list(SELLERS)):
        label = SELLERS[watch.carrier].label
        if watch.trunk_problem:
            yield Need("The trunk", label, watch.trunk_problem_since, watch.trunk_problem)
        for e164 in watch.unknown[:_MOST]:
            yield Need(f"Number {e164}", label, watch.compared_at, "It is paid for, and nobody here has it.")
        for e164 in watch.lost[:_MOST]:
            why = "A tenant has it and pays for it, and the carrier has it no more."
            yield Need(f"Number {e164}", label, watch.compared_at, why)


def _orders() -> Iterator[Need]:
    """Trouble of ours, and what is tried on and on: a number that the carrier does not take back costs money,
    one that was brought here and is not connected takes no calls."""
    stuck = Q(attempts__gte=TRIED) & (Q(state=OrderState.RELEASING) | Q(state=OrderState.OWNED, held=False))
    rows = NumberOrder.objects.filter(Q(problem_code__in=OURS) | stuck, state__in=OPEN).exclude(problem="")
    for row in _first(rows):
        yield Need(f"Order of {row.e164} ({row.state})", row.tenant.name, row.created_at, row.problem)


def _ports() -> Iterator[Need]:
    rows = PortRequest.objects.exclude(state__in=PORT_ENDED).exclude(problem="")
    for row in _first(rows.filter(Q(attempts__gte=TRIED) | Q(state=PortState.ACTION_NEEDED))):
        yield Need(f"Port of {row.e164} ({row.state})", row.tenant.name, row.created_at, row.problem)


def _papers() -> Iterator[Need]:
    rows = NumberBundle.objects.filter(archived_at=None, state__in=BUNDLE_WAITS, attempts__gte=TRIED)
    for row in _first(rows.filter(state=BundleState.SUBMITTING).exclude(problem="")):
        yield Need(f"Papers {row.label}", row.tenant.name, row.created_at, row.problem)


def _first(rows: QuerySet) -> QuerySet:
    return rows.select_related("tenant").order_by("pk")[:_MOST]
