"""The same silence every time."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.strategy import Pause, Verdict


class Fixed:
    """`endpointing_ms`, whatever was said."""

    name = "fixed"

    def __init__(self, rules: TurnTaking) -> None:
        self.least_ms = rules.endpointing_ms
        self._verdict = Verdict(rules.endpointing_ms, "silence")

    def judge(self, pause: Pause) -> Verdict:
        return self._verdict
