"""Zones, regions and kinds of numbers."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberType
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from apps.campaigns.hours.numbers import describe_number
from apps.campaigns.hours.zones import _NANP_LONGEST, region_of, zones_of

TYPES = [getattr(PhoneNumberType, name) for name in ("FIXED_LINE", "MOBILE", "VOIP", "TOLL_FREE")]
COUNTRIES = sorted(
    {region for regions in COUNTRY_CODE_TO_REGION_CODE.values() for region in regions} - {"001"}
)


@pytest.mark.parametrize("kind", TYPES)
def test_zones_are_those_of_the_library(kind: int) -> None:
    for country in COUNTRIES:
        number = phonenumbers.example_number_for_type(country, kind)
        if number is None or not phonenumbers.is_valid_number(number):
            continue
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        # The library gives mobile numbers of the Caribbean every zone of +1; their area code is an island's.
        look_up = time_zones_for_geographical_number if number.country_code == 1 else time_zones_for_number
        known = tuple(sorted(look_up(number)))
        assert zones_of(e164) == (() if "Etc/Unknown" in known else known), e164


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+12125550123", "NY"),
        ("+16502530000", "CA"),
        ("+12045551234", "MB"),
        ("+19025551234", ""),  # Nova Scotia and Prince Edward Island share it
        ("+18005551234", ""),
        ("+18095551234", ""),
        ("+61261234567", "ACT"),
        ("+4930123456", ""),
    ],
)
def test_regions(e164: str, region: str) -> None:
    assert region_of(e164) == region


@pytest.mark.parametrize(
    ("e164", "kind", "country"),
    [
        ("+12125550123", "person", "US"),
        ("+18002345678", "toll_free", "US"),
        ("+19002345678", "premium", "US"),
        ("+447400123456", "person", "GB"),
        ("+80012345678", "toll_free", ""),
        ("+1911", "invalid", ""),
        ("+11", "invalid", ""),
        ("+999123456789", "invalid", ""),
        ("nonsense", "invalid", ""),
    ],
)
def test_what_a_number_tells(e164: str, kind: str, country: str) -> None:
    facts = describe_number(e164)
    assert (facts.kind, facts.country) == (kind, country)
    assert facts.dialable == (kind == "person")


@pytest.mark.parametrize("e164", ["+", "+8821234567", "+9991234567", "+0123"])
def test_numbers_of_nowhere_have_no_zone(e164: str) -> None:
    assert zones_of(e164) == ()


def test_seven_digits_decide_in_north_america() -> None:
    for table in (TIMEZONE_DATA, GEOCODE_DATA):
        assert max(len(prefix) for prefix in table if prefix.startswith("1")) <= _NANP_LONGEST
