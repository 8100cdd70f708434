"""What is told of trunks that have come to work, or to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from telephony.trunks.models import Trunk
from telephony.trunks.signals import state_changed


@dataclass(frozen=True, slots=True)
class News:
    """As `signals.state_changed` has it."""

    trunk_id: UUID
    tenant_id: UUID
    gateway: str | None
    state: str
    before: str
    error: str
    at: datetime


_held_back: ContextVar[list[News] | None] = ContextVar("held_back", default=None)


def tell(news: News) -> None:
    """Sends the signal: now, or at the end of `told_at_the_end`."""
    waiting = _held_back.get()
    if waiting is None:
        state_changed.send(Trunk, **asdict(news))
    else:
        waiting.append(news)


@contextmanager
def told_at_the_end() -> Iterator[None]:
    """Holds back what is told in the block, and sends it at its end in the order of the trunks: what
    receivers lock is locked last, and in one order for everybody who reports of many trunks."""
    waiting: list[News] = []
    token = _held_back.set(waiting)
    try:
        yield
    finally:
        _held_back.reset(token)
    for news in sorted(waiting, key=lambda one: one.trunk_id):
        tell(news)
