from __future__ import annotations

import pytest

from apps.calls.digits import MASK, has_card, is_card, masked, runs_in


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("4111 1111 1111 1111", ["4111111111111111"]),
        ("It is 4111-1111, and then 1111.", ["411111111111"]),
        ("four one double one, triple seven oh", ["4111" + "7770"]),
        ("forty one eleven twenty-two", ["411122"]),
        ("forty oh one", ["4001"]),
        ("vier eins null einundzwanzig", ["41021"]),
        ("quatre un zéro", ["410"]),
        ("room 12 on floor 3", ["12", "3"]),
        ("one moment please", ["1"]),
        ("double the price", []),
        ("at 10:30", ["10", "30"]),
        ("", []),
        ("hello there", []),
        ("٤١١١", []),
    ],
)
def test_digits_are_found_however_they_are_said(text: str, digits: list[str]) -> None:
    assert [run.digits for run in runs_in(text)] == digits


@pytest.mark.parametrize(
    "text", ["My card is 4111 1111 1111 1111, thanks.", "it is four one one one, right", "0", "a 12 b 34"]
)
def test_a_run_tells_where_it_stands(text: str) -> None:
    runs = runs_in(text)

    assert masked(text, runs).count(MASK) == len(runs)
    assert not any(character.isdigit() for character in masked(text, runs))
    assert all(text[run.start : run.end].strip() == text[run.start : run.end] for run in runs)


def test_what_stands_around_a_run_is_kept() -> None:
    text = "My card is 4111 1111 1111 1111, thanks."

    assert masked(text, runs_in(text)) == f"My card is {MASK}, thanks."


@pytest.mark.parametrize(
    ("digits", "card"),
    [
        ("4111111111111111", True),
        ("4111111111111112", False),
        ("378282246310005", True),
        ("6304000000000000", True),
        ("0000000000000000", False),
        ("411111111111", False),
        ("5555555555554444", True),
    ],
)
def test_card_numbers_are_known_by_their_check_digit(digits: str, card: bool) -> None:
    assert is_card(digits) is card


def test_a_card_number_among_other_digits_is_found() -> None:
    assert has_card("12" + "4111111111111111" + "123")
    assert not has_card("1234567890123")
