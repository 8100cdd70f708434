"""Telephone numbers as people write them, in E.164, and whether they may be dialed.

libphonenumber says what a number is. Files have millions of them, and its parser takes fifty microseconds
each, so that what it says is kept by the digits that decide (`hours.deciding_digits`), and numbers in the
commonest forms are taken apart here by its own metadata. Whatever is not plain goes to its parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

from apps.campaigns.hours.deciding_digits import AREA, decided_by
from apps.campaigns.hours.zones import calling_code, region_of, zones_of

UNDIALABLE = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
"""Calls to these cost the caller much, or reach nobody."""
SHORTEST, LONGEST = 7, 15
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_NATIONAL = re.compile(r"[0-9]{7,14}", re.ASCII)
_SEPARATORS = re.compile(r"[\s\u00a0().\-/\u2010-\u2015]+")
_NEVER = re.compile(r"(?!)")


class Number(NamedTuple):
    """A number in E.164. `undialable` says in words why it is not dialed; empty: it is. `zones`: where it may
    be, sorted; none: unknown."""

    e164: str
    country: str
    region: str
    zones: tuple[str, ...]
    undialable: str = ""


class NotANumber(ValueError):
    """What was given is no telephone number; the text says why."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How people in a country write its numbers. `prefix`: the digits before an area code, when they are
    always the same ("0" in Germany); `prefixed` matches numbers that may begin with it; `elsewhere` those
    that may be foreign ones."""

    code: int
    prefix: str
    prefixed: re.Pattern[str]
    elsewhere: re.Pattern[str]
    viable: re.Pattern[str]


def number_of(text: str, country: str) -> Number:
    """`text` read as somebody in `country` (ISO 3166-1) writes it. NotANumber."""
    plain = text if _INTERNATIONAL.fullmatch(text) else _SEPARATORS.sub("", text)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if not plain:
        raise NotANumber("There is no number.")
    code, national = _taken_apart(plain, country) or _parsed(plain, country)
    e164 = f"+{code}{national}"
    if not _is_possible(code, len(national)) or not _E164.fullmatch(e164):
        raise NotANumber("There is no such number: its length does not fit its country.")
    area = national[:AREA]
    deciding = national[: max(AREA, decided_by(code, area))]
    found, why = _facts(code, deciding, len(national))
    if not found:
        return Number(e164, "", "", (), why)
    return Number(e164, found, region_of(e164), zones_of(e164), why)


def _taken_apart(plain: str, country: str) -> tuple[int, str] | None:
    """Calling code and national number, when `plain` is written in a way that leaves no doubt."""
    if _INTERNATIONAL.fullmatch(plain):
        return _international(plain)
    if country and _NATIONAL.fullmatch(plain) and (plan := _plan(country)) is not None:
        return _national(plain, plan)
    return None


def _international(plain: str) -> tuple[int, str] | None:
    code = calling_code(plain[1:4])
    if not code:
        return None
    national, plan = plain[len(code) + 1 :], _plan_of_code(int(code))
    # One that begins like a national prefix may be "+44 (0) 20 ...".
    return None if plan is None or plan.prefixed.match(national) else (int(code), national)


def _national(plain: str, plan: _Plan) -> tuple[int, str] | None:
    if plan.elsewhere.match(plain):
        return _with_long_distance_1(plain, plan)
    if not plan.prefixed.match(plain):
        return plan.code, plain
    # The parser takes the prefix away when a number is left that is one.
    left = plain.removeprefix(plan.prefix)
    if plan.prefix and left != plain and plan.viable.fullmatch(left) and _is_possible(plan.code, len(left)):
        return plan.code, left
    return None


def _with_long_distance_1(plain: str, plan: _Plan) -> tuple[int, str] | None:
    """Where calling code and prefix are the same digit, in North America, either way the same is left."""
    left = plain[len(plan.prefix) :]
    if plan.prefix != str(plan.code) or not plain.startswith(plan.prefix) or plan.prefixed.match(left):
        return None
    if plan.viable.fullmatch(plain) or not plan.viable.fullmatch(left):
        return None
    return (plan.code, left) if _is_possible(plan.code, len(left)) else None


@cache
def _plan(country: str) -> _Plan | None:
    return _of(PhoneMetadata.metadata_for_region(country.upper(), None))


@cache
def _plan_of_code(code: int) -> _Plan | None:
    region = phonenumbers.region_code_for_country_code(code)
    return _of(PhoneMetadata.metadata_for_region_or_calling_code(code, region))


def _of(plan: PhoneMetadata | None) -> _Plan | None:
    if plan is None or plan.general_desc is None or plan.country_code is None:
        return None
    prefix = plan.national_prefix_for_parsing or ""
    abroad = f"(?:{plan.international_prefix or '(?!)'})|{plan.country_code}"
    return _Plan(
        code=plan.country_code,
        prefix=prefix if prefix.isdecimal() and not plan.national_prefix_transform_rule else "",
        prefixed=re.compile(prefix) if prefix else _NEVER,
        elsewhere=re.compile(abroad),
        viable=re.compile(plan.general_desc.national_number_pattern or "(?!)"),
    )


def _parsed(plain: str, country: str) -> tuple[int, str]:
    try:
        parsed = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException:
        raise NotANumber("This is no telephone number.") from None
    if parsed.extension:
        raise NotANumber("A number with an extension cannot be dialed.")
    return parsed.country_code or 0, phonenumbers.national_significant_number(parsed)


@lru_cache(maxsize=4_096)
def _is_possible(code: int, length: int) -> bool:
    """What libphonenumber says goes by nothing but the length."""
    return phonenumbers.is_possible_number(PhoneNumber(code, int("1" * length)))


@lru_cache(maxsize=200_000)
def _facts(code: int, deciding: str, length: int) -> tuple[str, str]:
    """Country, or none; and why it is not dialed. Of any number that begins so and has that length."""
    digits = deciding.ljust(length, "0")
    zeros = min(len(digits) - len(digits.lstrip("0")), length - 1)
    number = PhoneNumber(code, int(digits), italian_leading_zero=zeros > 0, number_of_leading_zeros=zeros)
    country, kind = phonenumbers.region_code_for_number(number), phonenumbers.number_type(number)
    if country is None or kind == PhoneNumberType.UNKNOWN:
        return "", "The number is not in use in its country's plan."
    if country == "001":
        return "", "International networks' numbers are not dialed."
    why = "Premium, shared-cost or special numbers are not dialed." if kind in UNDIALABLE else ""
    return country, why
