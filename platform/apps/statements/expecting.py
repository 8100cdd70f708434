"""What carriers should take for calls, by the rates that staff have imported. Integer micro-units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db.models import Q

from apps.billing.models import Rate
from telephony.carriers.values import CallRecord

LONGEST_PREFIX = 15


class Costs:
    """Of one carrier, of those of its rates that say what it takes of us."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: defaultdict[tuple[str, str], list[Rate]] = defaultdict(list)
        for rate in rates:
            self._rates[rate.direction, rate.prefix].append(rate)

    @classmethod
    def of(cls, carrier: str, *, since: datetime, until: datetime) -> Self:
        """Those in force at some time between. In any scope."""
        rows = Rate.objects.filter(carrier=carrier, effective_from__lt=until)
        return cls(rows.filter(Q(effective_until=None) | Q(effective_until__gt=since)))

    def expected(self, record: CallRecord) -> int | None:
        """What the call should cost; None: no rate says so."""
        # Placed calls go by the number that is called, received ones by the tenant's: both are `to_number`.
        digits = "".join(sign for sign in record.to_number if sign.isdigit())[:LONGEST_PREFIX]
        rate = self._rate(record.direction, digits, record.started_at)
        if rate is None or rate.cost_micros_per_minute is None:
            return None
        return cost(record.duration_s, rate)

    def _rate(self, direction: str, digits: str, at: datetime) -> Rate | None:
        for length in range(len(digits), -1, -1):
            for rate in self._rates.get((direction, digits[:length]), ()):
                if rate.effective_from <= at and (rate.effective_until is None or at < rate.effective_until):
                    return rate
        return None


def cost(seconds: int, rate: Rate) -> int:
    """Of an answered call, in the rate's steps; a fraction of a micro-unit is a whole one."""
    per_minute = rate.cost_micros_per_minute
    if not seconds or per_minute is None:
        return 0
    billed = rate.first_s + -(-max(0, seconds - rate.first_s) // rate.step_s) * rate.step_s
    return -(-billed * per_minute // 60)
