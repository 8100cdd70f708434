"""Sums of money: a number with a currency beside it, as micro-units of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from apps.analysis.rules import numbers
from apps.analysis.rules.found import Found, Setting

_DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY"}
_WORDS = {
    "dollar": "$", "dollars": "$", "buck": "$", "bucks": "$", "dólares": "$", "dólar": "$",
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "rupees": "INR",
    "yen": "JPY", "francs": "CHF", "franken": "CHF", "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF",
    "cad": "CAD", "aud": "AUD", "inr": "INR", "jpy": "JPY",
}  # fmt: skip
_BEFORE = re.compile(r"([$€£₹¥]|\b(?:USD|EUR|GBP|CHF|CAD|AUD|INR|JPY))\s?$", re.IGNORECASE)
_AFTER = re.compile(rf"\s?([€$£₹¥]|(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b)", re.IGNORECASE)
_CENTS = re.compile(r"\s+(?:and\s+)?(?=\S)", re.IGNORECASE)
_CENT_WORD = re.compile(r"\s+(?:cents?|pence|p)\b", re.IGNORECASE)
_GLUED = re.compile(r"[$€£₹¥]\s?(?P<number>\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?)")


def find(text: str, setting: Setting) -> list[Found]:
    """Sums with their currency: ``{"amount_micros": 12500000, "currency": "USD"}``."""
    counted = numbers.find(text, setting)
    return list(_sums(text, counted, setting))


def find_bare(text: str, setting: Setting) -> list[Found]:
    """Those, and numbers that stand alone, whose currency nobody said (""): for answers to a question that
    asks for a sum."""
    named = find(text, setting)
    if named:
        return named
    return [
        Found(_sum(Decimal(str(one.value)), ""), one.start, one.end, one.sure * 0.7)
        for one in numbers.find(text, setting)
        if one.value >= 0
    ]


def _sums(text: str, counted: list[Found], setting: Setting) -> Iterator[Found]:
    taken = -1
    for n, one in enumerate(counted):
        if one.start < taken:
            continue
        before = _BEFORE.search(text[: one.start])
        after = None if before else _AFTER.match(text[one.end :])
        if not before and not after:
            continue
        sign = (before or after).group(1)  # type: ignore[union-attr]
        start = before.start() if before else one.start
        end = one.end + (after.end() if after else 0)
        value = Decimal(str(one.value))
        if n + 1 < len(counted):
            cents, end = _cents(text, end, counted[n + 1])
            value += cents
        taken = end
        if value >= 0:
            yield Found(_sum(value, _currency(sign, setting)), start, end, one.sure)


def _cents(text: str, end: int, following: Found) -> tuple[Decimal, int]:
    """``and fifty cents`` after a sum."""
    gap = text[end : following.start]
    word = _CENT_WORD.match(text[following.end :])
    whole = isinstance(following.value, int) and 0 < following.value < 100
    if whole and word and re.fullmatch(r"\s+(?:and\s+)?", gap, re.IGNORECASE):
        return Decimal(following.value) / 100, following.end + word.end()
    return Decimal(0), end


def _currency(sign: str, setting: Setting) -> str:
    known = _SIGNS.get(sign) or _WORDS.get(sign.lower(), sign)
    return _DOLLARS.get(setting.country, "USD") if known == "$" else known.upper()


def _sum(value: Decimal, currency: str) -> dict[str, object]:
    return {"amount_micros": int(value * 1_000_000), "currency": currency}
