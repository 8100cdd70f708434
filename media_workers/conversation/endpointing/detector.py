"""When the caller speaks, pauses and has finished: from speech probabilities to changes of state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from media_workers.providers.base import FRAME_MS


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """From which probability a frame counts as speech while the caller is silent (`speech_at`) and, because
    the ends of words are soft, while the caller speaks (`kept_at`). `softest`: mean square of 16-bit
    samples under which a frame begins nothing."""

    speech_at: float
    kept_at: float
    softest: float


SENSITIVITIES = {
    "low": Sensitivity(0.75, 0.55, 184.0**2),
    "medium": Sensitivity(0.5, 0.35, 0.0),
    "high": Sensitivity(0.35, 0.25, 0.0),
}
"""`low` wants 45 dB under full scale at least: a voice at the receiver, not one across the room."""

GAP_MS = 60
"""Silence inside a word (stop consonants) that does not start the count of `min_speech_ms` again."""


FADED = 1e-3
"""30 dB under the loudest of the utterance: over, although voice activity, which looks back, says
speech for another 60 to 100 ms. In noise no frame is that soft, and voice activity decides alone."""

LOUDER_BY = 4.0
"""A frame raises the loudest by 6 dB at most, so that a click in a word does not drown the rest."""


class Change(Enum):
    STARTED = auto()
    """The caller has spoken for `min_speech_ms` after silence, or goes on after a pause."""
    PAUSED = auto()
    """Silence has lasted `pause_ms`: time to ask for the transcript."""
    ENDED = auto()
    """Silence has lasted `end_ms`: the turn is over."""


class State(Enum):
    QUIET = "quiet"
    SPEAKING = "speaking"
    PAUSED = "paused"


class SpeechDetector:
    """Fed with 20 ms frames that end at `now_ms`: their speech probability and energy. All times in ms.

    `started_ms`: first speech frame of the utterance; `last_speech_ms`: end of the last one;
    `speech_ms`: how much of the utterance was speech, gaps left out. `end_ms` may be changed at any time.
    """

    def __init__(
        self,
        *,
        min_speech_ms: int,
        pause_ms: int,
        end_ms: int,
        sensitivity: Sensitivity = SENSITIVITIES["medium"],
    ) -> None:
        self._min_speech_ms = min_speech_ms
        self._pause_ms = min(pause_ms, end_ms)
        self._sensitivity = sensitivity
        self.end_ms = end_ms
        self.state = State.QUIET
        self._run_ms = 0
        self._run_started_ms = 0
        self._run_last_ms = 0
        self._loudest = 0.0
        self.started_ms = 0
        self.last_speech_ms = 0
        self.speech_ms = 0

    @property
    def speaking(self) -> bool:
        """Speech is going on, or was less than `pause_ms` ago."""
        return self.state is State.SPEAKING

    @property
    def quiet(self) -> bool:
        """The turn is over and nothing sounds like the beginning of another one."""
        return self.state is State.QUIET and not self._run_ms

    def reopen(self, end_ms: int, now_ms: int) -> bool:
        """A turn that was over is only paused, if `end_ms` of silence have not passed; whether it was so."""
        if self.state is not State.QUIET or now_ms - self.last_speech_ms >= end_ms:
            return False
        self.state, self.end_ms = State.PAUSED, end_ms
        return True

    def feed(self, probability: float, energy: float, now_ms: int) -> Change | None:
        """`energy`: mean square of the frame's 16-bit samples."""
        rules = self._sensitivity
        speech = probability >= rules.speech_at
        if speech:
            self._loudest = max(self._loudest, min(energy, LOUDER_BY * self._loudest or energy))
        if self.state is State.SPEAKING:
            faded = energy < FADED * self._loudest
            return self._while_speaking(probability >= rules.kept_at and not faded, now_ms)
        self._count_run(speech and energy >= rules.softest, now_ms)
        if self._run_ms >= self._min_speech_ms:
            return self._start()
        # A word that may just be beginning keeps the turn open until it is known what it is.
        silent_ms = now_ms - self.last_speech_ms
        if self.state is State.PAUSED and not self._run_ms and silent_ms >= self.end_ms:
            self.state = State.QUIET
            return Change.ENDED
        return None

    def _while_speaking(self, speech: bool, now_ms: int) -> Change | None:
        if speech:
            self.speech_ms += FRAME_MS
            self.last_speech_ms = now_ms
        elif now_ms - self.last_speech_ms >= self._pause_ms:
            self.state = State.PAUSED
            self._loudest = 0.0
            return Change.PAUSED
        return None

    def _count_run(self, speech: bool, now_ms: int) -> None:
        if speech:
            if not self._run_ms:
                self._run_started_ms = now_ms - FRAME_MS
            self._run_ms += FRAME_MS
            self._run_last_ms = now_ms
        elif self._run_ms and now_ms - self._run_last_ms > GAP_MS:
            self._run_ms = 0
            self._loudest = 0.0

    def _start(self) -> Change:
        self.started_ms, self.last_speech_ms = self._run_started_ms, self._run_last_ms
        self.speech_ms, self._run_ms = self._run_ms, 0
        self.state = State.SPEAKING
        return Change.STARTED


def energy_of(pcm: bytes) -> float:
    """Mean square of 16-bit samples."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    return float(np.dot(samples, samples)) / max(1, len(samples))
