"""What is said of a contact beside its number, the same in files and in the API; and the line that it becomes
for PostgreSQL's COPY."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.utils.dateparse import parse_date, parse_datetime

from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.hours.zones import is_zone
from apps.campaigns.importing.numbers import Number

NO_CONTACT = -1
"""The place of a line that has only a consent: its number is in the file already."""
LONGEST_VALUE = 1_000
LONGEST_ID = 200
_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class BadValue(ValueError):
    """A contact that does not count, because of what is said in `name` ("time_zone", "consent_at", ...)."""

    def __init__(self, name: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """Somebody agreed to be called."""

    source: str
    given_at: datetime
    text: str = ""


def place_of(found: Number, *, time_zone: str = "", country: str = "", region: str = "") -> PlaceKey:
    """Where somebody is: what is said of it stands above what the number tells. BadValue."""
    if time_zone and not is_zone(time_zone):
        detail = f"There is no time zone {time_zone[:60]!r}; name one like Europe/Berlin."
        raise BadValue("time_zone", "unknown_time_zone", detail)
    zones = (time_zone,) if time_zone else found.zones
    country = country.upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise BadValue("country", "unknown_country", "Give the country's two letters, like US.")
    region = region.upper().removeprefix(f"{country or found.country}-")
    if region and not (len(region) <= 3 and region.isascii() and region.isalnum()):
        raise BadValue("region", "unknown_region", "Give the region's code (ISO 3166-2), like CA.")
    if country and country != found.country:
        return PlaceKey(zones, country, region)
    return PlaceKey(zones, found.country, region or found.region)


def time_of(text: str) -> datetime | None:
    """An ISO 8601 date or time; one without a zone is taken for UTC. None: it is none."""
    try:
        when = parse_datetime(text)
        day: date | None = None if when else parse_date(text)
    except ValueError:
        return None
    if day is not None:
        return datetime.combine(day, time(), UTC)
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


def staged_line(
    found: Number,
    *,
    row_id: UUID | str,
    row: int,
    place: int,
    external_id: str = "",
    variables: Mapping[str, str],
    consent: GivenConsent | None = None,
    note: str = "",
) -> str:
    """A line of `services.staging`'s table; empty variables are none."""
    given = ("", r"\N", "")
    if consent is not None:
        given = (_text(consent.source), consent.given_at.isoformat(), _text(consent.text))
    kept = {name: value for name, value in variables.items() if value}
    fields = (
        str(row_id),
        str(row),
        found.e164,
        str(place),
        _text(external_id),
        _text(_JSON.encode(kept)) if kept else "{}",
        found.undialable,
        *given,
        _text(note),
    )
    return "\t".join(fields) + "\n"


def _text(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
