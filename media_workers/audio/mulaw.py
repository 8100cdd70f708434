"""G.711 mu-law, 8000 bytes a second, to and from PCM: by table, since both run for every call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BIAS = 0x84
_CLIP = 32_635


def _decoding() -> NDArray[np.int16]:
    """ITU-T G.711, table 2: the sample of each of the 256 bytes."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4 & 7).astype(np.int32)
    magnitude = (((code & 15).astype(np.int32) << 3) + _BIAS << exponent) - _BIAS
    samples: NDArray[np.int16] = np.where(code & 0x80, -magnitude, magnitude).astype("<i2")
    return samples


def _encoding() -> NDArray[np.uint8]:
    """The byte of each of the 65536 samples, which are looked up as unsigned numbers."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = magnitude >> (exponent + 3) & 15
    code: NDArray[np.int32] = ~(np.where(sample < 0, 0x80, 0) | exponent << 4 | mantissa) & 0xFF
    return code.astype(np.uint8)


_DECODING = _decoding()
_ENCODING = _encoding()


def decode(mulaw: bytes) -> bytes:
    """PCM (mono signed 16-bit little-endian) of mu-law bytes: two bytes for each."""
    return bytes(_DECODING[np.frombuffer(mulaw, np.uint8)].tobytes())


def encode(pcm: bytes) -> bytes:
    """Mu-law of PCM with a whole number of samples: one byte for each two. Raises `ValueError`."""
    return bytes(_ENCODING[np.frombuffer(pcm, "<u2")].tobytes())
