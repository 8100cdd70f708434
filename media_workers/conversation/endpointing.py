"""When the caller speaks, pauses and has finished: from speech probabilities to changes of state."""

from __future__ import annotations

from enum import Enum, auto

import numpy as np

from media_workers.providers.base import FRAME_MS

SPEECH_AT = 0.5
"""Probability from which a frame counts as speech while the caller is silent."""

SPEECH_KEPT_AT = 0.35
"""While the caller speaks a frame counts down to here: the ends of words are soft."""

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


class _State(Enum):
    QUIET = auto()
    SPEAKING = auto()
    PAUSED = auto()


class SpeechDetector:
    """Fed with 20 ms frames that end at `now_ms`: their speech probability and energy. All times in ms.

    `started_ms`: first speech frame of the utterance; `last_speech_ms`: end of the last one;
    `speech_ms`: how much of the utterance was speech, gaps left out.
    """

    def __init__(self, *, min_speech_ms: int, pause_ms: int, end_ms: int) -> None:
        self._min_speech_ms = min_speech_ms
        self._pause_ms = min(pause_ms, end_ms)
        self._end_ms = end_ms
        self._state = _State.QUIET
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
        return self._state is _State.SPEAKING

    @property
    def quiet(self) -> bool:
        """The turn is over and nothing sounds like the beginning of another one."""
        return self._state is _State.QUIET and not self._run_ms

    def feed(self, probability: float, energy: float, now_ms: int) -> Change | None:
        """`energy`: mean square of the frame's samples, in any unit that stays the same."""
        if probability >= SPEECH_AT:
            self._loudest = max(self._loudest, min(energy, LOUDER_BY * self._loudest or energy))
        if self._state is _State.SPEAKING:
            faded = energy < FADED * self._loudest
            return self._while_speaking(probability >= SPEECH_KEPT_AT and not faded, now_ms)
        self._count_run(probability >= SPEECH_AT, now_ms)
        if self._run_ms >= self._min_speech_ms:
            return self._start()
        # A word that may just be beginning keeps the turn open until it is known what it is.
        silent_ms = now_ms - self.last_speech_ms
        if self._state is _State.PAUSED and not self._run_ms and silent_ms >= self._end_ms:
            self._state = _State.QUIET
            return Change.ENDED
        return None

    def _while_speaking(self, speech: bool, now_ms: int) -> Change | None:
        if speech:
            self.speech_ms += FRAME_MS
            self.last_speech_ms = now_ms
        elif now_ms - self.last_speech_ms >= self._pause_ms:
            self._state = _State.PAUSED
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
        self._state = _State.SPEAKING
        return Change.STARTED


def energy_of(pcm: bytes) -> float:
    """Mean square of 16-bit samples."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    return float(np.dot(samples, samples)) / max(1, len(samples))
