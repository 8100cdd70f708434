"""Times, numbers, sums, telephone numbers, addresses, yes and no, choices, patterns and texts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from apps.analysis.rules import amounts, choices, emails, numbers, patterns, phones, texts, times, yes_no
from apps.analysis.rules.found import Setting

ENGLISH = Setting("en", date(2026, 3, 4), "US")
GERMAN = Setting("de", date(2026, 3, 4), "DE")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("at 5 pm", "17:00"),
        ("5:30 p.m.", "17:30"),
        ("17:45", "17:45"),
        ("at five", "17:00"),
        ("nine in the morning", "09:00"),
        ("half past five", "17:30"),
        ("quarter to six in the evening", "17:45"),
        ("ten past nine", "09:10"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("twelve pm", "12:00"),
        ("12 am", "00:00"),
        ("five o'clock", "17:00"),
        ("at ten thirty", "10:30"),
        ("eight thirty am", "08:30"),
        ("tomorrow evening at eight", "20:00"),
        ("around 3", "15:00"),
        ("at 08:15", "08:15"),
    ],
)
def test_times(text: str, time: str) -> None:
    assert [one.value for one in times.find(text, ENGLISH)] == [time]


@pytest.mark.parametrize(
    "text",
    ["$12.50", "about 5 people", "at 20 Station Road", "five dollars", "25:10", "in 3 days", "at 5%", ""],
)
def test_no_times(text: str) -> None:
    assert times.find(text, ENGLISH) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("forty two", 42),
        ("42", 42),
        ("one hundred and five", 105),
        ("1,250", 1250),
        ("two point five", 2.5),
        ("2.5", 2.5),
        ("minus ten", -10),
        ("a hundred", 100),
        ("three thousand", 3000),
        ("2 million", 2_000_000),
        ("five five five one", 5551),
        ("we are twenty-three", 23),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert [one.value for one in numbers.find(text, ENGLISH)] == [value]


@pytest.mark.parametrize("text", ["this one", "the 5th", "at 5:30", "no", ""])
def test_no_numbers(text: str) -> None:
    assert numbers.find(text, ENGLISH) == []


def test_numbers_of_another_language() -> None:
    assert [one.value for one in numbers.find("fünfundzwanzig, also 1.250,5", GERMAN)] == [25, 1250.5]


@pytest.mark.parametrize(
    ("text", "micros", "currency"),
    [
        ("$12.50", 12_500_000, "USD"),
        ("twelve dollars", 12_000_000, "USD"),
        ("twelve dollars and fifty cents", 12_500_000, "USD"),
        ("1,200 euros", 1_200_000_000, "EUR"),
        ("€ 50", 50_000_000, "EUR"),
        ("fifty bucks", 50_000_000, "USD"),
        ("two hundred pounds", 200_000_000, "GBP"),
        ("$3k", 3_000_000_000, "USD"),
    ],
)
def test_amounts(text: str, micros: int, currency: str) -> None:
    found = [one.value for one in amounts.find(text, ENGLISH)]
    assert found == [{"amount_micros": micros, "currency": currency}]


def test_a_number_alone_is_a_sum_only_where_one_was_asked_for() -> None:
    assert amounts.find("two hundred", ENGLISH) == []
    bare = amounts.find_bare("two hundred", ENGLISH)
    assert [one.value for one in bare] == [{"amount_micros": 200_000_000, "currency": ""}]


@pytest.mark.parametrize(
    "text",
    [
        "it is (202) 555-0187",
        "202 555 0187 please",
        "+1 202 555 0187",
        "two zero two five five five oh one eight seven",
        "two oh two, triple five, zero one eight seven",
    ],
)
def test_phones(text: str) -> None:
    assert [one.value for one in phones.find(text, ENGLISH)] == ["+12025550187"]


def test_no_phones() -> None:
    assert phones.find("order 12345, two three four", ENGLISH) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("it is jane.doe@example.com.", "jane.doe@example.com"),
        ("jane dot doe at example dot com", "jane.doe@example.com"),
        ("my address is jane underscore doe at mail dot example dot org thanks", "jane_doe@mail.example.org"),
        ("it's j o e at example dot com", "joe@example.com"),
        ("sales seven at example dot co dot uk", "sales7@example.co.uk"),
    ],
)
def test_emails(text: str, address: str) -> None:
    assert [one.value for one in emails.find(text, ENGLISH)] == [address]


@pytest.mark.parametrize("text", ["meet me at five", "look at that dot", "at example dot com", "a@b", ""])
def test_no_emails(text: str) -> None:
    assert emails.find(text, ENGLISH) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes please", True),
        ("yeah, sure", True),
        ("no problem", True),
        ("that's correct", True),
        ("no", False),
        ("no thank you", False),
        ("I don't think so", False),
        ("not really", False),
        ("absolutely not", False),
    ],
)
def test_yes_and_no(text: str, value: bool) -> None:
    assert [one.value for one in yes_no.find(text, ENGLISH)] == [value]


@pytest.mark.parametrize("text", ["I don't know", "maybe", "on Tuesday", ""])
def test_neither_yes_nor_no(text: str) -> None:
    assert yes_no.find(text, ENGLISH) == []


def test_yes_in_german() -> None:
    assert [one.value for one in yes_no.find("ja, gerne", GERMAN)] == [True]


def test_choices() -> None:
    offered = ["good", "not good", "very_good"]

    def chosen(text: str) -> list[Any]:
        return [one.value for one in choices.find(text, offered)]

    assert chosen("It was not good") == ["not good"]
    assert chosen("Very good!") == ["very_good"]
    assert chosen("good") == ["good"]
    assert chosen("goodness") == []
    assert choices.find("not the blue, the red", ["blue", "red"])[0].value == "red"


def test_patterns() -> None:
    assert [one.value for one in patterns.find("It is ab1234, I think", "[A-Z]{2}[0-9]{4}")] == ["AB1234"]
    spelled = patterns.find("A B one two three four", "[A-Z]{2}[0-9]{4}")
    assert [one.value for one in spelled] == ["AB1234"]
    assert patterns.find("nothing of the kind", "[A-Z]{2}[0-9]{4}") == []


def test_a_pattern_that_goes_on_for_ever_is_stopped() -> None:
    with pytest.raises(patterns.BadPattern):
        patterns.matches(r"(a|a)+x", "a" * 190)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("My name is Ada Lovelace.", "Ada Lovelace"),
        ("Well, it's about my boiler, please", "about my boiler"),
        ("Hello, this is the Harbor Street practice", "the Harbor Street practice"),
        ("A broken window", "A broken window"),
    ],
)
def test_texts(text: str, value: str) -> None:
    assert [one.value for one in texts.find(text)] == [value]


@pytest.mark.parametrize("text", ["Yes.", "Hello?", "thank you", "...", ""])
def test_no_texts(text: str) -> None:
    assert texts.find(text) == []
