"""Where a field's value is looked for, and that it is never made up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.analysis.results import CALLER_DID_NOT_KNOW, Value
from apps.analysis.rules.fields import extract, extract_all
from apps.analysis.rules.patterns import TOO_SLOW
from apps.analysis.text import listed
from apps.analysis.transcript import Conversation, Line
from media_workers.contract.analysis import ExtractionField
from tests.apps.analysis.talk import AT, field, talk

DELIVERY = """
A: Hello, what can I do for you?
C: My parcel is broken and I want a refund.
A: I am sorry. What is your order number?
C: It is A B one two three four.
A: Thank you. On which day was it delivered?
C: On Monday, no sorry, on Tuesday.
A: And what did you pay?
C: Twelve dollars and fifty cents.
A: May we call you back?
C: Yes please, on two oh two, triple five, zero one eight seven.
A: Which colour was it, red or dark blue?
C: Dark blue.
"""


def value_of(name: str, type: str = "string", *, script: str = DELIVERY, **more: Any) -> Value:
    changes = {key: more.pop(key) for key in ("slots", "language") if key in more}
    return extract(field(name, type, **more), talk(script, **changes))


@pytest.mark.parametrize(
    ("asked", "value", "turn", "quote"),
    [
        (field("order_number", pattern="[A-Z]{2}[0-9]{4}"), "AB1234", 3, "A B one two three four"),
        (field("delivered_on", "date", keywords=["delivered"]), "2026-03-03", 5, "Tuesday"),
        (
            field("price", "amount", keywords=["pay"]),
            {"amount_micros": 12_500_000, "currency": "USD"},
            7,
            "Twelve dollars and fifty cents",
        ),
        (field("call_back", "boolean", keywords=["call you back"]), True, 9, "Yes please"),
        (field("phone", "phone"), "+12025550187", 9, "two oh two, triple five, zero one eight seven"),
        (field("colour", "enum", choices=["red", "blue", "dark blue"]), "dark blue", 11, "Dark blue"),
        (field("reason", keywords=["what can I do"]), "My parcel is broken and I want a refund", 1, None),
    ],
)
def test_a_value_and_its_words(asked: ExtractionField, value: Any, turn: int, quote: str | None) -> None:
    found = extract(asked, talk(DELIVERY))
    assert (found.value, found.turn, found.problem) == (value, turn, "")
    assert found.quote == (value if quote is None else quote)
    assert 0.3 < found.confidence <= 1


def test_what_was_collected_counts_first() -> None:
    found = value_of("colour", "enum", choices=["red", "dark blue"], slots={"colour": "red"})
    assert (found.value, found.turn, found.quote) == ("red", None, "")


def test_a_slot_of_another_name_is_found_where_it_was_said() -> None:
    found = value_of("number", slot="order", slots={"order": "one two three four"})
    assert (found.value, found.turn, found.quote) == ("one two three four", 3, "one two three four")


def test_a_slot_that_does_not_fit_is_told() -> None:
    found = value_of("born", "date", slot="x", slots={"x": "purple"}, script="A: Hello.\nC: Goodbye then.")
    assert found.value is None
    assert "purple" in found.problem


def test_a_list_has_a_source_for_each_value() -> None:
    script = "A: Which days suit you?\nC: Monday and Friday.\nA: Any other days?\nC: Also Saturday."
    found = value_of("days", "date", many=True, script=script)
    assert found.value == ["2026-03-09", "2026-03-06", "2026-03-07"]
    assert [(s.turn, s.quote) for s in found.sources] == [(1, "Monday"), (1, "Friday"), (3, "Saturday")]


def test_what_comes_later_corrects_what_came_before() -> None:
    script = "A: Which day?\nC: Monday.\nA: So the day is Monday?\nC: No, make it Friday."
    assert value_of("day", "date", script=script).value == "2026-03-06"


def test_two_at_once_are_none() -> None:
    found = value_of("day", "date", script="A: Which day?\nC: Monday or Friday.")
    assert found.value is None
    assert "“Monday”; “Friday”" in found.problem


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("A: Hello.\nC: Goodbye.", "It was not asked for"),
        ("A: Which day?\nC: The weather is nice.", "has no date in it"),
    ],
)
def test_why_there_is_none(script: str, words: str) -> None:
    found = value_of("day", "date", script=script)
    assert found.value is None
    assert words in found.problem


def test_the_caller_did_not_know() -> None:
    found = value_of("day", "date", script="A: Which day?\nC: I don't know.")
    assert found.problem == CALLER_DID_NOT_KNOW


def test_another_language_is_told() -> None:
    found = value_of("tag", "date", script="A: An welchem Tag?\nC: Am Montag.", language="de-DE")
    assert "English only" in found.problem


def test_a_pattern_that_goes_on_for_ever_is_a_problem_of_the_field() -> None:
    script = f"A: Your code?\nC: {'a' * 190}"
    assert value_of("code", pattern=r"(a|a)+x", script=script).problem == TOO_SLOW


def test_of_two_fields_of_a_type_none_takes_the_others_value() -> None:
    script = "A: When were you born?\nC: May 5th 1980."
    values = extract_all([field("born", "date", keywords=["born"]), field("visit", "date")], talk(script))
    assert (values["born"].value, values["visit"].value) == ("1980-05-05", None)


TYPES: list[Any] = [
    "string", "number", "integer", "boolean", "date", "time", "amount", "phone", "email", "enum",
]  # fmt: skip
WORDS = listed(
    """yes no maybe not Monday next tomorrow the 5th fifth of March May at five 17:30 pm half past noon
    twelve dollars and fifty cents $12.50 € two hundred thousand point oh double 202 555 0187 +1 jane dot doe
    @ example com a.b@c.de I think sorry actually my name is order number red blue one 3/4/2026 2026-02-30 in
    three weeks ago ½ ü Straße ’ , . ? ! - : 99999999999999999999 zéro don't know what day was it delivered"""
)
TEXT = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60)
TALK = st.lists(st.tuples(st.sampled_from(["agent", "caller"]), TEXT), max_size=8)
FIELDS = st.builds(
    lambda kind, many, keywords, pattern: field(
        "order_number",
        kind,
        many=many,
        keywords=keywords,
        choices=["red", "blue", "not red"] if kind == "enum" else [],
        pattern=pattern if kind == "string" else "",
    ),
    st.sampled_from(TYPES),
    st.booleans(),
    st.lists(st.sampled_from(["day", "what", "number", "name"]), max_size=2),
    st.sampled_from(["", "[A-Z]{2}", r"\d+"]),
)


@settings(max_examples=300, deadline=None)
@given(TALK, FIELDS, st.sampled_from(["en-US", "de-DE", "fr-FR", "ja-JP"]), st.sampled_from(["US", "DE", ""]))
def test_nothing_is_made_up(
    said: list[tuple[Any, str]], asked: ExtractionField, language: str, country: str
) -> None:
    """Every value has words, and they stand so in its turn, which is the caller's; without a value there are
    words of why."""
    lines = tuple(Line(n, who, text) for n, (who, text) in enumerate(said))
    conversation = Conversation(lines, AT, language, country)
    found = extract(asked, conversation)
    assert (found.value in (None, [])) == bool(found.problem)
    told = [(s.turn, s.quote) for s in found.sources] if asked.many else [(found.turn, found.quote)]
    if found.value is not None:
        assert len(told) == (len(found.value) if asked.many else 1)
        for turn, quote in told:
            assert quote.strip()
            assert turn is not None
            assert quote in conversation.by_index[turn].text
            assert conversation.by_index[turn].speaker == "caller"
        assert 0 < found.confidence <= 1
