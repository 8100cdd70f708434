"""What is kept about numbers, against libphonenumber asked anew about each."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from apps.campaigns.hours.deciding_digits import LONGEST, decided_by
from apps.campaigns.hours.zones import is_zone, region_of, zones_of
from apps.campaigns.importing.numbers import UNDIALABLE, NotANumber, number_of

COUNTRIES = ("US", "CA", "DE", "GB", "FR", "IT", "AU", "BR", "MX", "IN", "RU", "KZ", "AR", "JP", "BS", "AT")


def plainly(text: str, country: str) -> tuple[str, str, bool, tuple[str, ...]] | None:
    """E.164, country, whether it is dialed, zones: without anything of ours; None: no number."""
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    e164 = f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    if parsed.extension or not 8 <= len(e164) <= 16 or not phonenumbers.is_possible_number(parsed):
        return None
    country = phonenumbers.region_code_for_number(parsed) or ""
    if country in ("", "001") or not phonenumbers.is_valid_number(parsed):
        return e164, "", False, ()
    zones = time_zones_for_number(parsed)
    if parsed.country_code == 1:  # here every number goes by its area
        zones = zones_of(e164)
    known = tuple(sorted(zones)) if all(map(is_zone, zones)) and "Etc/Unknown" not in zones else ()
    return e164, country, phonenumbers.number_type(parsed) not in UNDIALABLE, known


def ours(text: str, country: str) -> tuple[str, str, bool, tuple[str, ...]] | None:
    try:
        found = number_of(text, country)
    except NotANumber:
        return None
    return found.e164, found.country, not found.undialable, found.zones


def some_numbers(n: int) -> list[tuple[str, str]]:
    """Examples of every type of every country and numbers near them, as they are written there and abroad."""
    rng = random.Random(7)
    kinds = range(PhoneNumberType.FIXED_LINE, PhoneNumberType.VOICEMAIL + 1)
    examples = [
        (str(example.national_number), example.country_code, region)
        for region in sorted(SUPPORTED_REGIONS)
        for kind in kinds
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    written = []
    for _ in range(n):
        national, code, region = rng.choice(examples)
        kept = rng.randint(0, len(national))
        rest = len(national) - kept + rng.choice((0, 0, 0, 0, -1, 1))
        national = national[:kept] + "".join(rng.choice("0123456789") for _ in range(rest))
        form = rng.choice(("+{c}{n}", "+{c}{n}", "{n}", "0{n}", "1{n}", "00{c}{n}", "+{c}0{n}", "{c}{n}"))
        country = rng.choice((region, rng.choice(COUNTRIES), ""))
        written.append((form.format(c=code, n=national), country))
    return written


def test_numbers_of_all_countries_are_what_libphonenumber_says() -> None:
    wrong = [
        (text, country, mine, plain)
        for text, country in some_numbers(4_000)
        if (mine := ours(text, country))
        != (plain := plainly(f"+{text[2:]}" if text.startswith("00") else text, country))
    ]
    assert not wrong, wrong[:5]


def test_numbers_of_north_america_are_what_libphonenumber_says() -> None:
    rng = random.Random(11)
    numbers = [f"+1{rng.randint(2_000_000_000, 9_999_999_999)}" for _ in range(2_000)]
    wrong = [(n, ours(n, ""), plainly(n, "")) for n in numbers if ours(n, "") != plainly(n, "")]
    assert not wrong, wrong[:5]


def test_what_a_number_tells_does_not_depend_on_those_before_it() -> None:
    """Neighbours share what is kept, so both orders give the same."""
    numbers = [f"+1284{exchange}4{last:03}" for exchange in (229, 300, 440) for last in range(50)]
    forth = {n: number_of(n, "") for n in numbers}
    assert forth == {n: number_of(n, "") for n in reversed(numbers)}


def test_the_metadata_of_every_country_are_understood() -> None:
    """A new construct in them costs speed only; we want to know."""
    areas = [f"{area:03}" for area in range(9, 1000, 99)]
    unknown = {c for c in COUNTRY_CODE_TO_REGION_CODE for a in areas if decided_by(c, a) == LONGEST}
    assert not unknown


def test_the_last_constrained_digit_decides() -> None:
    assert decided_by(1, "212") == 4  # exchanges begin with 2 to 9
    assert decided_by(1, "524") == 6  # 524 60 and then 1 to 9
    assert decided_by(1, "284") == 6


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("(415) 555-0132", "+14155550132"),
        ("1 415 555 0132", "+14155550132"),
        ("415.555.0132", "+14155550132"),
        ("+1 (415) 555\u20110132", "+14155550132"),
        ("0049 30 901820", "+4930901820"),
        ("+44 (0) 20 7946 0018", "+442079460018"),
    ],
)
def test_as_people_write_them(text: str, e164: str) -> None:
    assert number_of(text, "US").e164 == e164
    assert number_of(text, "US").region == region_of(e164)


@pytest.mark.parametrize("text", ["", " ", "12", "abc", "+", "+0", "=1+1", "+14155550132 ext 5", "9" * 40])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(NotANumber):
        number_of(text, "US")
