"""Ids: UUIDv7 (RFC 9562) in the database, prefixed hexadecimal to the outside."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator
from datetime import datetime

import uuid6

_HEX = re.compile(r"[0-9a-f]{32}")


def new_id() -> uuid.UUID:
    """A new UUIDv7: rows made later sort later, so that primary keys stay dense in the index."""
    return uuid.UUID(int=uuid6.uuid7().int)


def ids_in_order() -> Iterator[str]:
    """New UUIDv7 without end, as hexadecimal digits, each above the one before: for the rows of a file, where
    one by one is too slow. Between fresh ones the random bits grow by random steps (RFC 9562, 6.2)."""
    steps = random.SystemRandom()
    last = 0
    while True:
        fresh = new_id().int
        if fresh <= last:
            continue
        room = (1 << 62) - 1 - (fresh & ((1 << 62) - 1))
        for step in steps.choices(range(1, 1 << 40), k=min(1_000, room >> 40)):
            fresh += step
            yield f"{fresh:032x}"
        last = fresh


def first_id_at(time: datetime, *, plus_ms: int = 0) -> uuid.UUID:
    """The lowest id that `new_id` can make at `time`, to the millisecond: what is old has a low id."""
    return uuid.UUID(int=max(0, int(time.timestamp() * 1000) + plus_ms) << 80)


def to_public(prefix: str, value: uuid.UUID) -> str:
    """`value` as the API shows it: ``agt_`` and 32 hexadecimal digits."""
    return f"{prefix}{value.hex}"


def from_public(prefix: str, text: str) -> uuid.UUID:
    """The id behind `text`. ValueError when it is not `prefix` and 32 lower-case hexadecimal digits."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or not _HEX.fullmatch(digits):
        raise ValueError(f"an id like {prefix}0192f0c8... is expected")
    return uuid.UUID(digits)
