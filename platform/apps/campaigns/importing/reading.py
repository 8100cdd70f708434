"""All rows of a file: what is good goes into one file for PostgreSQL's COPY, what is not into a report."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.importing.dialect import records
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.mapping import Columns
from apps.campaigns.importing.numbers import NotANumber, Number, number_of
from apps.campaigns.importing.report import Report, is_formula
from apps.campaigns.importing.values import (
    LONGEST_ID,
    LONGEST_VALUE,
    NO_CONTACT,
    BadValue,
    GivenConsent,
    place_of,
    staged_line,
    time_of,
)
from tenants.ids import ids_in_order

BEAT_ROWS = 2_000
_WHERE = frozenset({"time_zone", "country", "region"})


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

    @property
    def has_consent(self) -> bool:
        return "consent_at" in self.columns.others or "consent_source" in self.columns.others


def read(
    data: IO[bytes], job: Job, *, staged: IO[str], report: Report, beat: Callable[[Counts], None]
) -> Counts:
    """Reads `data` to its end. `beat` is called every `BEAT_ROWS` rows and may raise. FileRefused.

    A staged line has: id, number in the file, e164, place, external id, variables, why it is not dialed,
    consent (source, time, text), note.
    """
    text = io.TextIOWrapper(data, encoding=job.encoding, errors="replace", newline="")
    reading = _Reading(job, staged, report)
    counts = reading.counts
    rows = records(text, job.delimiter)
    next(rows, None)
    row_number = 1
    while (row := _next(rows, row_number + 1)) is not None:
        row_number += 1
        if not any(row):
            continue
        counts.rows += 1
        if counts.rows > job.max_rows:
            raise FileRefused("too_many_rows", f"A file may have {job.max_rows} rows: divide it.")
        reading.take(row_number, row)
        if counts.rows % BEAT_ROWS == 0:
            beat(counts)
    return counts


def _next(rows: Iterator[list[str]], row_number: int) -> list[str] | None:
    """The next row; none at the end. FileRefused names it."""
    try:
        return next(rows, None)
    except FileRefused as error:
        raise FileRefused(error.code, f"Row {row_number}: {error.detail}") from error


class _Reading:
    """What is known of a file while it is read."""

    def __init__(self, job: Job, staged: IO[str], report: Report) -> None:
        self._job, self._staged, self._report = job, staged, report
        self.counts = Counts()
        self._seen = set[int]()
        self._ids = ids_in_order()
        self._says_where = not _WHERE.isdisjoint(job.columns.others)

    def take(self, row_number: int, row: list[str]) -> None:
        job, report = self._job, self._report
        try:
            found = _number(row, job)
            digits = int(found.e164)
            if digits in self._seen:
                self._staged.write(self._only_consent(row_number, found, row))
                self.counts.duplicates += 1
                return
            line = self._line(row_number, found, row)
        except BadValue as bad:
            report.refuse(row_number, *_cell_of(bad.name, row, job), bad.code, bad.detail)
            return
        except BadCell as bad:
            column, value = job.names[bad.column], row[bad.column] if bad.column < len(row) else ""
            report.refuse(row_number, column, value, bad.code, bad.detail)
            return
        self._seen.add(digits)
        self.counts.good += 1
        self.counts.undialable += bool(found.undialable)
        self._staged.write(line)
        _warn(row_number, row, found, job, report)

    def _line(self, row_number: int, found: Number, row: list[str]) -> str:
        counts, job = self.counts, self._job
        key = self._place(found, row)
        place = counts.places.setdefault(key, len(counts.places))
        cell = _cell if _is_plain(row) else _short_value
        others = job.columns.others
        line = staged_line(
            found,
            row_id=next(self._ids),
            row=row_number,
            place=place,
            external_id=_short(row, others.get("external_id"), LONGEST_ID),
            variables={name: cell(row, column) for name, column in job.columns.variables.items()},
            consent=_consent(row, job) if job.has_consent else None,
            note=_short(row, others["note"], 300) if "note" in others else "",
        )
        counts.by_place[place] += 1
        return line

    def _place(self, found: Number, row: list[str]) -> PlaceKey:
        if not self._says_where:
            return PlaceKey(found.zones, found.country, found.region)
        others = self._job.columns.others
        return place_of(
            found,
            time_zone=_cell(row, others.get("time_zone")),
            country=_cell(row, others.get("country")),
            region=_cell(row, others.get("region")),
        )

    def _only_consent(self, row_number: int, found: Number, row: list[str]) -> str:
        """Of a number that the file had before; its consents all count. Empty: it says none."""
        given = _consent(row, self._job) if self._job.has_consent else None
        if given is None:
            return ""
        return staged_line(
            found, row_id=next(self._ids), row=row_number, place=NO_CONTACT, variables={}, consent=given
        )


def _cell_of(name: str, row: list[str], job: Job) -> tuple[str, str]:
    """The column that says `name`, and what it says."""
    column = job.columns.others[name]
    return job.names[column], row[column] if column < len(row) else ""


def _number(row: list[str], job: Job) -> Number:
    if len(row) > len(job.names):
        detail = f"The row has {len(row)} cells, the header {len(job.names)}."
        raise BadCell(len(job.names) - 1, "too_many_cells", detail)
    column = job.columns.number
    country = job.country
    if "country" in job.columns.others:
        country = _cell(row, job.columns.others["country"]).upper() or country
    try:
        return number_of(_cell(row, column), country)
    except NotANumber as error:
        raise BadCell(column, "not_a_number", str(error)) from None


def _consent(row: list[str], job: Job) -> GivenConsent | None:
    others = job.columns.others
    at = _cell(row, others.get("consent_at"))
    source = _short(row, others.get("consent_source"), 200)
    text = _short(row, others.get("consent_text"), 10_000)
    if not at:
        if source and "consent_at" in others:
            raise BadValue("consent_at", "no_consent_time", "A consent has the time when it was given.")
        return None
    given = time_of(at)
    if given is None or given > datetime.now(UTC):
        detail = "Give a time of the past like 2026-05-04T10:00:00Z or 2026-05-04."
        raise BadValue("consent_at", "not_a_time", detail)
    return GivenConsent(source or "import", given, text)


def _is_plain(row: list[str]) -> bool:
    """Nothing can be wrong with any of its cells: most rows are so, and asked once."""
    text = "".join(row)
    return len(text) <= LONGEST_VALUE and text.isascii() and "\x00" not in text


def _short_value(row: list[str], column: int) -> str:
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


def _warn(row_number: int, row: list[str], found: Number, job: Job, report: Report) -> None:
    if found.undialable:
        column = job.columns.number
        report.warn(row_number, job.names[column], row[column], "not_dialable", found.undialable)
    for place, cell in enumerate(row):
        if cell and cell[0] in "=+-@" and place != job.columns.number and is_formula(cell):
            detail = "It looks like a formula; it is kept as text."
            report.warn(row_number, job.names[place], cell, "formula", detail)


def summary_of(counts: Counts, report: Report) -> dict[str, Any]:
    """What the import's owner sees before it counts: the 200 largest places."""
    keys = list(counts.places)
    places = [
        {
            "zones": list(keys[n].zones),
            "country": keys[n].country,
            "region": keys[n].region,
            "contacts": amount,
        }
        for n, amount in counts.by_place.most_common(200)
    ]
    set_aside = {"not_dialable": counts.undialable} if counts.undialable else {}
    return {"places": places, "set_aside": set_aside, "warnings": dict(report.warned)}
