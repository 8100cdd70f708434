"""Against audioop, which Python has up to 3.12 and which follows the ITU's reference code."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from media_workers.audio import mulaw

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

EVERY_SAMPLE = np.arange(-32_768, 32_768).astype("<i2").tobytes()
EVERY_BYTE = bytes(range(256))


def test_every_byte_is_decoded_as_the_reference_does() -> None:
    assert mulaw.decode(EVERY_BYTE) == audioop.ulaw2lin(EVERY_BYTE, 2)


def test_every_sample_is_encoded_to_the_nearest_step() -> None:
    ours = np.frombuffer(mulaw.decode(mulaw.encode(EVERY_SAMPLE)), "<i2").astype(int)
    theirs = np.frombuffer(audioop.ulaw2lin(audioop.lin2ulaw(EVERY_SAMPLE, 2), 2), "<i2").astype(int)
    samples = np.frombuffer(EVERY_SAMPLE, "<i2").astype(int)
    assert (np.abs(ours - samples) <= np.abs(theirs - samples) + 8).all()
    assert np.abs(ours - samples).max() <= 644  # past the loudest step, 32124


def test_silence_stays_silence_and_what_was_decoded_is_encoded_back() -> None:
    assert mulaw.decode(b"\xff\x7f") == bytes(4)
    decoded = mulaw.decode(EVERY_BYTE)
    assert mulaw.decode(mulaw.encode(decoded)) == decoded


def test_half_a_sample_is_refused_and_nothing_is_nothing() -> None:
    with pytest.raises(ValueError):
        mulaw.encode(b"\0\0\0")
    assert mulaw.decode(b"") == mulaw.encode(b"") == b""
