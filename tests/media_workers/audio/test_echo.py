"""What comes back of our own voice, made of real speech: softer, later, coloured, through G.711."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from media_workers.audio import mulaw
from media_workers.audio.echo import EchoDetector
from media_workers.audio.pcm import FRAME_SAMPLES, SAMPLE_RATE
from tests.speech import say

Wave = npt.NDArray[np.float64]
AGENT = (
    "Thank you for calling the restaurant. Our opening hours are from nine in the morning until ten in the"
    " evening, every day of the week. Would you like to book a table for tonight?"
)
CALLERS = [
    ("Excuse me, I would like to know if you have a table outside.", "rms"),
    ("Stop, please wait a moment, that is not what I want.", "awb"),
    ("I have already booked, I only want to change my booking to eight o'clock.", "slt"),
]
AUDIBLE = 20.0
"""Root mean square from which on a frame counts."""


@pytest.fixture(scope="module")
def agent() -> Wave:
    return _wave(say(AGENT))


def _wave(pcm: bytes) -> Wave:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def echo_of(agent: Wave, db: float, delay_ms: int, *, coloured: bool = False) -> Wave:
    """As a telephone sends it back: `coloured` by a room."""
    late = np.concatenate((np.zeros(delay_ms * SAMPLE_RATE // 1000), agent))[: len(agent)]
    if coloured:
        room = np.zeros(240)
        room[[0, 37, 101, 200]] = (1, -0.5, 0.35, 0.25)
        late = np.convolve(late, room / np.linalg.norm(room))[: len(agent)]
    return late * 10 ** (db / 20)


def share_taken_for_echo(sent: Wave, came: Wave) -> float:
    """Of the frames in which something was heard."""
    came = came + np.random.default_rng(5).normal(0, 6, len(came))
    detector, taken = EchoDetector(), []
    for start in range(0, min(len(sent), len(came)) - FRAME_SAMPLES, FRAME_SAMPLES):
        frame = _frame(came[start : start + FRAME_SAMPLES])
        heard = mulaw.decode(mulaw.encode(frame))
        detector.came(heard)
        if np.sqrt(np.mean(_wave(heard) ** 2)) > AUDIBLE and start > SAMPLE_RATE // 2:
            taken.append(detector.likeness().is_echo)
        detector.sent(_frame(sent[start : start + FRAME_SAMPLES]))
    assert len(taken) > 50
    return sum(taken) / len(taken)


def _frame(samples: Wave) -> bytes:
    return bytes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())


@pytest.mark.parametrize("coloured", [False, True])
@pytest.mark.parametrize("delay_ms", [40, 47, 133, 300])
@pytest.mark.parametrize("db", [-10, -20, -30])
def test_an_echo_is_known(agent: Wave, db: float, delay_ms: int, coloured: bool) -> None:
    assert share_taken_for_echo(agent, echo_of(agent, db, delay_ms, coloured=coloured)) > 0.85


@pytest.mark.parametrize("echo_db", [None, -10, -20, -30])
@pytest.mark.parametrize(("text", "voice"), CALLERS)
def test_a_caller_is_none_with_and_without_an_echo(
    agent: Wave, text: str, voice: str, echo_db: float | None
) -> None:
    caller = np.resize(_wave(say(text, voice)), len(agent))
    if echo_db is not None:
        caller = caller + echo_of(agent, echo_db, 133)
    assert share_taken_for_echo(agent, caller) < 0.2


def test_a_caller_as_loud_as_the_echo_of_someone_else_is_a_caller(agent: Wave) -> None:
    # The same words by the same voice, but as loud as ours: nobody's line gives that back.
    assert share_taken_for_echo(agent, echo_of(agent, -3, 133)) < 0.2


def test_silence_is_like_nothing() -> None:
    likeness = EchoDetector().likeness()
    assert not likeness.is_echo
    assert likeness.alike == pytest.approx(0, abs=0.01)
