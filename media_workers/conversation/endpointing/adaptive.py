"""More or less silence by what the words so far look like."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.completeness import Look, look
from media_workers.conversation.endpointing.strategy import Pause, Verdict

OVER = frozenset({Look.SENTENCE, Look.CLOSING, Look.ALL_DIGITS})
UNDECIDED = frozenset({Look.NOTHING, Look.WORDS})


class Adaptive:
    """The least after a complete sentence, the most in the middle of something, and between them, where
    the words do not tell, what `fixed` would take."""

    name = "adaptive"

    def __init__(self, rules: TurnTaking) -> None:
        self._most_ms = max(rules.endpointing_min_ms, rules.endpointing_max_ms)
        self.least_ms = rules.endpointing_min_ms
        self._middle_ms = min(max(rules.endpointing_ms, self.least_ms), self._most_ms)

    def judge(self, pause: Pause) -> Verdict:
        found = look(pause.text, pause.language, pause.question)
        if found in OVER:
            return Verdict(self.least_ms, found.value)
        if found in UNDECIDED:
            return Verdict(self._middle_ms, found.value)
        return Verdict(self._most_ms, found.value, likely=False)
