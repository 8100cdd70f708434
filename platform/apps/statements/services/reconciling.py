"""Compares carriers' records of calls with ours, day by day, and keeps every difference.

The carrier is asked outside any transaction, the rest is one: a run replaces what an earlier one found, so
that it may be repeated at will, and whoever dies leaves the last complete comparison. Beat asks; two at once
share the days between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from apps.billing.models import CURRENCY
from apps.statements.expecting import Costs
from apps.statements.further_legs import FurtherLegs
from apps.statements.matching import NEAR, OurCall, Pair, pairs
from apps.statements.models import Difference, DifferenceKind, Reconciliation, ReconciliationState
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CallRecord, UsageLine
from tenants.ids import first_id_at
from tenants.scope import platform_scope, statements_may_take

log = structlog.get_logger(__name__)

READY = timedelta(hours=4)
"""A day is compared for the first time so long after it ended: its calls are over, carriers have counted."""

DAYS_BACK = 7
"""So many of the last days are made up for, should nothing have run."""
LEASE = timedelta(hours=1)
AGAIN = timedelta(hours=1)
UNPRICED_AGAIN = timedelta(days=1)
UNPRICED_FOR = timedelta(days=7)
"""So long after a day it is looked whether the carrier has prices for its last calls."""

QUEUED_FOR = timedelta(days=2)
"""A call may wait so long between being made, which is the time in its id, and being dialed."""

SECONDS_APART = 2
MICROS_APART = 100
MAY_TAKE_S = 600
ROWS = 2_000

_OURS = """
SELECT call.id, call.tenant_id, call.direction, call.from_number, call.to_number, times.started_at,
       (call.duration_ms + 999) / 1000, call.sip_call_id,
       CASE WHEN charge.id IS NOT NULL THEN (
         SELECT coalesce(sum(line.amount_micros), 0)::bigint FROM billing_chargeline AS line
          WHERE line.charge_id = charge.id AND line.component = 'telephony') END
  FROM calls_call AS call
  JOIN numbers_phonenumber AS number ON number.id = call.number_id AND number.carrier = %(carrier)s
 CROSS JOIN LATERAL (
   SELECT coalesce(call.dialing_at, call.ringing_at, call.answered_at, call.created_at) AS started_at
 ) AS times
  LEFT JOIN billing_callcharge AS charge ON charge.tenant_id = call.tenant_id AND charge.call = call.id
 WHERE call.id >= %(first)s AND call.id < %(last)s AND NOT call.test AND call.trunk_id IS NULL
   AND call.state = 'ended' AND (call.direction = 'inbound' OR call.dialing_at IS NOT NULL)
   AND times.started_at >= %(since)s AND times.started_at < %(until)s
