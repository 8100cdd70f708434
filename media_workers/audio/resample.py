"""Changes the sample rate of a stream of mono 16-bit PCM, piece by piece, without seams."""

from __future__ import annotations

import numpy as np
import soxr


class Resampler:
    """One stream. soxr works in blocks, so up to 70 ms are held back until more comes or `flush`."""

    def __init__(self, source_hz: int, target_hz: int) -> None:
        """`ValueError`: a rate that is not positive."""
        if source_hz <= 0 or target_hz <= 0:
            raise ValueError(f"sample rates must be positive: {source_hz} Hz to {target_hz} Hz")
        self._odd = b""
        self._stream = (
            None if source_hz == target_hz else soxr.ResampleStream(source_hz, target_hz, 1, dtype="int16")
        )

    def feed(self, pcm: bytes) -> bytes:
        """What is ready after `pcm`, which may have any length, even half a sample."""
        pcm = self._odd + pcm
        whole = len(pcm) - len(pcm) % 2
        self._odd = pcm[whole:]
        return self._convert(pcm[:whole], last=False)

    def flush(self) -> bytes:
        """The rest. Nothing may be fed afterwards."""
        return self._convert(b"", last=True)

    def _convert(self, pcm: bytes, *, last: bool) -> bytes:
        if self._stream is None:
            return pcm
        samples = self._stream.resample_chunk(np.frombuffer(pcm, "<i2"), last=last)
        return bytes(samples.astype("<i2", copy=False).tobytes())


def resample(pcm: bytes, source_hz: int, target_hz: int) -> bytes:
    """A whole piece at once."""
    resampler = Resampler(source_hz, target_hz)
    return resampler.feed(pcm) + resampler.flush()
