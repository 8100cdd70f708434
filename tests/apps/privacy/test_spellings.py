"""A number is found however it is written, in Python as in PostgreSQL, and nothing else is taken for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.privacy.spellings import MASK, Spelled

BERLIN = Spelled("+493012345678")
WASHINGTON = Spelled("+12025550184")

FOUND = [
    (BERLIN, "+493012345678"),
    (BERLIN, "00493012345678"),
    (BERLIN, "call 49 30 1234 5678 now"),
    (BERLIN, "+49 (30) 1234-5678"),
    (BERLIN, "(030) 12345678"),
    (BERLIN, "030/1234 5678."),
    (BERLIN, '{"tel": 493012345678}'),
    (BERLIN, "sip:+493012345678@192.0.2.1"),
    (WASHINGTON, "(202) 555-0184"),
    (WASHINGTON, "1-202-555-0184"),
    (WASHINGTON, "tel:+1.202.555.0184;ext=1"),
]
NOT_FOUND = [
    (BERLIN, "+4930123456789"),
    (BERLIN, "1493012345678"),
    (BERLIN, "+49301234567"),
    (BERLIN, "3012345678 without its area's zero"),
    (WASHINGTON, "+12025550185"),
    (WASHINGTON, "20255501849"),
    (WASHINGTON, ""),
]


@pytest.mark.parametrize(("number", "text"), FOUND)
def test_it_is_found_and_masked(number: Spelled, text: str) -> None:
    assert number.stands_in(text)
    masked = number.masked(text)
    assert MASK in masked
    assert not number.stands_in(masked)


@pytest.mark.parametrize(("number", "text"), NOT_FOUND)
def test_others_are_left_alone(number: Spelled, text: str) -> None:
    assert not number.stands_in(text)
    assert number.masked(text) == text


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "text"), [*FOUND, *NOT_FOUND])
def test_postgresql_finds_the_same(number: Spelled, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [text, number.pattern])
        (found,) = cursor.fetchone()
    assert found == number.stands_in(text)


@given(st.lists(st.sampled_from(["", " ", "-", ".", "(", ")", "/", " (", ") ", "\u00a0"]), min_size=11))
def test_whatever_stands_between_the_digits(between: list[str]) -> None:
    digits = "12025550184"
    text = "+" + "".join(digit + gap for digit, gap in zip(digits, between, strict=False))
    assert WASHINGTON.stands_in(text)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"to": "+12025550184", "n": 3}, {"to": MASK, "n": 3}),
        ({"+12025550184": [{"deep": "x 2025550184 y"}]}, {MASK: [{"deep": f"x {MASK} y"}]}),
        ([12025550184, 2025550184, 7, None, True, 1.5], [MASK, MASK, 7, None, True, 1.5]),
    ],
)
def test_json_is_masked_inside(value: Any, masked: Any) -> None:
    assert WASHINGTON.masked(value) == masked


def test_columns_are_asked_for_each_way_to_keep_a_number() -> None:
    assert BERLIN.columns == ["+493012345678", "493012345678", "00493012345678", "03012345678"]
