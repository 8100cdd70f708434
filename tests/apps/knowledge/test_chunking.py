"""A document in pieces."""

from __future__ import annotations

from itertools import pairwise

from apps.knowledge.chunking import LONGEST_TEXT, MOST_WORDS, pieces
from apps.knowledge.reading.blocks import Block


def test_a_piece_stands_under_its_headings() -> None:
    blocks = [
        Block(0, "Before."),
        Block(1, "A"), Block(0, "One."), Block(0, "Two."),
        Block(2, "B"), Block(0, "Three."),
        Block(2, "C"), Block(0, "Four."),
        Block(1, "D"), Block(3, "E"), Block(0, "Five."),
    ]  # fmt: skip

    assert [(piece.heading, piece.text) for piece in pieces(blocks)] == [
        ("", "Before."),
        ("A", "One.\nTwo."),
        ("A > B", "Three."),
        ("A > C", "Four."),
        ("D > E", "Five."),
    ]


def test_a_long_text_is_divided_between_sentences_with_one_in_both() -> None:
    text = " ".join(f"This is sentence number {n} of a long text about nothing." for n in range(200))

    found = list(pieces([Block(1, "Long"), Block(0, text)]))

    assert len(found) > 8
    assert all(100 < piece.words <= MOST_WORDS for piece in found[:-1])
    assert all(piece.text.endswith("nothing.") for piece in found)
    for one, other in pairwise(found):
        assert other.text.startswith(one.text[one.text.rindex("This is sentence") :])
    said = "".join(piece.text for piece in found)
    assert all(f"number {n} of" in said for n in range(200))


def test_rows_of_a_table_stay_whole() -> None:
    rows = "\n".join(
        f"Room: {n}; Price: {n * 3} dollars; Floor: {n // 10}; View: of the sea" for n in range(300)
    )

    found = list(pieces([Block(0, rows)]))

    lines = [line for piece in found for line in piece.text.split("\n")]
    assert all(line.startswith("Room: ") and line.endswith("sea") for line in lines)
    assert len(dict.fromkeys(lines)) == 300


def test_text_without_any_end_is_cut() -> None:
    lines = "x" * 2_900 + "\n" + "y" * 2_900
    sentences = "語" * 60 + "、"
    texts = ["x" * 20_000, "word " * 5_000, "語" * 9_000, " . " * 400 + "\n" * 400, lines]
    for text in [*texts, (sentences * 20 + "。") * 4]:
        assert all(len(piece.text) <= 2 * LONGEST_TEXT for piece in pieces([Block(0, text)]))
