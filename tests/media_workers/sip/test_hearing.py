"""Which side hears nothing: claimed only when it is certain, and taken back when it was wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from media_workers.contract.events import MediaStats
from media_workers.sip.hearing import ONLY_SILENCE, Hearing, Reception, one_way_words

FINE = Reception(rx_packets=50, tx_packets=50, heard=True)
NOTHING = Reception(rx_packets=0, tx_packets=50, heard=False)
SILENCE = Reception(rx_packets=50, tx_packets=50, heard=False)


def verdicts(*known: Reception, every_s: float = 1.0) -> list[str]:
    """The verdicts of readings one second apart, the first at the answer."""
    hearing = Hearing()
    return [hearing.update(100.0 + every_s * n, reception) for n, reception in enumerate(known)]


def test_a_call_with_audio_is_fine() -> None:
    assert set(verdicts(*[FINE] * 60)) == {""}


def test_no_packet_for_five_seconds() -> None:
    assert verdicts(*[NOTHING] * 7) == [""] * 5 + ["we_hear_nothing"] * 2


def test_audio_that_comes_late_takes_it_back() -> None:
    assert verdicts(*[NOTHING] * 6, FINE)[-2:] == ["we_hear_nothing", ""]


def test_packets_of_silence_alone_take_longer() -> None:
    told = verdicts(*[SILENCE] * 17)
    assert (told[14], told[15]) == ("", "we_hear_nothing")


def test_a_peer_on_hold_owes_us_nothing_and_gets_its_time_again() -> None:
    held = replace(NOTHING, should_send=False)
    told = verdicts(*[held] * 30, *[NOTHING] * 6)
    assert told[:34] == [""] * 34
    assert told[-1] == "we_hear_nothing"


@pytest.mark.parametrize(("deaf", "verdict"), [(0, ""), (1, ""), (2, "they_hear_nothing")])
def test_the_peer_reports_that_nothing_arrives(deaf: int, verdict: str) -> None:
    assert verdicts(FINE, replace(FINE, deaf_reports=deaf)) == ["", verdict]


def test_reports_that_come_with_the_answer_are_no_reason() -> None:
    """They were on their way before our packets were; those that follow count."""
    known = [replace(FINE, deaf_reports=deaf) for deaf in (2, 3, 4)]
    assert verdicts(*known) == ["", "", "they_hear_nothing"]


def test_a_peer_that_has_heard_us_is_not_deaf() -> None:
    assert verdicts(FINE, replace(FINE, deaf_reports=5, hearing_reports=1)) == [""] * 2


def test_a_peer_that_put_us_on_hold_does_not_want_to_hear() -> None:
    assert verdicts(FINE, replace(FINE, deaf_reports=5, should_hear=False)) == [""] * 2


def test_reports_from_the_time_of_a_hold_are_no_reason() -> None:
    held = [replace(FINE, should_hear=False, deaf_reports=5)] * 2
    resumed = [replace(FINE, deaf_reports=deaf) for deaf in (5, 6, 7)]
    assert verdicts(*held, *resumed)[-4:] == ["", "", "", "they_hear_nothing"]


def test_both_sides() -> None:
    assert verdicts(NOTHING, *[replace(NOTHING, deaf_reports=2)] * 6)[-1] == "both_silent"


def test_nothing_is_claimed_of_a_peer_that_sends_no_reports() -> None:
    assert verdicts(*[NOTHING] * 6)[-1] == "we_hear_nothing"


def test_the_words_say_what_is_known() -> None:
    assert one_way_words(MediaStats()) == ""
    assert "arrives" in one_way_words(MediaStats(one_way="we_hear_nothing"))
    assert one_way_words(MediaStats(one_way="we_hear_nothing", rx_packets=9)) == ONLY_SILENCE
