from __future__ import annotations

import pytest

from media_workers.conversation.speaking import BYTES_PER_MS, AgentTurn, Kind, Playback
from media_workers.providers.base import FRAME_BYTES


def audio(ms: int, sample: bytes = b"\x01\x00") -> bytes:
    return sample * (ms * BYTES_PER_MS // 2)


def play(playback: Playback, ms: int) -> bytes:
    frames = [playback.next_frame() for _ in range(ms // 20)]
    assert all(f is not None for f in frames)
    return b"".join(f for f in frames if f is not None)


def two_sentences() -> Playback:
    playback = Playback()
    playback.begin("one two three four five")
    playback.add(audio(1000, b"\x01\x00"))
    playback.end()
    playback.begin("six seven eight nine ten")
    playback.add(audio(1000, b"\x02\x00"))
    playback.end()
    playback.complete()
    return playback


def test_frames_are_the_audio_in_order() -> None:
    playback = two_sentences()
    assert play(playback, 2000) == audio(1000, b"\x01\x00") + audio(1000, b"\x02\x00")
    assert playback.next_frame() is None
    assert playback.finished


@pytest.mark.parametrize(
    ("ms", "heard"),
    [
        (0, ""),
        (100, ""),
        (500, "one two"),
        (980, "one two three four"),
        (1000, "one two three four five"),
        (1500, "one two three four five six seven"),
        (2000, "one two three four five six seven eight nine ten"),
    ],
)
def test_only_what_was_played_was_heard(ms: int, heard: str) -> None:
    playback = two_sentences()
    play(playback, ms)
    assert playback.heard() == heard


def test_a_sentence_still_being_made_is_measured_by_its_length() -> None:
    playback = Playback()
    playback.begin("x" * 9 + " " + "y" * 90)
    playback.add(audio(1000))
    play(playback, 1000)
    # 7 s are expected for 100 characters: after one of them the first ten have been said.
    assert playback.heard() == "x" * 9


def test_an_incomplete_frame_waits_for_more_and_is_filled_at_the_end() -> None:
    playback = Playback()
    playback.begin("hi")
    playback.add(audio(30))
    assert playback.next_frame() == audio(20)
    assert playback.next_frame() is None
    assert not playback.finished
    playback.end()
    playback.complete()
    assert playback.next_frame() == audio(10).ljust(FRAME_BYTES, b"\0")
    assert playback.finished
    assert playback.heard() == "hi"


def test_an_odd_byte_does_not_shift_what_follows() -> None:
    playback = Playback()
    playback.begin("a")
    playback.add(audio(20) + b"\x01")
    playback.end()
    playback.begin("b")
    playback.add(audio(20, b"\x02\x00"))
    play(playback, 20)
    assert playback.next_frame() == (b"\x01\x00" + audio(20, b"\x02\x00"))[:FRAME_BYTES]


def test_completing_the_sentence_drops_the_ones_behind_it() -> None:
    playback = two_sentences()
    play(playback, 200)
    playback.complete_sentence()
    play(playback, 800)
    assert playback.finished
    assert playback.heard() == "one two three four five"


def test_completing_a_sentence_that_is_being_made_takes_no_more_audio() -> None:
    playback = Playback()
    playback.begin("one two three")
    playback.add(audio(400))
    play(playback, 200)
    playback.complete_sentence()
    playback.add(audio(400))
    play(playback, 200)
    assert playback.finished


def test_what_was_not_heard_begins_with_the_sentence_that_was_cut() -> None:
    turn = AgentTurn(Kind.REPLY, playback=two_sentences())
    turn.sentences = ["one two three four five", "six seven eight nine ten", "never begun"]
    play(turn.playback, 1500)
    assert turn.unheard() == "six seven eight nine ten never begun"


def test_a_turn_that_ends_the_call_is_not_interruptible() -> None:
    turn = AgentTurn(Kind.REPLY)
    assert turn.interruptible
    turn.end_after()
    assert not turn.interruptible
    assert not AgentTurn(Kind.CLOSING).interruptible
