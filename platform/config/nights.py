"""What the nightly comparisons of money found, carriers' and Stripe's beside each other, for staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.payments.models import StripeReconciliation
from apps.statements.models import Reconciliation
from tenants.scope import platform_scope

LOOKING_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Night:
    """One day (UTC) beside what somebody else says of it. `theirs`: what they told; `problem`: why it could
    not be compared."""

    day: date
    beside: str
    theirs: str
    differences: int
    problem: str


def last_nights(now: datetime) -> list[Night]:
    """Of the last days, the newest first."""
    with platform_scope():
        found = [*_carriers(now), *_stripe(now)]
    return sorted(found, key=lambda night: (-night.day.toordinal(), night.beside))


def _carriers(now: datetime) -> Iterator[Night]:
    for row in Reconciliation.objects.filter(day__gte=(now - LOOKING_BACK).date()):
        theirs = f"{row.theirs_calls} calls, {row.unpriced} without a price"
        yield Night(row.day, row.carrier.capitalize(), theirs, row.differences, row.problem)


def _stripe(now: datetime) -> Iterator[Night]:
    for row in StripeReconciliation.objects.filter(day__gte=(now - LOOKING_BACK).date()):
        theirs = f"{row.checked} movements" if row.finished_at else ""
        yield Night(row.day, "Stripe", theirs, row.differences, row.problem)
