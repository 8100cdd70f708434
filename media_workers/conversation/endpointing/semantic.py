"""The end of a turn as a model hears it."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.strategy import Endpointing, Pause, Verdict

COMPLETE_AT = 0.5
WAIT_MS = 500
"""Silence before which nothing is decided while the model's answer is waited for."""


class Semantic:
    """Shorter or longer by what the turn model makes of the caller's melody; the words still hold a number
    or a name open that is only half said. Without an answer the words alone decide."""

    name = "semantic"

    def __init__(self, rules: TurnTaking, words: Endpointing) -> None:
        self._words = words
        self.least_ms = words.least_ms
        self._most_ms = max(self.least_ms, rules.endpointing_max_ms)

    def judge(self, pause: Pause) -> Verdict:
        words = self._words.judge(pause)
        if not words.likely:
            return words
        if pause.completeness is None:
            wait_ms = WAIT_MS if pause.model_asked else 0
            return Verdict(max(words.needed_ms, wait_ms), words.reason)
        if pause.completeness >= COMPLETE_AT:
            return Verdict(self.least_ms, "sounds complete")
        return Verdict(self._most_ms, "sounds unfinished", likely=False)
