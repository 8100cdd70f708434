import pytest

from media_workers.providers.llm.phrases import MAX_EXPANSIONS, Phrase, expand
from media_workers.providers.words import words

SLOTS = {"day": ["monday", "the day after tomorrow"], "party": ["2", "four"]}


def match(pattern: str, said: str) -> dict[str, str] | None:
    found = Phrase(pattern, SLOTS).match(words(said))
    return dict(found.slots) if found else None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("yes", "yes"),
        ("yes", "uh yes please"),
        ("no thank you", "No, thank you!"),
        ("[I would like to] book a visit", "book a visit"),
        ("[I would like to] book a visit", "I would like to book a visit"),
        ("[what are [all] your] opening hours", "opening hours"),
        ("speak to a person", "speak to person"),
        ("at 7:30", "at seven thirty"),
    ],
)
def test_what_was_meant_fits(pattern: str, said: str) -> None:
    assert match(pattern, said) == {}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("yes", ""),
        ("yes", "yesterday"),
        ("speak to a person", "a person"),
        ("speak to a person", "person a to speak"),
        ("when are you open", "when I was young there were no doctors and you"),
        ("[please]", ""),
    ],
)
def test_what_was_not_meant_does_not_fit(pattern: str, said: str) -> None:
    assert match(pattern, said) is None


def test_slots_hold_the_value_as_it_was_declared() -> None:
    said = "a table for two on the day after tomorrow please"
    assert match("table for {party} on {day}", said) == {"party": "2", "day": "the day after tomorrow"}


def test_a_slot_must_be_heard() -> None:
    assert match("book a table for {party} on {day}", "book a table for four on sunday") is None


def test_the_value_that_leaves_less_unheard_wins() -> None:
    slots = {"city": ["york", "new york"]}
    found = Phrase("to {city}", slots).match(words("to new york"))
    assert found is not None
    assert found.slots == {"city": "new york"}


def test_a_longer_phrase_heard_in_full_fits_better_than_a_part_of_it() -> None:
    said = words("yes cancel it")
    short, long = Phrase("yes", {}).match(said), Phrase("yes cancel it", {}).match(said)
    assert short
    assert long
    assert long.score > short.score


def test_expansion_spells_out_slots_and_keeps_optionals() -> None:
    assert expand("[a table] for {party} on {day}", SLOTS) == [
        "[a table] for 2 on monday",
        "[a table] for 2 on the day after tomorrow",
        "[a table] for four on monday",
        "[a table] for four on the day after tomorrow",
    ]


def test_expansion_is_bounded() -> None:
    slots = {name: [str(i) for i in range(40)] for name in ("a", "b", "c")}
    assert len(expand("{a} {b} {c}", slots)) == MAX_EXPANSIONS
