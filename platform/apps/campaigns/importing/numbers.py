"""Telephone numbers as people write them, in E.164, and whether they may be dialed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from apps.campaigns.hours.zones import region_of, zones_of

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
_SEPARATORS = re.compile(r"[\s\u00a0().\-/\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in E.164. `undialable` says in words why it is not dialed; empty: it is. `zones`: where it may
    be, sorted; none: unknown."""

    e164: str
    country: str
    region: str
    zones: tuple[str, ...]
    undialable: str = ""


class NotANumber(ValueError):
    """What was given is no telephone number; the text says why."""


def number_of(text: str, country: str) -> Number:
    """`text` read as somebody in `country` (ISO 3166-1) writes it. NotANumber."""
    plain = _SEPARATORS.sub("", text)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if not plain:
        raise NotANumber("There is no number.")
    try:
        parsed = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException:
        raise NotANumber("This is no telephone number.") from None
    e164 = f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    if parsed.extension:
        raise NotANumber("A number with an extension cannot be dialed.")
    if not _E164.fullmatch(e164) or not phonenumbers.is_possible_number(parsed):
        raise NotANumber("There is no such number: its length does not fit its country.")
    return Number(e164, *_facts(e164, parsed))


def _facts(e164: str, parsed: phonenumbers.PhoneNumber) -> tuple[str, str, tuple[str, ...], str]:
    country = phonenumbers.region_code_for_number(parsed)
    if country is None:
        return "", "", (), "The number is not in use in its country's plan."
    if country == "001":
        return "", "", (), "International networks' numbers are not dialed."
    kind = phonenumbers.number_type(parsed)
    why = "Premium, shared-cost or special numbers are not dialed." if kind in UNDIALABLE else ""
    return country, region_of(e164), zones_of(e164), why
