"""Text as a sequence of spoken words, so that what was heard compares with what was expected."""

from __future__ import annotations

import re
import unicodedata

# fmt: off
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}
# fmt: on
_SYMBOLS = {"&": " and ", "%": " percent ", "+": " plus ", "@": " at ", "$": " dollars ", "€": " euros "}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'"})
_CURRENCY = re.compile(r"([$€])\s?(\d+(?:[.,]\d+)*)")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+:\d\d|\d+\.\d+|\d+|[^\W\d_]+(?:'[^\W\d_]+)*")


def words(text: str) -> list[str]:
    """Lower-case words of `text` without punctuation and accents, numbers spelled as spoken.

    `"Table for 2, at 7:30"` is `table for two at seven thirty`. Digits of five and more (a telephone
    number, a code) are read one by one.
    """
    text = unicodedata.normalize("NFKD", text.translate(_QUOTES))
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    text = _GROUPED.sub("", _CURRENCY.sub(r"\2 \1", text))
    for symbol, spoken in _SYMBOLS.items():
        text = text.replace(symbol, spoken)
    found: list[str] = []
    for token in _TOKEN.findall(text):
        found.extend(_spoken(token) if token[0].isdecimal() else [token])
    return found


def _spoken(token: str) -> list[str]:
    if token[-1].isalpha():
        cardinal = _cardinal(token[:-2])
        return [*cardinal[:-1], _ordinal(cardinal[-1])]
    if ":" in token:
        hour, minute = token.split(":")
        if minute == "00":
            return _cardinal(hour)
        return [*_cardinal(hour), *(["oh"] if minute[0] == "0" else []), *_cardinal(minute.lstrip("0"))]
    if "." in token:
        whole, fraction = token.split(".")
        return [*_cardinal(whole), "point", *_digits(fraction)]
    return _cardinal(token)


def _digits(token: str) -> list[str]:
    return [_ONES[int(d)] for d in token]


def _ordinal(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"


def _cardinal(token: str) -> list[str]:
    if len(token) > 4 or (len(token) > 1 and token[0] == "0"):
        return _digits(token)
    value = int(token)
    if value < 20:
        return [_ONES[value]]
    spoken: list[str] = []
    if value >= 1000:
        spoken += [_ONES[value // 1000], "thousand"]
    if value % 1000 >= 100:
        spoken += [_ONES[value % 1000 // 100], "hundred"]
    rest = value % 100
    if rest >= 20:
        spoken.append(_TENS[rest // 10])
        rest %= 10
    return [*spoken, _ONES[rest]] if rest else spoken
