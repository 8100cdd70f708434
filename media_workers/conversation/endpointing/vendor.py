"""The end of a turn as the transcriber finds it."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.strategy import Endpointing, Pause, Verdict
from media_workers.providers.base import TurnSign


class Vendor:
    """Over when the transcriber says so (voice activity has heard a pause by then), or after
    `endpointing_max_ms`. Of a transcriber that has not given a sign in this call it is not known whether
    it ever will: until then the words decide, with at least `endpointing_ms`."""

    name = "vendor"

    def __init__(self, rules: TurnTaking, words: Endpointing) -> None:
        self._words = words
        self._limit_ms = rules.endpointing_max_ms
        self._unsigned_ms = rules.endpointing_ms
        self._signed = False
        self.least_ms = rules.transcript_after_ms

    def judge(self, pause: Pause) -> Verdict:
        if pause.sign is not None:
            self._signed = True
        if pause.sign is TurnSign.OVER:
            return Verdict(self.least_ms, "end of turn")
        if pause.sign is TurnSign.LIKELY_OVER:
            return Verdict(self._limit_ms, "likely end of turn")
        if self._signed:
            return Verdict(self._limit_ms, "limit", likely=False)
        words = self._words.judge(pause)
        needed_ms = min(max(words.needed_ms, self._unsigned_ms), self._limit_ms)
        return Verdict(needed_ms, f"no sign, {words.reason}", words.likely)
