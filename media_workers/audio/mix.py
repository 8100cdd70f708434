"""Several voices in one: frames added up."""

from __future__ import annotations

import numpy as np


def mixed(*frames: bytes | None) -> bytes | None:
    """The sum of 20 ms frames, what is too loud cut off; None is silence, and is what silence gives."""
    sounding = [frame for frame in frames if frame is not None]
    if len(sounding) < 2:
        return sounding[0] if sounding else None
    total = np.frombuffer(sounding[0], "<i2").astype(np.int32)
    for frame in sounding[1:]:
        total += np.frombuffer(frame, "<i2")
    return bytes(np.clip(total, -32_768, 32_767).astype("<i2").tobytes())
