from __future__ import annotations

import pytest

from media_workers.conversation.endpointing.completeness import Look, look, tokens_of

ENGLISH = [
    ("", Look.NOTHING),
    ("...", Look.NOTHING),
    ("I would like a table for two.", Look.SENTENCE),
    ("Can I bring my dog?", Look.SENTENCE),
    ("Stop!", Look.SENTENCE),
    ('He said "yes."', Look.SENTENCE),
    ("table for two", Look.WORDS),
    ("at half past seven", Look.WORDS),
    ("yes", Look.WORDS),
    ("yes please", Look.CLOSING),
    ("That's all.", Look.CLOSING),
    ("um", Look.HESITATION),
    ("I would like, um", Look.HESITATION),
    ("Now, let me see.", Look.HESITATION),
    ("I'm doing well.", Look.SENTENCE),
    ("That is what I want.", Look.WORDS),
    ("555.123", Look.DIGITS),
    ("It was you know", Look.HESITATION),
    ("I was thinking...", Look.HESITATION),
    ("I was thinking –", Look.HESITATION),
    ("I want a table and", Look.OPEN),
    ("a table for the", Look.OPEN),
    ("My name is", Look.OPEN),
    ("I'd like", Look.OPEN),
    # A full stop after a preposition is the transcriber's, a question mark is the caller's.
    ("I would like to sit in.", Look.WORDS),
    ("I want a table and.", Look.OPEN),
    ("What is it for?", Look.SENTENCE),
    ("On Monday,", Look.COMMA),
    ("My number is five five five", Look.DIGITS),
    ("My number is 555-1", Look.DIGITS),
    ("It's 0 1 7 1.", Look.DIGITS),
    ("555 123 4567", Look.WORDS),
    ("oh one seven one two three four five six seven eight", Look.WORDS),
    ("two", Look.WORDS),
    ("In 2024.", Look.SENTENCE),
    ("at 7:30", Look.WORDS),
    ("m i l", Look.SPELLING),
    ("Miller, M-I-L", Look.SPELLING),
    ("B as in", Look.SPELLING),
]


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_what_english_looks_like(text: str, expected: Look) -> None:
    found = look(text, "en-US")
    # Without a length that is known, a year or a whole number is words like others.
    assert found is (Look.WORDS if text == "In 2024." else expected)


OTHERS = [
    ("de-DE", "Ich hätte gern einen Tisch.", Look.SENTENCE),
    ("de-DE", "ich möchte", Look.OPEN),
    ("de-DE", "einen Tisch für", Look.OPEN),
    ("de-AT", "am Montag und", Look.OPEN),
    ("de-DE", "ich rufe später an", Look.WORDS),
    ("de-DE", "weil er krank ist", Look.WORDS),
    ("de-DE", "ähm", Look.HESITATION),
    ("de-DE", "das war's", Look.CLOSING),
    ("de-DE", "null eins sieben eins", Look.DIGITS),
    ("de-DE", "tschüss", Look.CLOSING),
    ("es-ES", "Quisiera una mesa para", Look.OPEN),
    ("es-MX", "pues", Look.HESITATION),
    ("es-ES", "sí", Look.WORDS),
    ("es-ES", "uno dos tres", Look.DIGITS),
    ("es-ES", "Muchas gracias.", Look.CLOSING),
    ("fr-FR", "je voudrais", Look.OPEN),
    ("fr-FR", "une table pour deux euh", Look.HESITATION),
    ("fr-FR", "c'est tout", Look.CLOSING),
    ("fr-FR", "zéro six un deux", Look.DIGITS),
    ("fr-FR", "moi aussi", Look.WORDS),
    ("pl-PL", "poproszę stolik dla", Look.WORDS),
    ("pl-PL", "Poproszę stolik.", Look.SENTENCE),
    ("pl-PL", "4 5 6", Look.DIGITS),
    ("ja-JP", "はい。", Look.SENTENCE),
]


@pytest.mark.parametrize(("language", "text", "expected"), OTHERS)
def test_what_other_languages_look_like(language: str, text: str, expected: Look) -> None:
    assert look(text, language) is expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Please give me the last four digits.", "one two", Look.DIGITS),
        ("Please give me the last four digits.", "one two three four", Look.ALL_DIGITS),
        ("What is your 6-digit code?", "1234", Look.DIGITS),
        ("What is your 6-digit code?", "123456", Look.ALL_DIGITS),
        ("How many guests?", "two", Look.WORDS),
    ],
)
def test_a_question_may_say_how_many_figures_it_wants(question: str, text: str, expected: Look) -> None:
    assert look(text, "en-US", question) is expected


def test_german_questions_too() -> None:
    assert look("eins zwei", "de-DE", "Wie lauten die letzten vier Ziffern?") is Look.DIGITS
    assert look("eins zwei drei vier", "de-DE", "Ihre vierstellige PIN?") is Look.ALL_DIGITS


def test_a_text_without_end_is_looked_at_all_the_same() -> None:
    assert look("word " * 20_000 + "and", "en-US") is Look.OPEN


def test_words_lose_accents_and_punctuation() -> None:
    assert tokens_of("Äh, c’est-à-dire: 3.5 %!") == ["ah", "c'est", "a", "dire", "3", "5"]
