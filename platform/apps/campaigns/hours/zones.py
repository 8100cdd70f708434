"""Time zones and regions of callees, from their numbers.

The source is libphonenumber's geography, which is a table from leading digits to zones or to a place's name.
A mobile number keeps its area code when its owner moves: what is known about a contact stands above this.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType
from zoneinfo import available_timezones

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, parse
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from apps.campaigns.hours.deciding_digits import AREA, decided_by
from apps.campaigns.hours.regions import AUSTRALIA, CANADA, UNITED_STATES

NANP = "1"
_NANP_LONGEST = 7
"""Leading digits beyond which no entry of either table for +1 goes (a test says so): what is kept by them."""


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether the tz database knows `name`."""
    return name in _names()


def zones_of(e164: str) -> tuple[str, ...]:
    """The zones that the owner of a valid number may be in, sorted; none when unknown.

    A number that tells no area (toll-free, and mobile in most countries) has all zones of its country.
    """
    digits = e164[1:]
    if digits[:1] == NANP:  # every kind of number here goes by its area code
        return _by_prefix(digits[:_NANP_LONGEST])
    code = calling_code(digits[:3])
    if not code:
        return ()
    if code not in _split_codes():
        return _by_prefix(code)
    national = digits[len(code) :]
    decided = max(AREA, _longest_entry(code) - len(code), decided_by(int(code), national[:AREA]))
    return _by_type(code, national[:decided], len(national))


@lru_cache(maxsize=200_000)
def _by_type(code: str, deciding: str, length: int) -> tuple[str, ...]:
    """Of any number that begins so and has that length: numbers without an area have all of the country's."""
    try:
        return _sorted(time_zones_for_number(parse(f"+{code}{deciding.ljust(length, '0')}")))
    except NumberParseException:
        return ()


@cache
def _longest_entry(code: str) -> int:
    """Leading digits beyond which the table of zones does not look."""
    return max(len(prefix) for prefix in TIMEZONE_DATA if prefix.startswith(code))


@lru_cache(maxsize=500_000)
def _by_prefix(digits: str) -> tuple[str, ...]:
    for length in range(len(digits), 0, -1):
        if (zones := TIMEZONE_DATA.get(digits[:length])) is not None:
            return _sorted(zones)
    return ()


@lru_cache(maxsize=4_096)
def _sorted(zones: tuple[str, ...]) -> tuple[str, ...]:
    """One unknown zone makes all unknown: we could not tell when it permits."""
    return tuple(sorted(zones)) if UNKNOWN_TIMEZONE not in zones and all(map(is_zone, zones)) else ()


@lru_cache(maxsize=1_000)
def calling_code(digits: str) -> str:
    """Of a number's first three digits; none: "". They are prefix-free, of three at most (ITU-T E.164)."""
    return next((digits[:n] for n in (1, 2, 3) if int(digits[:n] or 0) in COUNTRY_CODE_TO_REGION_CODE), "")


@cache
def _split_codes() -> frozenset[str]:
    """Calling codes within which the zone depends on the number."""
    return frozenset(
        code for prefix in TIMEZONE_DATA if (code := calling_code(prefix[:3])) and code != prefix
    )


def region_of(e164: str) -> str:
    """The part of its country, as ISO 3166-2 without the country ("CA" of US-CA), for numbers of the
    United States, Canada and Australia; "" when it is not known. Pass a valid number."""
    digits = e164[1:]
    if digits[:1] == NANP:
        return _region(digits[:_NANP_LONGEST], north_american=True)
    if digits[:2] == "61":
        return _region(digits[: _geography().GEOCODE_LONGEST_PREFIX], north_american=False)
    return ""


@cache
def _geography() -> ModuleType:
    """Loaded when a place is first asked for: it takes half a second and 100 MB, of every process."""
    return import_module("phonenumbers.geodata")


@lru_cache(maxsize=500_000)
def _region(digits: str, *, north_american: bool) -> str:
    places = _geography().GEOCODE_DATA
    for length in range(len(digits), 0, -1):
        place = places.get(digits[:length], {}).get("en", "")
        if not place:
            continue
        found = _of_north_america(place) if north_american else AUSTRALIA.get(place, "")
        if found:
            return found
    return ""


def _of_north_america(place: str) -> str:
    """From "Mountain View, CA" or "California"."""
    name = place.rpartition(",")[2].strip()
    if name in UNITED_STATES.values() or name in CANADA.values():
        return name
    return UNITED_STATES.get(name) or CANADA.get(name) or ""
