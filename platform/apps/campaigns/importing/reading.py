"""All rows of a file: what is good goes into one file for PostgreSQL's COPY, what is not into a report."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import IO, Any

from django.utils.dateparse import parse_date, parse_datetime

from apps.campaigns.hours.zones import is_zone
from apps.campaigns.importing.dialect import records
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.mapping import Columns
from apps.campaigns.importing.numbers import NotANumber, Number, number_of
from apps.campaigns.importing.report import Report, is_formula
from tenants.ids import new_id

LONGEST_VALUE = 1_000
LONGEST_ID = 200
BEAT_ROWS = 2_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
PlaceKey = tuple[tuple[str, ...], str, str]


class BadCell(ValueError):
    """A row that does not count, because of one of its cells."""

    def __init__(self, column: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column
        self.code = code
        self.detail = detail


@dataclass(slots=True)
class Counts:
    """Of the rows that were read. `places`: their keys, in the order of the numbers in the staged file."""

    rows: int = 0
    good: int = 0
    duplicates: int = 0
    undialable: int = 0
    places: dict[PlaceKey, int] = field(default_factory=dict)
    by_place: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Job:
    """How a file is read. `names` are its columns'; `country` that of numbers without a country code."""

    names: list[str]
    columns: Columns
    delimiter: str
    encoding: str
    country: str
    max_rows: int


def read(
    data: IO[bytes], job: Job, *, staged: IO[str], report: Report, beat: Callable[[Counts], None]
) -> Counts:
    """Reads `data` to its end. `beat` is called every `BEAT_ROWS` rows and may raise. FileRefused.

    A staged line has: id, number in the file, e164, place, external id, variables, why it is not dialed,
    consent (source, time, text), note.
    """
    text = io.TextIOWrapper(data, encoding=job.encoding, errors="replace", newline="")
    counts, seen = Counts(), set[int]()
    rows = records(text, job.delimiter)
    next(rows, None)
    for row_number, row in enumerate(rows, 2):
        if not any(row):
            continue
        counts.rows += 1
        if counts.rows > job.max_rows:
            raise FileRefused("too_many_rows", f"A file may have {job.max_rows} rows: divide it.")
        _take(row_number, row, job, counts, seen, staged, report)
        if counts.rows % BEAT_ROWS == 0:
            beat(counts)
    return counts


def _take(
    row_number: int,
    row: list[str],
    job: Job,
    counts: Counts,
    seen: set[int],
    staged: IO[str],
    report: Report,
) -> None:
    try:
        found = _number(row, job)
        digits = int(found.e164)
        if digits in seen:
            counts.duplicates += 1
            return
        fields = _fields(found, row, job, counts)
    except BadCell as bad:
        column, value = job.names[bad.column], row[bad.column] if bad.column < len(row) else ""
        report.refuse(row_number, column, value, bad.code, bad.detail)
        return
    seen.add(digits)
    counts.good += 1
    counts.undialable += bool(found.undialable)
    staged.write("\t".join([str(new_id()), str(row_number), *fields]) + "\n")
    _warn(row_number, row, found, job, report)


def _number(row: list[str], job: Job) -> Number:
    if len(row) > len(job.names):
        detail = f"The row has {len(row)} cells, the header {len(job.names)}."
        raise BadCell(len(job.names) - 1, "too_many_cells", detail)
    column = job.columns.number
    country = _cell(row, job.columns.others.get("country")).upper() or job.country
    try:
        return number_of(_cell(row, column), country)
    except NotANumber as error:
        raise BadCell(column, "not_a_number", str(error)) from None


def _fields(found: Number, row: list[str], job: Job, counts: Counts) -> list[str]:
    others = job.columns.others
    key = _place(found, row, job)
    place = counts.places.setdefault(key, len(counts.places))
    variables = {name: _variable(row, column) for name, column in job.columns.variables.items()}
    fields = [
        found.e164,
        str(place),
        _text(_short(row, others.get("external_id"), LONGEST_ID)),
        _text(json.dumps({k: v for k, v in variables.items() if v}, ensure_ascii=False)),
        _text(found.undialable),
        *_consent(row, job),
        _text(_short(row, others.get("note"), 300)),
    ]
    counts.by_place[place] += 1
    return fields


def _place(found: Number, row: list[str], job: Job) -> PlaceKey:
    """What the file says of where somebody is stands above what the number does."""
    others = job.columns.others
    zones = found.zones
    if zone := _cell(row, others.get("time_zone")):
        if not is_zone(zone):
            detail = f"There is no time zone {zone[:60]!r}; name one like Europe/Berlin."
            raise BadCell(others["time_zone"], "unknown_time_zone", detail)
        zones = (zone,)
    country = _cell(row, others.get("country")).upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise BadCell(others["country"], "unknown_country", "Give the country's two letters, like US.")
    region = _cell(row, others.get("region")).upper()
    region = region.removeprefix(f"{country or found.country}-")
    if region and not (len(region) <= 3 and region.isascii() and region.isalnum()):
        raise BadCell(others["region"], "unknown_region", "Give the region's code (ISO 3166-2), like CA.")
    if country and country != found.country:
        return zones, country, region
    return zones, found.country, region or found.region


def _consent(row: list[str], job: Job) -> list[str]:
    others = job.columns.others
    at = _cell(row, others.get("consent_at"))
    source = _short(row, others.get("consent_source"), 200)
    text = _short(row, others.get("consent_text"), 10_000)
    if not at and not source:
        return ["", r"\N", ""]
    if not at:
        if "consent_at" not in others:
            return ["", r"\N", ""]
        raise BadCell(others["consent_at"], "no_consent_time", "A consent has the time when it was given.")
    given = time_of(at)
    if given is None or given > datetime.now(UTC):
        detail = "Give a time of the past like 2026-05-04T10:00:00Z or 2026-05-04."
        raise BadCell(others["consent_at"], "not_a_time", detail)
    return [_text(source or "import"), given.isoformat(), _text(text)]


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


def _variable(row: list[str], column: int) -> str:
    return _short(row, column, LONGEST_VALUE)


def _short(row: list[str], column: int | None, longest: int) -> str:
    value = _cell(row, column)
    if column is not None and len(value) > longest:
        raise BadCell(column, "too_long", f"It has more than {longest} characters.")
    if column is not None and not value.isascii() and "\ufffd" in value:
        raise BadCell(column, "wrong_encoding", "It has bytes that are no text in the file's encoding.")
    if column is not None and "\x00" in value:
        raise BadCell(column, "null_character", "It has a null character in it.")
    return value


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _warn(row_number: int, row: list[str], found: Number, job: Job, report: Report) -> None:
    if found.undialable:
        column = job.columns.number
        report.warn(row_number, job.names[column], row[column], "not_dialable", found.undialable)
    for place, cell in enumerate(row):
        if place != job.columns.number and cell[:1] in "=+-@" and is_formula(cell):
            detail = "It looks like a formula; it is kept as text."
            report.warn(row_number, job.names[place], cell, "formula", detail)


def summary_of(counts: Counts, report: Report) -> dict[str, Any]:
    """What the import's owner sees before it counts: the 200 largest places."""
    keys = list(counts.places)
    places = [
        {"zones": list(keys[n][0]), "country": keys[n][1], "region": keys[n][2], "contacts": amount}
        for n, amount in counts.by_place.most_common(200)
    ]
    set_aside = {"not_dialable": counts.undialable} if counts.undialable else {}
    return {"places": places, "set_aside": set_aside, "warnings": dict(report.warned)}
