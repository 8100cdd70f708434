"""What is written down of an order or a port as it goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.numbers.models import NumberOrder, PortRequest

RETRY_AFTER = [
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
]
"""After the attempts of a row; the last one again and again."""

GIVE_UP_AFTER = timedelta(hours=48)
"""A carrier that could not be asked for so long: the order fails, and what it may have bought goes back."""


OURS = "The carrier does nothing for us now; the operator of this installation sees it."
"""Trouble with the platform's own account."""

UNEXPECTED = "Something went wrong on our side; the operator of this installation sees it."

_AGAIN = "It is tried again."
_GIVEN_UP = (
    f"It was tried for {GIVE_UP_AFTER.total_seconds() // 3600:.0f} hours. Order it again later, or a number "
    "of another carrier."
)


def waiting(words: str) -> str:
    """`words`, why something cannot be done now, for whoever waits."""
    return _with(words, _AGAIN)


def given_up(words: str) -> str:
    """The same for whoever has waited long enough."""
    return _with(words, _GIVEN_UP)


def _with(words: str, more: str) -> str:
    """In the 500 characters of a problem."""
    return f"{words[: 499 - len(more)]} {more}"


def later(attempts: int, now: datetime) -> datetime:
    """When something is tried again that was tried `attempts` times."""
    return now + RETRY_AFTER[min(max(attempts, 1), len(RETRY_AFTER)) - 1]


def note(row: NumberOrder | PortRequest, step: str, words: str, now: datetime) -> None:
    """Adds to the row's steps; the caller saves it."""
    row.steps = [*row.steps, {"step": step, "at": now.isoformat(), "words": words}]
