"""Which call of ours is which of a carrier's records. Pure.

By the SIP Call-ID where the carrier tells it; otherwise by direction, both numbers and the time at which it
began, one with one: of calls between the same two numbers the earliest goes with the earliest that is near
enough, which pairs as many as can be paired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from telephony.carriers.values import CallRecord

NEAR = timedelta(seconds=120)
"""Between our INVITE (or the carrier's) and what the carrier calls the beginning."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class OurCall:
    """`started_at`: when it was dialed or rang. `seconds`: from the answer, begun ones. `charged_micros`: for
    its telephony; None: nothing was charged, not even nothing."""

    id: UUID
    tenant_id: UUID
    direction: str
    from_number: str
    to_number: str
    started_at: datetime
    seconds: int
    sip_call_id: str = ""
    charged_micros: int | None = None


Pair = tuple[OurCall | None, CallRecord | None]


def pairs(ours: Iterable[OurCall], theirs: Iterable[CallRecord], *, near: timedelta = NEAR) -> Iterator[Pair]:
    """Every call and every record once: with its other side, or with None."""
    mine, left = list(ours), []
    by_id = {call.sip_call_id: n for n, call in enumerate(mine) if call.sip_call_id}
    taken: set[int] = set()
    for record in theirs:
        n = by_id.get(record.sip_call_id) if record.sip_call_id else None
        if n is None or n in taken:
            left.append(record)
        else:
            taken.add(n)
            yield mine[n], record
    rest = [call for n, call in enumerate(mine) if n not in taken]
    yield from _by_numbers(rest, left, near)


def _by_numbers(ours: Sequence[OurCall], theirs: Sequence[CallRecord], near: timedelta) -> Iterator[Pair]:
    groups: defaultdict[Key, tuple[list[OurCall], list[CallRecord]]] = defaultdict(lambda: ([], []))
    for call in ours:
        groups[_key(call)][0].append(call)
    for record in theirs:
        groups[_key(record)][1].append(record)
    for mine, others in groups.values():
        mine.sort(key=lambda call: call.started_at)
        others.sort(key=lambda record: record.started_at)
        yield from _in_order(mine, others, near)


def _in_order(mine: Sequence[OurCall], others: Sequence[CallRecord], near: timedelta) -> Iterator[Pair]:
    """Both sorted by time."""
    m = n = 0
    while m < len(mine) and n < len(others):
        apart = others[n].started_at - mine[m].started_at
        if abs(apart) <= near:
            yield mine[m], others[n]
            m, n = m + 1, n + 1
        elif apart > near:
            yield mine[m], None
            m += 1
        else:
            yield None, others[n]
            n += 1
    yield from ((call, None) for call in mine[m:])
    yield from ((None, record) for record in others[n:])


def _key(call: OurCall | CallRecord) -> Key:
    return call.direction, _digits(call.from_number), _digits(call.to_number)


def _digits(number: str) -> str:
    """Of a number, or of the user of a SIP address; another text as it is."""
    user = number.removeprefix("sip:").split("@")[0]
    return "".join(sign for sign in user if sign.isdigit()) or number
