"""Streaming voice activity for the calls of a process: a cheap gate, then one model, batched.

Driven synchronously by the media clock, which feeds 20 ms of every call in turn; there is no thread
and no clock here. A window is judged as soon as all calls that spoke in the last round have
delivered theirs, at the latest with the next frame: the batch adds at most one frame of delay.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from media_workers.audio.gate import Gate
from media_workers.audio.silero import WINDOW_SAMPLES, Samples, SileroModel, Stream

PREROLL_SAMPLES = 16 * WINDOW_SAMPLES
"""Half a second from before the gate opened is judged too (1.5 ms of work): the model has to have heard
the background to notice speech in it. With 96 ms it noticed 25 ms later, at worst half a second."""


class VoiceActivity:
    """One call's detector. Made by `VadEngine.open`."""

    __slots__ = ("_engine", "_gate", "_held", "_open", "_probability", "stream", "waiting")

    def __init__(self, engine: VadEngine) -> None:
        self._engine = engine
        self._gate = Gate()
        self._held: Samples = np.zeros(0, np.float32)
        self._open = False
        self._probability = 0.0
        self.stream = Stream()
        self.waiting: deque[Samples] = deque()

    def feed(self, pcm: bytes) -> float:
        """Takes 20 ms (320 bytes, 16-bit mono, 8000 Hz); the latest speech probability known (0..1)."""
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        self._engine.deliver(self, samples, gate_open=self._gate.feed(pcm, samples))
        return self._probability

    def close(self) -> None:
        """The call is over. Closing twice does no harm."""
        self._engine.forget(self)

    def judged(self, probability: float) -> None:
        """A window of this call has been through the model. Ignored once the gate has shut."""
        if self._open:
            self._probability = probability

    def hold(self, samples: Samples, *, gate_open: bool) -> None:
        """Cuts the stream into windows, which wait to be judged; keeps the pre-roll while shut."""
        held = np.concatenate((self._held, samples))
        self._open = gate_open
        if not gate_open:
            self._probability = 0.0
            self.waiting.clear()
            self._held = held[-PREROLL_SAMPLES:]
            return
        whole = len(held) - len(held) % WINDOW_SAMPLES
        for start in range(0, whole, WINDOW_SAMPLES):
            self.waiting.append(held[start : start + WINDOW_SAMPLES])
        self._held = held[whole:]


class VadEngine:
    """The model and the batch that all calls of a process share."""

    def __init__(self, model: SileroModel | None = None) -> None:
        self._model = model or SileroModel()
        self._lock = threading.Lock()
        self._round: set[VoiceActivity] = set()
        self._last_round: set[VoiceActivity] = set()

    def open(self) -> VoiceActivity:
        """A detector for one more call."""
        return VoiceActivity(self)

    def deliver(self, call: VoiceActivity, samples: Samples, *, gate_open: bool) -> None:
        """The frame of `call` in this round; judges the round when it is complete."""
        with self._lock:
            if call in self._round:
                self._judge(self._round)
                self._last_round, self._round = self._round, set()
            call.hold(samples, gate_open=gate_open)
            self._round.add(call)
            if self._last_round <= self._round:
                self._judge(self._round)

    def forget(self, call: VoiceActivity) -> None:
        """No more frames of `call` will come."""
        with self._lock:
            self._round.discard(call)
            self._last_round.discard(call)

    def _judge(self, calls: set[VoiceActivity]) -> None:
        while due := [call for call in calls if call.waiting]:
            probabilities = self._model.infer(
                [call.stream for call in due], [call.waiting.popleft() for call in due]
            )
            for call, probability in zip(due, probabilities, strict=True):
                call.judged(probability)
