import pytest

from media_workers.providers.words import words


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Table for 2, at 7:30!", "table for two at seven thirty"),
        ("at 7:05 or 9:00", "at seven oh five or nine"),
        ("No, thank you.", "no thank you"),
        ("I don’t know", "i don't know"),
        ("21st of May", "twenty first of may"),
        ("the 30th, the 12th and the 9th", "the thirtieth the twelfth and the ninth"),
        ("1984", "one thousand nine hundred eighty four"),
        ("$20", "twenty dollars"),
        ("1,250 people", "one thousand two hundred fifty people"),
        ("3.14", "three point one four"),
        ("12025550100", "one two zero two five five five zero one zero zero"),
        ("007", "zero zero seven"),
        ("café & crème", "cafe and creme"),
        ("...", ""),
        ("", ""),
    ],
)
def test_text_becomes_the_words_that_are_spoken(text: str, spoken: str) -> None:
    assert " ".join(words(text)) == spoken
