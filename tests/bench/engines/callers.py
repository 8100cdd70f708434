"""Synthetic callers on a 20 ms clock, for any engine: standard library only, so that each runs in the
environment of its own.

A call hears the agent out, waits, speaks a sentence (mu-law, as it came from the line), and measures
how long the first frame of the answer takes from its last audible frame. What an engine does with a
call is a `Call`: `hear(frame)` takes 160 bytes of mu-law, and `Caller.spoken(now)` is to be called for
each 20 ms of the agent that went out.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FRAME_S = 0.02
FRAME_BYTES = 160
SILENCE = b"\xff\x7f" * (FRAME_BYTES // 2)
PAUSE_FRAMES = 40
LOST_S = 6.0


@dataclass(frozen=True)
class Task:
    """What a run is asked to do; the only argument, as JSON. `core`: the processor to stay on;
    `interrupt_after`: callers talk into the answer after so many of its frames, 0: never."""

    calls: int
    turns: int
    speech: list[str]
    stt: str
    llm: str
    tts: str
    core: int | None = None
    interrupt_after: int = 0

    @classmethod
    def read(cls) -> Task:
        task = cls(**json.loads(sys.argv[1]))
        if task.core is not None:
            os.sched_setaffinity(0, {task.core})
        return task

    def sentences(self) -> list[list[bytes]]:
        """Frames of each sentence; the last is its last audible one."""
        spoken = [Path(name).read_bytes() for name in self.speech]
        return [[s[n : n + FRAME_BYTES] for n in range(0, len(s), FRAME_BYTES)] for s in spoken]


@dataclass
class Caller:
    """One caller. `heard_at`: when the agent was last heard; `interrupted_at`: when the caller last began
    to talk into its answer."""

    sentences: list[list[bytes]]
    turns: int
    wait_frames: int
    interrupt_after: int = 0
    response_ms: list[float] = field(default_factory=list)
    lost: int = 0
    heard_at: float = 0.0
    interrupted_at: float | None = None
    _frames: list[bytes] = field(default_factory=list)
    _ended_at: float | None = None
    _said: int = 0
    _heard: int = 0

    @property
    def done(self) -> bool:
        return len(self.response_ms) + self.lost >= self.turns

    def frame(self, now: float) -> bytes:
        """The next 20 ms of the caller."""
        if not self._frames and self._ended_at is None and not self.done:
            self.wait_frames -= 1
            if self.wait_frames < 0:
                self._speak()
            elif self.interrupt_after and self._heard >= self.interrupt_after:
                self.interrupted_at = now
                self._speak()
        if self._frames:
            sent = self._frames.pop()
            self._ended_at = None if self._frames else now
            return sent
        if self._ended_at is not None and now - self._ended_at > LOST_S:
            self.lost, self._ended_at, self.wait_frames = self.lost + 1, None, PAUSE_FRAMES
        return SILENCE

    def _speak(self) -> None:
        self._frames = self.sentences[self._said % len(self.sentences)][::-1]
        self._said, self._heard = self._said + 1, 0

    def spoken(self, now: float) -> None:
        """20 ms of the agent went out."""
        self.wait_frames = PAUSE_FRAMES
        self.heard_at = now
        self._heard += not self._frames
        if self._ended_at is not None:
            self.response_ms.append((now - self._ended_at) * 1000)
            self._ended_at = None


def callers(task: Task) -> list[Caller]:
    """As many as asked for, not all at the same word."""
    sentences = task.sentences()
    found = []
    for n in range(task.calls):
        first = n % len(sentences)
        order = sentences[first:] + sentences[:first]
        found.append(Caller(order, task.turns, 60 + 13 * n % 150, interrupt_after=task.interrupt_after))
    return found


class Measure:
    """From the first call to the last: tick lateness, and the process's time on a processor."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._began, self._cpu = time.monotonic(), _cpu()

    def begin(self) -> None:
        """Starting up is over."""
        self.late_ms.clear()
        self._began, self._cpu = time.monotonic(), _cpu()

    def tick(self, due: float) -> None:
        """All frames of the tick that was due at `due` have been handed over."""
        self.late_ms.append((time.monotonic() - due) * 1000)

    def tell(self, all_callers: list[Caller], **more: Any) -> None:
        """The result as one line of JSON."""
        late = sorted(self.late_ms) or [0.0]
        share = (_cpu() - self._cpu) / max(0.001, time.monotonic() - self._began)
        result = {
            "response_ms": [round(ms, 1) for c in all_callers for ms in c.response_ms],
            "lost": sum(c.lost for c in all_callers),
            "late_p99_ms": round(late[round(0.99 * (len(late) - 1))], 2),
            "cpu": round(share, 4),
            **more,
        }
        print("RESULT " + json.dumps(result), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
