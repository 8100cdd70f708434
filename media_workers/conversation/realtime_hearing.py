"""The caller's side when the model hears and speaks itself: the vendor tells the words, late and in pieces;
when somebody speaks is heard here too, for what only we decide."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing import SENSITIVITIES, SpeechDetector
from media_workers.conversation.latency import Timing
from media_workers.conversation.realtime_turns import CallerWords, Order
from media_workers.conversation.reporting import Reporter

PAUSE_MS = 300
"""Silence after which the line counts as quiet, for what only we decide."""

WORDS_LIMIT_MS = 5_000
"""How long the transcript of a turn is waited for before the next turn is told."""


class RealtimeHearing:
    """Plain state on passed-in time. Turns have the vendor's names."""

    def __init__(self, rules: TurnTaking, *, order: Order, report: Reporter) -> None:
        self._order = order
        self._report = report
        self._callers: dict[str, CallerWords] = {}
        self._timing: Timing | None = None
        self._heard_ms = 0
        self.detector = SpeechDetector(
            min_speech_ms=rules.min_speech_ms,
            pause_ms=PAUSE_MS,
            end_ms=PAUSE_MS,
            sensitivity=SENSITIVITIES[rules.sensitivity],
        )

    @property
    def settled(self) -> bool:
        """Nothing is being transcribed any more."""
        return all(words.settled for words in self._callers.values())

    def overdue(self, now_ms: int) -> list[tuple[str, str]]:
        """Turns whose transcript takes too long, each with what there is of it."""
        return [
            (turn, words.text)
            for turn, words in self._callers.items()
            if not words.settled and now_ms - words.ended_ms > WORDS_LIMIT_MS and not self.detector.speaking
        ]

    def begins(self, turn: str, now_ms: int) -> None:
        """The vendor has heard the caller begin; it may be that they go on."""
        self._words_of(turn, now_ms)

    def pauses(self, now_ms: int) -> None:
        """The vendor holds the caller's turn for over."""
        speech_end = min(now_ms, self.detector.last_speech_ms or now_ms)
        self._timing = Timing(speech_end, decided=now_ms, model_asked=now_ms, voice_asked=now_ms)
        for words in self._callers.values():
            if not words.settled:
                words.ended_ms = speech_end

    def said(self, turn: str, text: str, *, final: bool, now_ms: int) -> None:
        """`text` is all that is known of the turn's words."""
        words = self._words_of(turn, now_ms)
        words.text, words.settled = text, final
        if text and not final:
            words.ended_ms = max(words.ended_ms, min(now_ms, self.detector.last_speech_ms or now_ms))
            self._report.partial("caller", text, now_ms)
        if final:
            del self._callers[turn]
            self._order.flush()

    def timing(self) -> Timing | None:
        """Of an answer to words of the caller, whether the vendor told when they ended or not."""
        timing, self._timing = self._timing, None
        heard_ms = self.detector.last_speech_ms
        if timing is None and heard_ms > self._heard_ms:
            timing = Timing(heard_ms)
        self._heard_ms = heard_ms
        return timing

    def _words_of(self, turn: str, now_ms: int) -> CallerWords:
        words = self._callers.get(turn)
        if words is None:
            started_ms = self.detector.started_ms if self.detector.speaking else now_ms
            words = self._callers[turn] = CallerWords(started_ms, now_ms)
            self._order.add(lambda: words.settled, lambda: self._tell_caller(words))
        return words

    def _tell_caller(self, words: CallerWords) -> None:
        if words.text:
            self._report.caller_turn(words.report())
