from __future__ import annotations

import pytest

from media_workers.providers.base import SpokenWord
from media_workers.providers.tts.alignment import Alignment


def aligned(text: str, pieces: list[tuple[str, float]]) -> list[tuple[str, int]]:
    alignment = Alignment(text)
    found = [word for piece, start in pieces for word in alignment.place(piece, start)]
    return [(word.text, word.start_ms) for word in [*found, *alignment.finish()]]


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("Hello there.", [("Hello", 0), ("there.", 300)], [("Hello", 0), ("there.", 300)]),
        ("It’s “fine”, yes", [("it's", 0), ("fine", 200.6), ("yes", 400)],
         [("It’s", 0), ("“fine”,", 201), ("yes", 400)]),
        ("Hello there", [("Hel", 0), ("lo", 50), ("th", 90), ("ere", 120)], [("Hello", 0), ("there", 90)]),
        ("a b c", [("a b", 0), ("c", 10)], [("a", 0), ("b", 0), ("c", 10)]),
        ("a - b", [("a", 0), ("b", 10)], [("a", 0), ("-", 10), ("b", 10)]),
        ("well-known fact", [("well", 0), ("known", 100), ("fact", 200)], [("well-known", 0), ("fact", 200)]),
        ("It is $25 now", [("It", 0), ("is", 100), ("twenty", 200), ("five", 300), ("now", 500)],
         [("It", 0), ("is", 100), ("$25", 200), ("now", 500)]),
        ("Pay $25", [("Pay", 0), ("twenty", 200), ("five", 300)], [("Pay", 0), ("$25", 200)]),
        ("one two", [("three", 0), ("four", 10)], [("one", 0), ("two", 10)]),
        ("one two", [("...", 0), ("", 5)], []),
        ("Grüße, Straße!", [("GRÜSSE", 0), ("strasse", 9)], [("Grüße,", 0), ("Straße!", 9)]),
        ("नमस्ते दुनिया", [("नमस्ते", 0), ("दुनिया", 7)], [("नमस्ते", 0), ("दुनिया", 7)]),
        ("こんにちは。", [("こんにちは", 0)], []),
        ("", [("a", 0)], []),
    ],
)  # fmt: skip
def test_words_are_found_as_they_were_written(
    text: str, pieces: list[tuple[str, float]], expected: list[tuple[str, int]]
) -> None:
    assert aligned(text, pieces) == expected


def test_a_word_may_be_spread_over_several_lists_of_characters() -> None:
    alignment = Alignment("One two, three")
    first = list(alignment.characters(list("One tw"), [0, 10, 20, 30, 40, 50], 0))
    then = list(alignment.characters(list("o, three"), [0, 10, 20, 30, 40, 50, 60, 70], 60))
    assert first == [SpokenWord("One", 0), SpokenWord("two,", 40)]
    assert then == [SpokenWord("three", 90)]


def test_endless_pieces_cost_no_more_than_their_words() -> None:
    text = "word " * 1_600
    found = aligned(text, [(f"strange{n}", n) for n in range(2_000)] + [("word", 2_000)] * 1_600)
    assert len(found) == 1_600