"""


def look(*, now: datetime | None = None, sellers: Mapping[str, NumberCarrier] = SELLERS) -> int:
    """Compares what is due; how many days of a carrier."""
    now = now or timezone.now()
    _plan(sellers, now)
    done = 0
    while (row := _take(sellers, now)) is not None:
        reconcile(row, sellers[row.carrier], now=now)
        done += 1
    return done


def reconcile(row: Reconciliation, carrier: NumberCarrier, *, now: datetime) -> None:
    """Asks the carrier for the day's records, compares them, and keeps what it bills for the day.

    What the carrier says against it is kept in words.
    """
    since, until = _day(row.day)
    try:
        records = list(carrier.call_records(since - NEAR, until + NEAR))
        used = [_line(line) for line in carrier.usage(row.day)]
    except (CarrierDown, CarrierRefused) as error:
        _failed(row, str(error), now)
        return
    with platform_scope():
        statements_may_take(MAY_TAKE_S)
        costs = Costs.of(row.carrier, since=since, until=until)
        legs = FurtherLegs(row.carrier, since, until, near=NEAR)
        day = Day(since, until, costs, legs, row)
        Difference.objects.filter(reconciliation=row).delete()
        for some in _batches(day.differences(pairs(_ours(row.carrier, since, until), records))):
            Difference.objects.bulk_create(some)
        row.state, row.problem, row.ended_at, row.used = ReconciliationState.DONE, "", now, used
        row.next_at = now + UNPRICED_AGAIN if row.unpriced and now < until + UNPRICED_FOR else None
        row.save()
    log.info("carrier_reconciled", carrier=row.carrier, day=str(row.day), differences=row.differences)


@dataclass
class Day:
    """What is found of a day: sums go into `row`. A pair is of the day in which the carrier's record began,
    or ours where there is none, so that each is told once."""

    since: datetime
    until: datetime
    costs: Costs
    legs: FurtherLegs
    row: Reconciliation

    def differences(self, found: Iterable[Pair]) -> Iterator[Difference]:
        for name in ("calls", "seconds", "micros"):
            setattr(self.row, f"ours_{name}", 0)
            setattr(self.row, f"theirs_{name}", 0)
        self.row.matched = self.row.unpriced = self.row.differences = 0
        for ours, theirs in found:
            at = theirs.started_at if theirs else ours.started_at if ours else self.until
            if not self.since <= at < self.until:
                continue
            self._sum(ours, theirs)
            for kind in self._kinds(ours, theirs):
                self.row.differences += 1
                yield self._difference(kind, ours, theirs)

    def _sum(self, ours: OurCall | None, theirs: CallRecord | None) -> None:
        row = self.row
        row.matched += ours is not None and theirs is not None
        if ours is not None:
            row.ours_calls += 1
            row.ours_seconds += ours.seconds
            row.ours_micros += ours.charged_micros or 0
        if theirs is not None:
            row.theirs_calls += 1
            row.theirs_seconds += theirs.duration_s
            row.theirs_micros += theirs.cost_micros or 0
            row.unpriced += theirs.cost_micros is None and theirs.duration_s > 0

    def _kinds(self, ours: OurCall | None, theirs: CallRecord | None) -> Iterator[DifferenceKind]:
        """Calls that nobody answered or pays for may be on one side only: carriers do not list all."""
        if theirs is None:
            if ours is not None and ours.seconds:
                yield DifferenceKind.MISSING_THERE
            return
        if ours is None:
            if (theirs.duration_s or theirs.cost_micros) and not self.legs.take(theirs):
                yield DifferenceKind.MISSING_HERE
            return
        if abs(ours.seconds - theirs.duration_s) > SECONDS_APART:
            yield DifferenceKind.DURATION
        if ours.charged_micros is None and ours.seconds:
            yield DifferenceKind.UNCHARGED
        yield from self._of_price(ours, theirs)

    def _of_price(self, ours: OurCall, theirs: CallRecord) -> Iterator[DifferenceKind]:
        if theirs.cost_micros is None or theirs.currency != CURRENCY:
            return
        expected = self.costs.expected(theirs)
        if expected is not None and abs(theirs.cost_micros - expected) > MICROS_APART:
            yield DifferenceKind.PRICE
        if ours.charged_micros is not None and theirs.cost_micros > ours.charged_micros:
            yield DifferenceKind.LOSS

    def _difference(
        self, kind: DifferenceKind, ours: OurCall | None, theirs: CallRecord | None
    ) -> Difference:
        one = ours or theirs
        assert one is not None  # noqa: S101 (for the type checker: no pair is empty)
        micros = ours.charged_micros if ours else None
        if kind == DifferenceKind.PRICE and theirs is not None:
            micros = self.costs.expected(theirs)
        return Difference(
            reconciliation=self.row,
            kind=kind,
            of_tenant=ours.tenant_id if ours else None,
            call=ours.id if ours else None,
            record=theirs.id if theirs else "",
            direction=one.direction,
            started_at=one.started_at,
            ours_seconds=ours.seconds if ours else None,
            theirs_seconds=theirs.duration_s if theirs else None,
            ours_micros=micros,
            theirs_micros=theirs.cost_micros if theirs else None,
            currency=theirs.currency if theirs else CURRENCY,
        )


def _line(line: UsageLine) -> dict[str, Any]:
    return {name: value for name, value in asdict(line).items() if name != "day"}


def _plan(sellers: Iterable[str], now: datetime) -> None:
    """A row for each of the last days that is over."""
    last = (now - READY).astimezone(UTC).date() - timedelta(days=1)
    days = [last - timedelta(days=n) for n in range(DAYS_BACK)]
    rows = [Reconciliation(carrier=name, day=day, next_at=now) for name in sellers for day in days]
    with platform_scope():
        Reconciliation.objects.bulk_create(rows, ignore_conflicts=True)


def _take(sellers: Iterable[str], now: datetime) -> Reconciliation | None:
    """The next day that is due, taken for `LEASE`; also what another took and never ended."""
    with platform_scope():
        due = Reconciliation.objects.filter(carrier__in=list(sellers), next_at__lte=now).order_by("day")
        row = due.select_for_update(skip_locked=True).first()
        if row is not None:
            row.attempts += 1
            row.next_at = now + LEASE
            row.save(update_fields=["attempts", "next_at", "updated_at"])
        return row


def _failed(row: Reconciliation, problem: str, now: datetime) -> None:
    with platform_scope():
        row.state, row.problem, row.next_at = ReconciliationState.FAILED, problem[:1_000], now + AGAIN
        row.save(update_fields=["state", "problem", "next_at", "updated_at"])
    log.warning("carrier_not_reconciled", carrier=row.carrier, day=str(row.day), problem=problem)


def _day(day: date) -> tuple[datetime, datetime]:
    begin = datetime.combine(day, time.min, tzinfo=UTC)
    return begin, begin + timedelta(days=1)


def _ours(carrier: str, since: datetime, until: datetime) -> Iterator[OurCall]:
    """Ended calls over the carrier's numbers that began near the day, of all tenants; no test calls."""
    values: dict[str, Any] = {
        "carrier": carrier,
        "since": since - NEAR,
        "until": until + NEAR,
        "first": first_id_at(since - NEAR - QUEUED_FOR),
        "last": first_id_at(until + NEAR),
    }
    with closing(connection.cursor()) as cursor:
        cursor.execute(_OURS, values)
        while rows := cursor.fetchmany(ROWS):
            yield from (OurCall(*row) for row in rows)


def _batches(found: Iterable[Difference]) -> Iterator[list[Difference]]:
    some: list[Difference] = []
    for one in found:
        some.append(one)
        if len(some) == ROWS:
            yield some
            some = []
    if some:
        yield some
