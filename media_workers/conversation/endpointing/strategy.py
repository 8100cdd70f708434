"""What every strategy is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from media_workers.providers.base import TurnSign


@dataclass(frozen=True, slots=True)
class Pause:
    """What is known when the caller pauses.

    `text`: of the whole turn so far, `final` when no more of it is waited for. `question`: what the
    agent said before it. `sign`: what the transcriber said last, after the caller's last word.
    `completeness`: what the turn model makes of the sound (0..1), None without one or, with
    `model_asked`, before its answer.
    """

    text: str = ""
    final: bool = False
    language: str = "en-US"
    question: str = ""
    sign: TurnSign | None = None
    completeness: float | None = None
    model_asked: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`needed_ms`: silence, counted from the caller's last word, after which the turn is over; `reason` in
    a word or two. `likely`: an answer begun now will probably be the one that is spoken."""

    needed_ms: int
    reason: str
    likely: bool = True


class Endpointing(Protocol):
    """Judges the pauses of one call. Pure but for what it remembers of the call.

    `name` as in the agent's configuration; no verdict needs less silence than `least_ms`.
    """

    name: str
    least_ms: int

    def judge(self, pause: Pause) -> Verdict: ...
