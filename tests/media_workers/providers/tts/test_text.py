import pytest

from media_workers.providers.tts.text import FIRST_PIECE, LONGEST_PIECE, MAX_TEXT, clean, pieces


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
