"""What a peer says when it ends a call."""

from __future__ import annotations

import pytest

from media_workers.sip.last_words import ends_a_call, read_last_words
from media_workers.sip.types import LastWords


def words(*headers: str) -> LastWords:
    return read_last_words("\r\n".join(["BYE sip:a@b SIP/2.0", "Via: x", *headers, "", ""]))


@pytest.mark.parametrize(
    ("reason", "q850", "text"),
    [
        ('Q.850;cause=16;text="Normal call clearing"', 16, "Normal call clearing"),
        ("q.850 ; cause = 17", 17, ""),
        ('SIP;cause=200;text="Call completed elsewhere"', None, "Call completed elsewhere"),
        ('SIP;cause=480;text="a, b", Q.850;text="No answer";cause=19', 19, "No answer"),
        ('Q.850;cause=41;text="Q.850;cause=1"', 41, "Q.850;cause=1"),
        ("Q.850;cause=900", None, ""),
        ("Q.850", None, ""),
        ("preemption", None, ""),
    ],
)
def test_reasons(reason: str, q850: int | None, text: str) -> None:
    assert words(f"Reason: {reason}") == LastWords(q850=q850, text=text)


def test_a_warning_says_what_a_reason_does_not() -> None:
    assert words('Warning: 399 host "Codec not allowed"').text == "Codec not allowed"
    assert words('Warning: 399 host "W"', 'Reason: Q.850;cause=1;text="R"').text == "R"


@pytest.mark.parametrize(
    ("value", "seconds"), [("17", 17), ("18 (maintenance);duration=3600", 18), ("soon", None)]
)
def test_when_to_come_back(value: str, seconds: int | None) -> None:
    assert words(f"Retry-After: {value}").retry_after_s == seconds


def test_nothing_said() -> None:
    assert words() == LastWords()
    assert len(words(f'Reason: Q.850;cause=1;text="{"x" * 5_000}"').text) == 200


@pytest.mark.parametrize(
    ("method", "status", "does"),
    [
        ("BYE", None, True),
        ("CANCEL", None, True),
        ("INVITE", 486, True),
        ("INVITE", 302, True),
        ("INVITE", 200, False),
        ("INVITE", 180, False),
        ("INVITE", None, False),
        ("BYE", 481, False),
    ],
)
def test_what_ends_a_call(method: str, status: int | None, does: bool) -> None:
    assert ends_a_call(method, status) is does
