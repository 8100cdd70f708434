from __future__ import annotations

import pytest

from media_workers.conversation.speaking import BYTES_PER_MS, AgentTurn, Kind, Playback
from media_workers.providers.base import FRAME_BYTES, SpokenWord

SAMPLES_PER_MS = BYTES_PER_MS // 2


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


def test_what_was_not_heard_begins_with_the_word_that_was_cut() -> None:
    turn = AgentTurn(Kind.REPLY, playback=two_sentences())
    turn.sentences = ["one two three four five", "six seven eight nine ten", "never begun"]
    play(turn.playback, 1500)
    assert turn.playback.heard().endswith("six seven")
    assert turn.unheard() == "eight nine ten never begun"


def words_at(*starts: int) -> Playback:
    """`one two three`, each word at its moment, of 1000 ms in all."""
    playback = Playback()
    playback.begin("one two three")
    for text, start in zip(("one", "two", "three"), starts, strict=True):
        playback.mark(SpokenWord(text, start))
    playback.add(b"".join(n.to_bytes(2, "little") * SAMPLES_PER_MS for n in range(1000)))
    playback.end()
    playback.complete()
    return playback


@pytest.mark.parametrize(
    ("ms", "heard"),
    [(100, ""), (580, ""), (600, "one"), (880, "one"), (900, "one two"), (1000, "one two three")],
)
def test_what_was_heard_goes_by_the_times_that_the_voice_tells(ms: int, heard: str) -> None:
    playback = words_at(0, 600, 900)
    play(playback, ms)
    assert playback.heard() == heard


def test_times_of_words_that_were_not_written_tell_nothing() -> None:
    playback = Playback()
    playback.mark(SpokenWord("before anything", 0))
    playback.begin("one two")
    for word in (SpokenWord("one", 100), SpokenWord("zwei", 110), SpokenWord("", 150), SpokenWord("two", 50)):
        playback.mark(word)
    playback.add(audio(400))
    playback.end()
    play(playback, 200)
    # `two` cannot begin before `one`: of the moment only the first word is known.
    assert playback.heard() == ""


@pytest.mark.parametrize(("cut", "again"), [(300, 0), (700, 600), (990, 900)])
def test_after_an_interruption_the_word_that_was_cut_is_played_from_its_beginning(
    cut: int, again: int
) -> None:
    playback = words_at(0, 600, 900)
    play(playback, cut)
    playback.rewind()
    frame = playback.next_frame()
    assert frame is not None
    assert int.from_bytes(frame[:2], "little") == again


def test_without_times_the_word_is_found_in_proportion() -> None:
    playback = Playback()
    playback.begin("aaaa bbbb cccc dddd ")
    playback.add(b"".join(n.to_bytes(2, "little") * SAMPLES_PER_MS for n in range(2000)))
    playback.end()
    play(playback, 700)
    assert playback.heard() == "aaaa"
    playback.rewind()
    frame = playback.next_frame()
    assert frame is not None
    assert int.from_bytes(frame[:2], "little") == 500
    assert playback.unheard() == "bbbb cccc dddd"


def test_a_long_turn_keeps_only_what_may_be_played_again() -> None:
    playback = Playback()
    playback.begin("word " * 2000)
    for _ in range(600):
        playback.add(audio(100))
        play(playback, 100)
    assert len(playback._audio) <= 3 * 2_000 * 16 + FRAME_BYTES
    assert playback.ahead_ms == 0


def test_a_turn_that_ends_the_call_is_not_interruptible() -> None:
    turn = AgentTurn(Kind.REPLY)
    assert turn.interruptible
    turn.end_after()
    assert not turn.interruptible
    assert not AgentTurn(Kind.CLOSING).interruptible
