"""What other domains have to say of an outbound call before it is dialed.

A gate is asked twice: when a call is placed, and again at the instant of dialing, in the transaction that
gives it to a line (a call may have waited meanwhile). Calls know none of their gates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.calls.models import Call


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls named by `key` begin `1 / per_second` seconds apart at least, over all lines and processes."""

    key: str
    per_second: float


@dataclass(frozen=True, slots=True)
class Word:
    """What a gate says: nothing against it, or `refused` (why, with a `code`); and how fast it may be."""

    refused: str = ""
    code: str = ""
    rates: tuple[Rate, ...] = ()


Gate = Callable[[Call, datetime], Word]
"""Runs in the scope of the call's tenant; at placing, the call is not saved yet. Must not write."""

_gates: list[Gate] = []


def add_gate(gate: Gate) -> None:
    """Asks `gate` from now on. Called as applications start."""
    if gate not in _gates:
        _gates.append(gate)


def ask_gates(call: Call, *, now: datetime) -> Word:
    """All that is said: the first refusal, and every rate."""
    rates: list[Rate] = []
    for gate in _gates:
        word = gate(call, now)
        if word.refused:
            return word
        rates += word.rates
    return Word(rates=tuple(rates))
