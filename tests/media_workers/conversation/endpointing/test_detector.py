from __future__ import annotations

from array import array
from typing import Any

import pytest

from media_workers.conversation.endpointing import SENSITIVITIES, Change, SpeechDetector, State, energy_of

RULES = {"min_speech_ms": 80, "pause_ms": 120, "end_ms": 400}


class Track:
    """Feeds frames and notes the changes as (time, change)."""

    def __init__(self, **rules: Any) -> None:
        self.detector = SpeechDetector(**{**RULES, **rules})
        self.now = 0
        self.changes: list[tuple[int, Change]] = []

    def hears(self, probability: float, ms: int, db: float = 0.0) -> None:
        for _ in range(ms // 20):
            self.now += 20
            if (change := self.detector.feed(probability, 1e6 * 10 ** (db / 10), self.now)) is not None:
                self.changes.append((self.now, change))


def test_speech_pauses_and_ends_on_time() -> None:
    track = Track()
    track.hears(0.0, 200)
    track.hears(0.9, 500)
    track.hears(0.0, 1000)
    assert track.changes == [(280, Change.STARTED), (820, Change.PAUSED), (1100, Change.ENDED)]
    assert (track.detector.started_ms, track.detector.last_speech_ms) == (200, 700)
    assert track.detector.speech_ms == 500


def test_a_click_is_no_speech() -> None:
    track = Track()
    for _ in range(5):
        track.hears(0.9, 60)
        track.hears(0.0, 100)
    assert track.changes == []
    assert track.detector.quiet


def test_a_stop_consonant_does_not_start_the_count_again() -> None:
    track = Track()
    track.hears(0.9, 60)
    track.hears(0.0, 60)
    track.hears(0.9, 20)
    assert track.changes == [(140, Change.STARTED)]
    assert track.detector.started_ms == 0
    assert track.detector.speech_ms == 80


def test_going_on_after_a_pause_is_a_start_and_no_end() -> None:
    track = Track()
    track.hears(0.9, 300)
    track.hears(0.0, 300)
    track.hears(0.9, 300)
    track.hears(0.0, 500)
    assert [c for _, c in track.changes] == [
        Change.STARTED,
        Change.PAUSED,
        Change.STARTED,
        Change.PAUSED,
        Change.ENDED,
    ]
    assert track.changes[-1][0] == 900 + 400


def test_the_end_waits_until_a_beginning_word_is_known_to_be_none() -> None:
    track = Track()
    track.hears(0.9, 300)
    track.hears(0.0, 380)
    track.hears(0.9, 40)
    assert not track.detector.quiet
    track.hears(0.0, 200)
    assert track.changes[-1] == (800, Change.ENDED)


def test_soft_ends_of_words_count_while_speaking_but_start_nothing() -> None:
    track = Track()
    track.hears(0.4, 400)
    assert track.changes == []
    track.hears(0.9, 200)
    track.hears(0.4, 200)
    assert track.detector.last_speech_ms == 800


def test_a_pause_longer_than_the_end_shrinks_to_it() -> None:
    track = Track(pause_ms=3000, end_ms=200)
    track.hears(0.9, 200)
    track.hears(0.0, 400)
    assert [c for _, c in track.changes] == [Change.STARTED, Change.PAUSED, Change.ENDED]
    assert track.changes[-1][0] <= 200 + 220


def test_a_voice_that_has_faded_is_over_although_voice_activity_looks_back() -> None:
    track = Track()
    track.hears(0.99, 500)
    track.hears(0.9, 100, db=-40)
    track.hears(0.0, 500, db=-60)
    assert track.detector.last_speech_ms == 500
    assert track.changes[1:] == [(620, Change.PAUSED), (900, Change.ENDED)]


def test_soft_syllables_are_speech() -> None:
    track = Track()
    track.hears(0.99, 300)
    track.hears(0.99, 600, db=-25)
    assert track.detector.last_speech_ms == 900
    assert [c for _, c in track.changes] == [Change.STARTED]


def test_a_click_in_a_word_does_not_drown_the_rest() -> None:
    track = Track()
    track.hears(0.99, 300, db=-30)
    track.hears(0.99, 20, db=20)
    track.hears(0.99, 600, db=-30)
    assert [c for _, c in track.changes] == [Change.STARTED]


def test_a_soft_caller_after_a_loud_one_is_measured_by_his_own_voice() -> None:
    track = Track()
    track.hears(0.99, 300)
    track.hears(0.0, 600, db=-60)
    track.hears(0.99, 300, db=-35)
    assert [c for _, c in track.changes] == [Change.STARTED, Change.PAUSED, Change.ENDED, Change.STARTED]
    assert track.detector.last_speech_ms == 1200


def test_energy_is_the_mean_square() -> None:
    assert energy_of(array("h", [3, -3, 5, -5]).tobytes()) == pytest.approx(17)
    assert energy_of(bytes(320)) == 0
    assert energy_of(b"") == 0


def test_soft_voices_count_by_sensitivity() -> None:
    for sensitivity, started in (("low", False), ("medium", True), ("high", True)):
        track = Track(sensitivity=SENSITIVITIES[sensitivity])
        # 49 dB under full scale, but clearly a voice.
        track.hears(0.99, 300, db=-19)
        assert bool(track.changes) is started, sensitivity


def test_doubtful_voices_count_by_sensitivity() -> None:
    for sensitivity, started in (("low", False), ("medium", False), ("high", True)):
        track = Track(sensitivity=SENSITIVITIES[sensitivity])
        track.hears(0.4, 300)
        assert bool(track.changes) is started, sensitivity


def test_the_end_may_be_moved_while_it_is_waited_for() -> None:
    track = Track()
    track.hears(0.9, 300)
    track.hears(0.0, 200)
    track.detector.end_ms = 1_000
    track.hears(0.0, 1_000)
    assert track.changes[-1] == (1_300, Change.ENDED)


def test_a_turn_that_was_over_is_paused_again_while_the_silence_is_young() -> None:
    track = Track()
    track.hears(0.9, 300)
    track.hears(0.0, 500)
    assert track.detector.state is State.QUIET
    assert track.detector.reopen(1_000, track.now)
    assert track.detector.state is State.PAUSED
    track.hears(0.0, 600)
    assert track.changes[-1] == (1_300, Change.ENDED)
    assert not track.detector.reopen(1_000, track.now)
