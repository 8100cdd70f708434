"""Who keeps a promise of a callback instead of the follow-ups, since it dials the other side itself."""

from __future__ import annotations

from collections.abc import Callable

from apps.calls.models import Call

Taker = Callable[[Call], bool]
"""Whether callbacks that are asked for in this call are its own. Runs in the scope of the call's tenant."""

_takers: list[Taker] = []


def take_with(taker: Taker) -> None:
    """Asks `taker` from now on. Called as applications start."""
    if taker not in _takers:
        _takers.append(taker)


def is_taken(call: Call) -> bool:
    """Whether somebody keeps the promises of this call."""
    return any(taker(call) for taker in _takers)
