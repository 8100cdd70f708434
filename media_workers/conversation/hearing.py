"""The caller's side of the floor: what is speech, whose turn it belongs to, and when that is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from media_workers.contract.agent import TurnTaking
from media_workers.conversation import endpointing
from media_workers.conversation.endpointing import GAP_MS, Change, Pause, SpeechDetector, Verdict
from media_workers.conversation.listening import Ears
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_MS, Transcript, TurnSign

PRE_ROLL_MS = 300
"""Audio from before the detected beginning of speech that is transcribed too."""

MODEL_HEARS_MS = 8_000
"""How much of the turn's end the turn model is given."""

NEVER_FINAL_MS = 300
"""A transcriber that has let `transcript_timeout_ms` pass with a partial text is waited for no longer than
this, until it gives a final one."""

AskTurnModel = Callable[[bytes, int], bool]
"""Takes the audio of a pause and the utterance's number; false: it is too busy. What it makes of it comes
by `Hearing.judged`."""


class Hearing:
    """`turn` is the caller's turn in progress, None once it has been reported or dropped; whoever reports
    it sets that. `verdict`: when the present pause, or the last one, ends the turn. `least_ms`: no turn ends
    sooner."""

    def __init__(
        self, rules: TurnTaking, *, ears: Ears, language: str, ask_turn_model: AskTurnModel | None
    ) -> None:
        self._rules = rules
        self._ears = ears
        self.language = language
        self._ask_turn_model = ask_turn_model if rules.endpointing == "semantic" else None
        self._endpointing = endpointing.build(rules, turn_model=self._ask_turn_model is not None)
        self._detector = SpeechDetector(
            min_speech_ms=rules.min_speech_ms,
            pause_ms=min(rules.transcript_after_ms, self._endpointing.least_ms),
            end_ms=self._endpointing.least_ms,
            sensitivity=endpointing.SENSITIVITIES[rules.sensitivity],
        )
        recent_ms = PRE_ROLL_MS + rules.min_speech_ms + GAP_MS
        self._recent: deque[bytes] = deque(maxlen=recent_ms // FRAME_MS)
        self._audio: deque[bytes] = deque(maxlen=MODEL_HEARS_MS // FRAME_MS)
        self._utterances = 0
        self._sign: tuple[TurnSign, int] | None = None
        self._completeness: float | None = None
        self._model_asked = False
        self._patience_ms = rules.transcript_timeout_ms
        self.turn: CallerTurn | None = None
        self.question = ""
        self.least_ms = 0
        self.verdict = Verdict(self._endpointing.least_ms, "")

    @property
    def speaking(self) -> bool:
        return self._detector.speaking

    @property
    def quiet(self) -> bool:
        """Nobody speaks and nothing sounds like the beginning of it."""
        return self._detector.quiet

    @property
    def state(self) -> endpointing.State:
        return self._detector.state

    @property
    def speech_ms(self) -> int:
        """Of the utterance in progress."""
        return self._detector.speech_ms

    @property
    def last_speech_ms(self) -> int:
        return self._detector.last_speech_ms

    def feed(self, pcm: bytes, probability: float, energy: float, now_ms: int) -> Change | None:
        """A frame. On `ENDED` the turn has been decided."""
        detector = self._detector
        change = detector.feed(probability, energy, now_ms)
        self._recent.append(pcm)
        if change is Change.STARTED:
            self._begin(now_ms)
        elif change is Change.ENDED:
            if self.turn is not None:
                self.turn.decided_ms = now_ms
                self.turn.endpointing = f"{self._endpointing.name}: {self.verdict.reason}"
        elif change is Change.PAUSED or detector.speaking:
            self._ears.feed(pcm)
            if self._ask_turn_model is not None:
                self._audio.append(pcm)
            if change is not None:
                self.pause(now_ms)
            return change
        if self._ears.continuous and change is not Change.STARTED:
            self._ears.silence(pcm)
        return change

    def pause(self, now_ms: int) -> None:
        """A pause: its transcript is wanted. What follows belongs to the next utterance."""
        if self.turn is None:
            return
        last = self.turn.last
        last.ended_ms, last.speech_ms = self._detector.last_speech_ms, self._detector.speech_ms
        last.asked_ms = now_ms
        self._recent.clear()
        self._ears.finalize()
        self._completeness = None
        if self._ask_turn_model is not None:
            self._model_asked = self._ask_turn_model(b"".join(self._audio), last.number)
        self._judge(now_ms)

    def transcript(self, transcript: Transcript, now_ms: int, *, reopen: bool) -> bool:
        """Whether it belongs to the turn and changed it. `reopen`: a turn that was held for over is not,
        when its words say so."""
        turn = self.turn
        if transcript.final:
            self._patience_ms = self._rules.transcript_timeout_ms
        if turn is None or not turn.take(transcript, now_ms):
            return False
        self._judge(now_ms, reopen=reopen)
        return True

    def time_out(self, now_ms: int) -> bool:
        """Stops waiting for final transcripts that take too long; whether that changed anything."""
        turn = self.turn
        if turn is None or not turn.time_out(self._patience_ms, now_ms):
            return False
        if turn.text:
            # It has heard the words and does not call them final: it may be that it never does.
            self._patience_ms = min(NEVER_FINAL_MS, self._patience_ms)
        return True

    def sign(self, sign: TurnSign, now_ms: int) -> None:
        """What the transcriber says about the turn."""
        self._sign = (sign, now_ms)
        self._judge(now_ms)

    def judged(self, utterance: int, completeness: float, now_ms: int) -> None:
        """The turn model's answer, which counts for the pause that it was asked at."""
        if self.turn is not None and self.turn.last.number == utterance and not self.speaking:
            self._completeness = completeness
            self._judge(now_ms)

    def _begin(self, now_ms: int) -> None:
        turn = self.turn
        continued = turn is not None
        if turn is None:
            turn = self.turn = CallerTurn(whole=self._ears.whole_turns)
            self._audio.clear()
        self._utterances += 1
        self._sign = None
        turn.begin(self._utterances, self._detector.started_ms, now_ms)
        if self._ask_turn_model is not None:
            self._audio.extend(self._recent)
        self._ears.begin(self._utterances, b"".join(self._recent), continued=continued)

    def _judge(self, now_ms: int, *, reopen: bool = False) -> None:
        turn, detector = self.turn, self._detector
        if turn is None or detector.speaking:
            return
        sign = self._sign
        heard = sign is not None and sign[1] >= detector.last_speech_ms
        self.verdict = self._endpointing.judge(
            Pause(
                text=turn.text,
                final=turn.settled,
                language=self.language,
                question=self.question,
                sign=sign[0] if sign is not None and heard else None,
                completeness=self._completeness,
                model_asked=self._model_asked,
            )
        )
        if self.least_ms > self.verdict.needed_ms:
            self.verdict = replace(self.verdict, needed_ms=self.least_ms, likely=False)
        if turn.decided_ms is None:
            detector.end_ms = self.verdict.needed_ms
        elif reopen and detector.reopen(self.verdict.needed_ms, now_ms):
            turn.decided_ms = None
