from __future__ import annotations

import pytest

from media_workers.conversation.sentences import LONGEST, SentenceSplitter


def split(*deltas: str) -> list[str]:
    splitter = SentenceSplitter()
    found = [s for d in deltas for s in splitter.feed(d)]
    return found + splitter.flush()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("That is 3.50 for Dr. Lee. Right?", ["That is 3.50 for Dr. Lee.", "Right?"]),
        ("At 5 p.m. on Main St. then. Bye", ["At 5 p.m. on Main St. then.", "Bye"]),
        ("1. Coffee\n2. Tea", ["1. Coffee", "2. Tea"]),
        ("You owe 42. Pay now.", ["You owe 42.", "Pay now."]),
        ("I said no. Really?!", ["I said no.", "Really?!"]),
        ('He said "yes." Then left...', ['He said "yes."', "Then left..."]),
        ("你好。再见。", ["你好。", "再见。"]),
        ("  \n ", []),
        ("", []),
        ("no punctuation at all", ["no punctuation at all"]),
    ],
)
def test_text_is_cut_after_its_sentences(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_the_size_of_the_deltas_makes_no_difference() -> None:
    text = "Well. It costs 3.50 at Dr. Lee's, e.g. on Monday! Shall I book it? Yes... or no."
    whole = split(text)
    for size in range(1, 20):
        assert split(*(text[i : i + size] for i in range(0, len(text), size))) == whole
    assert len(whole) == 5


def test_a_sentence_comes_out_as_soon_as_something_follows_it() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("One moment.") == []
    assert splitter.feed(" I") == ["One moment."]
    assert splitter.feed(" am looking.\n") == ["I am looking."]


def test_a_long_first_sentence_begins_at_a_comma() -> None:
    text = "Thank you very much for waiting so patiently while I looked it up, your table is booked. " * 2
    first, *rest = split(text)
    assert first.endswith("looked it up,")
    # Only the first: later ones play while the next is being made.
    assert rest[0] == "your table is booked."
    assert rest[1].endswith("your table is booked.")


def test_text_without_end_is_cut_at_spaces_and_loses_nothing() -> None:
    text = "word " * 1000
    pieces = split(text)
    assert all(len(p) <= LONGEST for p in pieces)
    assert " ".join(pieces).split() == text.split()


@pytest.mark.parametrize("text", ["." * 200_000, "a" * 200_000, " " * 200_000, "e.g. " * 40_000])
def test_hostile_text_of_any_size_takes_linear_time(text: str) -> None:
    pieces = split(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
