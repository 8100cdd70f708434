"""Spend limits: what calls cost and hold is counted with the wallet, so that no limit is ever exceeded.

Whoever promises or takes money of a call holds the wallet's lock, asks a `Room` first, and saves it with the
wallet. A call counts, with all that it comes to cost, in the day and the month in which money was first held
for it. Limits are for calls alone: a rental that was refused would cost the tenant its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.billing import telling_limits as telling
from apps.billing.models import LimitScope, Spend, SpendLimit
from apps.billing.notices import mail_to_payers
from apps.billing.periods import ends_at, start_of
from apps.billing.selectors import counted
from apps.billing.services.posting import in_words

WARN_AT_PERCENT = 90
"""Of a limit: its people are told once in a period."""

CountedOn = Iterable[Sequence[Any]]
"""(scope, id or hexadecimal id) of each that a call counts on, beside the tenant."""


class Room:
    """What the limits of a tenant leave, while its wallet is locked.

    Ask before anything is saved of what it is about: a period that has not been counted yet is counted from
    the holds as they are stored.
    """

    def __init__(self, tenant_id: UUID, limits: Sequence[SpendLimit], now: datetime) -> None:
        self._tenant_id, self._limits, self._now = tenant_id, limits, now
        self._counters: dict[tuple[UUID, date], Spend] = {}
        self._changed: set[tuple[UUID, date]] = set()

    def takes(self, counted_on: CountedOn, amount_micros: int, *, began: datetime) -> bool:
        """Counts so much more for a call that began then; False: a limit has no room, nothing is counted.
        What costs nothing has room."""
        counters = self._of(counted_on, began)
        if amount_micros and any(
            spend.micros + amount_micros > limit.amount_micros for limit, spend in counters
        ):
            return False
        self._add(counters, amount_micros)
        return True

    def most(self, counted_on: CountedOn, amount_micros: int, *, began: datetime) -> int:
        """How much of the amount the limits leave to a call that began then. Counts nothing."""
        left = [limit.amount_micros - spend.micros for limit, spend in self._of(counted_on, began)]
        return max(0, min([amount_micros, *left]))

    def gives_back(self, counted_on: CountedOn, amount_micros: int, *, began: datetime) -> None:
        """A call that began then costs so much less than was held for it; negative: more."""
        self._add(self._of(counted_on, began), -amount_micros)

    def tightest(self, counted_on: CountedOn, *, began: datetime) -> tuple[SpendLimit, int] | None:
        """The limit that leaves least, and what it leaves."""
        left = [(limit, limit.amount_micros - spend.micros) for limit, spend in self._of(counted_on, began)]
        return min(left, key=lambda one: one[1], default=None)

    def save(self) -> None:
        """Writes what was counted, in the transaction that changes the wallet."""
        changed = [self._counters[key] for key in sorted(self._changed, key=str)]
        limits = {limit.pk: limit for limit in self._limits}
        for spend in changed:
            limit = limits[spend.limit_id]
            goes_on = spend.period_start == start_of(limit.period, self._now)
            little = 100 * spend.micros >= WARN_AT_PERCENT * limit.amount_micros
            if goes_on and little and spend.warned_at is None:
                spend.warned_at = self._now
                _warn(limit, spend, now=self._now)
        Spend.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["limit", "period_start"],
            update_fields=["micros", "warned_at", "updated_at"],
        )
        self._changed.clear()

    def _of(self, counted_on: CountedOn, began: datetime) -> list[tuple[SpendLimit, Spend]]:
        on = {(str(scope), _hex(id_)) for scope, id_ in counted_on} | {(LimitScope.TENANT.value, "")}
        return [
            (limit, self._counter(limit, began))
            for limit in self._limits
            if (limit.scope, limit.scope_id.hex if limit.scope_id else "") in on
        ]

    def _counter(self, limit: SpendLimit, began: datetime) -> Spend:
        start = start_of(limit.period, began)
        key = limit.pk, start
        if key not in self._counters:
            found = Spend.objects.filter(limit=limit, period_start=start).first()
            self._counters[key] = found or Spend(
                tenant_id=self._tenant_id, limit=limit, period_start=start, micros=counted(limit, start)
            )
        return self._counters[key]

    def _add(self, counters: Iterable[tuple[SpendLimit, Spend]], amount: int) -> None:
        for limit, spend in counters:
            spend.micros += amount
            self._changed.add((limit.pk, spend.period_start))


def room(*, tenant_id: UUID, now: datetime, limited: bool = True) -> Room:
    """What the tenant's limits leave. Who takes of it has locked the wallet, and says whether that is
    `limited`: most are not."""
    rows = SpendLimit.objects.filter(tenant_id=tenant_id) if limited else ()
    return Room(tenant_id, list(rows), now)


def refusal(*, tenant_id: UUID, counted_on: CountedOn, amount_micros: int, began: datetime) -> str:
    """Which limit leaves less than that to a call that began then, in words with what to do; "": none."""
    tightest = room(tenant_id=tenant_id, now=began).tightest(counted_on, began=began)
    if tightest is None or tightest[1] >= amount_micros:
        return ""
    limit, left = tightest
    whose = "" if limit.scope == LimitScope.TENANT else f" of this {LimitScope(limit.scope).label}"
    until = ends_at(limit.period, began).strftime("%-d %B, %H:%M UTC")
    return (
        f"The spend limit{whose} of {in_words(limit.amount_micros)} a {limit.period} leaves"
        f" {in_words(max(0, left))}, and the call needs {in_words(amount_micros)} to begin: raise the limit,"
        f" or wait until {until}."
    )


def _hex(id_: UUID | str) -> str:
    return id_.hex if isinstance(id_, UUID) else id_


def _warn(limit: SpendLimit, spend: Spend, *, now: datetime) -> None:
    telling.limit_near(limit, spend, ends_at=ends_at(limit.period, now), now=now)
    whose = "the workspace" if limit.scope == LimitScope.TENANT else f"a {LimitScope(limit.scope).label}"
    words = (
        f"{in_words(spend.micros)} of the {in_words(limit.amount_micros)} that the calls of {whose} may cost"
        f" in a {limit.period} are spent or held. When they are used up, no more calls begin, and those in"
        " progress end."
    )
    mail_to_payers("mail/limit_near", {"reason": words}, tenant_id=limit.tenant_id, tab="limits")
