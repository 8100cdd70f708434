import pytest

from media_workers.providers.tts.text import (
    FIRST_PIECE,
    LONGEST_PIECE,
    MAX_TEXT,
    clean,
    pieces,
    portions,
    tidy,
)


def test_what_cannot_be_spoken_is_cleaned_away() -> None:
    assert clean("It’s\x00 a\r\n“test”\u200b — 5 €…") == 'It\'s a "test" , 5 euros .'


def test_endless_text_is_cut() -> None:
    assert len(clean("word " * 10_000)) <= MAX_TEXT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("... !", []),
        ("Hello.", ["Hello."]),
        ("Hello there! How are you? Fine.", ["Hello there!", "How are you?", "Fine."]),
        ("Ask Dr. Smith. He knows, e.g. this.", ["Ask Dr. Smith.", "He knows, e.g. this."]),
        ("It costs 3.50 today.", ["It costs 3.50 today."]),
    ],
)
def test_sentences_are_spoken_one_by_one(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_long_first_sentence_is_begun_with_its_first_clauses() -> None:
    text = "We are open on Monday, on Tuesday, from eight in the morning until six at night, and on Friday."
    found = pieces(text)
    assert found[0] == "We are open on Monday, on Tuesday,"
    assert len(found[0]) <= FIRST_PIECE
    assert " ".join(found) == text


@pytest.mark.parametrize("text", ["word " * 200, "a" * 1000])
def test_no_piece_is_longer_than_the_limit_and_nothing_is_lost(text: str) -> None:
    found = pieces(text)
    assert max(map(len, found)) <= LONGEST_PIECE
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["Cut it — 5 €…", "it’s", "می‌خواهم", "क्‍ष"])
def test_a_vendor_is_given_the_text_as_it_was_written(text: str) -> None:
    assert tidy(text) == text


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 10, []),
        ("... !", 10, []),
        ("One. Two. Three.", 100, ["One. Two. Three."]),
        ("One. Two. Three.", 10, ["One. Two.", "Three."]),
        ("One two three four.", 10, ["One two", "three", "four."]),
        ("ääää ää. öö", 10, ["ääää", "ää. öö"]),
        ("a" * 12, 5, ["aaaaa", "aaaaa", "aa"]),
    ],
)
def test_portions_hold_whole_sentences_within_their_bytes(text: str, limit: int, expected: list[str]) -> None:
    assert portions(text, limit) == expected


@pytest.mark.parametrize("limit", [9, 50, 4_000])
def test_portions_lose_nothing(limit: int) -> None:
    text = " ".join(f"Wörd{n}. Then a clause, and more." for n in range(100))
    found = portions(text, limit)
    assert max(len(part.encode()) for part in found) <= limit
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
