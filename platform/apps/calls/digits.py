"""Digits in what was said, written or spoken one by one, and card numbers among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MASK = "••••"
"""What stands where something was taken out."""

CARD_LENGTHS = range(13, 20)
"""ISO/IEC 7812-1: a primary account number has up to 19 digits; none in use has less than 13."""

_UNITS = [
    "zero oh o nought naught nil null zéro cero nul",
    "one eins ein eine un une uno um uma een één",
    "two zwei zwo deux dos due dois duas twee",
    "three drei trois tres tre três drie",
    "four vier quatre cuatro quattro quatro",
    "five fünf cinq cinco cinque vijf",
    "six sechs seis sei zes",
    "seven sieben sept siete sette sete zeven",
    "eight acht huit ocho otto oito",
    "nine neun neuf nueve nove negen",
]
_TEENS = [
    "ten zehn dix diez dieci dez tien",
    "eleven elf onze once undici",
    "twelve zwölf douze doce dodici doze twaalf",
    "thirteen dreizehn treize trece tredici treze dertien",
    "fourteen vierzehn quatorze catorce quattordici catorze veertien",
    "fifteen fünfzehn quinze quince quindici vijftien",
    "sixteen sechzehn seize dieciséis sedici dezesseis dezasseis zestien",
    "seventeen siebzehn diecisiete diciassette dezessete dezassete zeventien",
    "eighteen achtzehn dieciocho diciotto dezoito achttien",
    "nineteen neunzehn diecinueve diciannove dezenove dezanove negentien",
]
_TENS = [
    "twenty zwanzig vingt veinte venti vinte twintig",
    "thirty dreißig dreissig trente treinta trenta trinta dertig",
    "forty fourty vierzig quarante cuarenta quaranta quarenta veertig",
    "fifty fünfzig cinquante cincuenta cinquanta cinquenta vijftig",
    "sixty sechzig soixante sesenta sessanta sessenta zestig",
    "seventy siebzig septante setenta settanta zeventig",
    "eighty achtzig huitante octante ochenta ottanta oitenta tachtig",
    "ninety neunzig nonante noventa novanta negentig",
]
_TIMES = {"double": 2, "doppel": 2, "triple": 3, "treble": 3, "dreifach": 3, "doble": 2, "doppio": 2}
_FILLERS = "and und et y e uh um er erm äh ähm euh eh then dann dash hyphen strich space"
_BETWEEN = frozenset(_FILLERS.split())


def _numbers(rows: Sequence[str], first: int, step: int = 1) -> dict[str, int]:
    return {word: first + step * n for n, row in enumerate(rows) for word in row.split()}


_UNIT, _TEEN, _TEN = _numbers(_UNITS, 0), _numbers(_TEENS, 10), _numbers(_TENS, 20, 10)
_COMPOUND = {
    f"{unit}{joint}{ten}": tens + units
    for joint in ("und", "en", "ën")
    for ten, tens in _TEN.items()
    for unit, units in _UNIT.items()
    if units
}
"""einundzwanzig, eenentwintig."""

_TOKEN = re.compile(r"(?P<digits>[0-9]+)|(?P<word>[^\W\d_]+)|(?P<between>[\s,.\-–/()]+)|(?P<other>.)", re.S)


@dataclass(frozen=True, slots=True)
class Run:
    """Digits in a row, in the text from `start` up to and without `end`."""

    start: int
    end: int
    digits: str


def runs_in(text: str) -> list[Run]:
    """Every run of digits in `text`: written ("4111 1111"), or spoken ("four one double one")."""
    found: list[Run] = []
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        if not reader.takes(match):
            found += reader.close()
    return found + reader.close()


class _Reader:
    """Puts tokens together to one run at a time."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._digits, self._start, self._end = "", -1, -1
        self._times = 1
        self._tens = False

    def close(self) -> list[Run]:
        """The run so far, if there is one; then a new one begins."""
        runs = [Run(self._start, self._end, self._digits)] if self._digits else []
        self._clear()
        return runs

    def takes(self, token: re.Match[str]) -> bool:
        """Whether the run may go on after this token."""
        kind, text = token.lastgroup, token.group().casefold()
        if kind == "between" or (kind == "word" and text in _BETWEEN):
            return True
        if kind == "word" and text in _TIMES:
            self._times, self._tens = _TIMES[text], False
            self._start = token.start() if self._start < 0 else self._start
            return True
        if kind == "digits":
            return self._add(text, token)
        return kind == "word" and self._number(text, token)

    def _number(self, word: str, token: re.Match[str]) -> bool:
        if word in _UNIT:
            unit = str(_UNIT[word])
            if self._tens and unit != "0":
                self._digits, self._end, self._tens = self._digits[:-1] + unit, token.end(), False
                return True
            return self._add(unit, token)
        if word in _TEN:
            self._add(str(_TEN[word]), token)
            self._tens = True
            return True
        number = _TEEN.get(word, _COMPOUND.get(word))
        return number is not None and self._add(str(number), token)

    def _add(self, digits: str, token: re.Match[str]) -> bool:
        self._digits += digits * self._times
        self._times, self._tens = 1, False
        self._start = token.start() if self._start < 0 else self._start
        self._end = token.end()
        return True


def is_card(digits: str) -> bool:
    """Whether `digits` have a card number's length and check digit (Luhn, ISO/IEC 7812-1, annex B)."""
    if len(digits) not in CARD_LENGTHS or len(set(digits)) == 1:
        return False
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def has_card(digits: str) -> bool:
    """Whether a card number stands anywhere in `digits`."""
    return any(
        is_card(digits[start : start + length])
        for length in CARD_LENGTHS
        for start in range(len(digits) - length + 1)
    )


def masked(text: str, runs: Sequence[Run]) -> str:
    """`text` with `MASK` in the place of each of `runs`, which are in order."""
    pieces, at = [], 0
    for run in runs:
        pieces += [text[at : run.start], MASK]
        at = run.end
    return "".join([*pieces, text[at:]])
