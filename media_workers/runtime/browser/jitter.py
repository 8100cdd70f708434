"""A browser's frames between the bursts in which a network delivers them and the steady media clock."""

from __future__ import annotations

from collections import deque

from media_workers.audio.pcm import FRAME_BYTES, FRAME_MS

LATEST_MS = 400
"""What would be heard later than this is not heard at all."""

LOOK_BACK = 2_000 // FRAME_MS
"""Frames over which the delay that is never used up is measured."""

SPARE = 2
"""Frames of delay that are kept for the next burst, beside the one that is due."""

QUIET = 500
"""Loudest sample (of 32767) of a frame that may be left out unheard."""


class JitterBuffer:
    """Frames in, one frame out each 20 ms. Delay that a burst has left is given back in pauses."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._rest = b""
        self._looked = 0
        self._lowest = LATEST_MS // FRAME_MS
        self._spare = 0
        self.received = 0
        self.discarded = 0

    def put(self, pcm: bytes) -> None:
        """Takes what has arrived, any number of bytes; the oldest frames go when there are too many."""
        data = self._rest + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._frames.extend(data[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES))
        self._rest = data[whole:]
        self.received += whole // FRAME_BYTES
        while len(self._frames) * FRAME_MS > LATEST_MS:
            self._frames.popleft()
            self.discarded += 1

    def take(self) -> bytes | None:
        """The next 20 ms; None when nothing has arrived."""
        self._measure()
        if not self._frames:
            return None
        frame = self._frames.popleft()
        if self._spare > 0 and len(self._frames) >= SPARE and _quiet(frame):
            self._spare -= 1
            self.discarded += 1
            frame = self._frames.popleft()
        return frame

    def _measure(self) -> None:
        """Every `LOOK_BACK` frames: how many more than needed have always been waiting."""
        self._lowest = min(self._lowest, len(self._frames))
        self._looked += 1
        if self._looked == LOOK_BACK:
            self._spare = self._lowest - 1 - SPARE
            self._looked, self._lowest = 0, len(self._frames)


def _quiet(frame: bytes) -> bool:
    samples = memoryview(frame).cast("h")
    return max(samples) < QUIET and min(samples) > -QUIET
