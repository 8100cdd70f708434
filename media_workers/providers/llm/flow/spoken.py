"""What was said, as a value: digits, numbers, yes or no."""

from __future__ import annotations

import re

from text_to_num import alpha2digit

from media_workers.providers.words import words

NUMBERED = ("en", "de", "es", "fr", "it", "nl", "pt")
"""Languages whose numbers in words are understood; of others only figures."""

_ZEROS = {"en": r"\b(?:oh|o|nought|naught|nil)\b", "de": r"\bnull\b", "fr": r"\bzéro\b", "es": r"\bcero\b"}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_REPEATED = re.compile(rf"\b({'|'.join(_TIMES)})\s+([0-9])\b")
_MINUS = {"en": "minus|negative", "de": "minus", "fr": "moins", "es": "menos"}
_FIGURE = re.compile(r"\d[\d.,' ]*")

# fmt: off
YES = {
    "en": ["yes", "yeah", "yep", "yup", "sure", "of course", "correct", "right", "okay", "ok", "exactly",
           "that's right", "absolutely", "please do", "i do", "i am", "definitely", "go ahead"],
    "de": ["ja", "jawohl", "genau", "richtig", "gerne", "natürlich", "okay", "klar", "stimmt", "doch"],
    "es": ["sí", "si", "claro", "correcto", "vale", "por supuesto", "exacto", "de acuerdo"],
    "fr": ["oui", "ouais", "bien sûr", "d'accord", "exact", "exactement", "tout à fait", "si"],
}
NO = {
    "en": ["no", "nope", "nah", "never", "not really", "no thanks", "not now", "wrong", "i don't", "not",
           "i do not", "incorrect", "don't"],
    "de": ["nein", "nee", "nö", "nicht", "falsch", "auf keinen fall"],
    "es": ["no", "nunca", "incorrecto", "para nada"],
    "fr": ["non", "pas", "jamais", "faux", "pas du tout"],
}
# fmt: on


def family(language: str) -> str:
    return language.partition("-")[0]


def digits(text: str, language: str) -> str:
    """All digits in `text`, in their order, figures and words: `four one, double five` is 4155."""
    text = re.sub(_ZEROS.get(family(language), r"(?!)"), "0", text.lower())
    text = _in_figures(text, language)
    text = _REPEATED.sub(lambda match: match.group(2) * _TIMES[match.group(1)], text)
    return "".join(c for c in text if c.isascii() and c.isdigit())


def number(text: str, language: str) -> str | None:
    """The number in `text`, as figures with a decimal point; None without one, or with several."""
    figures = _in_figures(text.lower(), language)
    found = [match.group().strip(" .,'") for match in _FIGURE.finditer(figures)]
    if len(found) != 1:
        return None
    value = _plain(found[0], language)
    minus = re.search(rf"(?:^|\s)(?:-|(?:{_MINUS.get(family(language), 'minus')})\s)\s*\d", figures)
    return f"-{value}" if value and minus else value


def yes_or_no(text: str, language: str) -> str | None:
    """`yes`, `no`, or None when it is neither, or both."""
    said = f" {' '.join(words(text))} "
    yes, no = (_says(said, table, language) for table in (YES, NO))
    if yes == no:
        return _first(said, language) if yes else None
    return "yes" if yes else "no"


def consents(language: str) -> list[str]:
    """Phrases for yes and no, for a transcriber that must know what to expect."""
    tongue = family(language)
    return [*YES.get(tongue, YES["en"]), *NO.get(tongue, NO["en"])]


def _says(said: str, table: dict[str, list[str]], language: str) -> bool:
    phrases = table.get(family(language), table["en"])
    return any(f" {' '.join(words(phrase))} " in said for phrase in phrases)


def _first(said: str, language: str) -> str | None:
    """Of both, what the sentence begins with: `no, that's right` is a no; else nobody knows."""
    first = said.split()[0]
    tongue = family(language)
    if first in words(YES.get(tongue, YES["en"])[0]):
        return "yes"
    return "no" if first in words(NO.get(tongue, NO["en"])[0]) else None


def _in_figures(text: str, language: str) -> str:
    tongue = family(language)
    return alpha2digit(text, tongue, threshold=0) if tongue in NUMBERED else text


def _plain(figures: str, language: str) -> str | None:
    """`1,250.5` (`1.250,5` where a comma divides the fraction) as 1250.5."""
    comma = family(language) in ("de", "es", "fr", "it", "nl", "pt")
    if comma and re.fullmatch(r"\d+\.\d{1,2}", figures):
        comma = False  # a transcriber that writes 2.5 in every language
    thousands, point = (".", ",") if comma else (",", ".")
    joined = figures.replace(thousands, "").replace("'", "").replace(" ", "").replace(point, ".")
    return joined if re.fullmatch(r"\d+(?:\.\d+)?", joined) else None
