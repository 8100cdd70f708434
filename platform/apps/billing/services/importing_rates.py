"""Rates from a CSV file: all of it, or nothing and every row that is wrong by its number."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection, transaction

from apps.billing.models import RateOf
from tenants.errors import InvalidInput
from tenants.ids import new_id

COLUMNS = {
    "prefix": "of E.164 numbers, with or without +; empty: all other numbers",
    "price": "of a minute (of a message: of each part), in whole units, like 0.0125",
    "direction": "outbound (so when left out), inbound or message",
    "cost": "what the carrier takes, where that is known",
    "first_s": "paid at least, 1 to 60 seconds; 1 when left out",
    "step_s": "paid after that, in steps; 1 when left out",
    "name": "where that is",
    "effective_from": "2026-12-01 or 2026-12-01T00:00:00Z; what the import says when left out",
}
"""What a file may have, in its first row by name; `prefix` and `price` are needed."""

NEEDED = {"prefix", "price"}
MOST_NAMED = 20
MOST_MICROS = 10**9
"""A thousand a minute: more is a slip."""

_CARRIER = re.compile(r"[a-z][a-z0-9_]{1,19}")
_DIGITS = re.compile(r"\+?([0-9]{0,15})")


class RatesRefused(InvalidInput):
    """Rows that cannot be read; `rows` names each in words, the first `MOST_NAMED` of them."""

    code = "rates_invalid"

    def __init__(self, rows: list[str]) -> None:
        more = f" And {len(rows) - MOST_NAMED} more." if len(rows) > MOST_NAMED else ""
        super().__init__(" ".join(rows[:MOST_NAMED]) + more)
        self.rows = rows


class _Bad(ValueError):
    """Of one row."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows there were, and how many rates that were in force end by them."""

    rates: int
    closed: int


def import_rates(*, carrier: str, lines: Iterable[str], effective_from: datetime) -> Imported:
    """Takes the rates of `carrier` from CSV `lines`; those of the same prefix end when the new ones begin,
    and those that are to begin later stay. The same file again changes nothing.

    In the platform's scope. Raises RatesRefused, after which nothing is changed.
    """
    if not _CARRIER.fullmatch(carrier):
        raise InvalidInput("Give the carrier's name in the platform, like twilio.", field="carrier")
    rows = _read(lines, effective_from)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY billing_rates_staged FROM STDIN") as copy:
            for row in rows:
                copy.write_row((new_id(), carrier, *row))
        # Two imports at once of one carrier: one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 9))", [carrier])
        cursor.execute("ANALYZE billing_rates_staged")
        cursor.execute(_CLOSE)
        closed = cursor.rowcount
        cursor.execute(_ADD)
        cursor.execute("DROP TABLE billing_rates_staged")
    return Imported(len(rows), closed)


def _read(lines: Iterable[str], effective_from: datetime) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    bad: list[str] = []
    seen: dict[tuple[Any, ...], int] = {}
    for place, row in _numbered(lines):
        try:
            values = _values(row, effective_from)
            if (key := (values[0], values[1], values[-1])) in seen:
                raise _Bad(f"the same prefix, direction and date as in row {seen[key]}")
        except _Bad as error:
            bad.append(f"Row {place}: {error}.")
        else:
            seen[key] = place
            rows.append(values)
    if bad or not rows:
        raise RatesRefused(bad or ["There is no rate in the file."])
    return rows


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row with its line in the file. Where it is no CSV nothing after that can be told apart."""
    reader = csv.DictReader(lines, restkey="_more", strict=True)
    try:
        names = [(name or "").strip().lower() for name in reader.fieldnames or []]
        reader.fieldnames = names
        if wrong := _wrong_columns(names):
            raise RatesRefused([wrong])
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise RatesRefused([f"Row {reader.line_num}: this is no CSV ({error})."]) from error


def _wrong_columns(names: list[str]) -> str:
    if unknown := sorted(set(names) - set(COLUMNS)):
        return f"Row 1: there is no column {unknown[0]!r}; choose among {', '.join(COLUMNS)}."
    if missing := sorted(NEEDED - set(names)):
        return f"Row 1: the column {missing[0]!r} is missing; the first row names the columns."
    return "Row 1: a column is named twice." if len(set(names)) < len(names) else ""


def _values(row: Mapping[str, Any], effective_from: datetime) -> tuple[Any, ...]:
    """Direction, prefix, name, price, cost, first_s, step_s, effective_from."""
    if row.get("_more") or None in row.values():
        raise _Bad("it has not as many values as the first row has names")
    told = {name: value.strip() for name, value in row.items()}
    digits = _DIGITS.fullmatch(told["prefix"])
    if digits is None:
        raise _Bad(f"{told['prefix']!r} is no prefix: give up to 15 digits")
    direction = told.get("direction") or RateOf.OUTBOUND.value
    if direction not in RateOf.values:
        raise _Bad(f"{direction!r} is no direction: give {', '.join(RateOf.values)}")
    name = told.get("name", "")
    if len(name) > 200 or "\x00" in name:
        raise _Bad("the name is longer than 200 characters, or has a NUL in it")
    cost = _micros(told["cost"], "cost") if told.get("cost") else None
    return (
        direction,
        digits[1],
        name,
        _micros(told["price"], "price"),
        cost,
        _seconds(told, "first_s"),
        _seconds(told, "step_s"),
        _time(told.get("effective_from", "")) or effective_from,
    )


def _micros(text: str, name: str) -> int:
    try:
        micros = Decimal(text) * 1_000_000
        whole = int(micros)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise _Bad(f"the {name} {text!r} is no amount: write it like 0.0125") from error
    if whole != micros:
        raise _Bad(f"the {name} {text!r} has more than six digits after the point")
    if not 0 <= whole <= MOST_MICROS:
        raise _Bad(f"the {name} {text!r} is not between 0 and {MOST_MICROS // 10**6}")
    return whole


def _seconds(told: Mapping[str, str], name: str) -> int:
    text = told.get(name) or "1"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 60):
        raise _Bad(f"{name} {text!r} is not between 1 and 60")
    return int(text)


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Bad(f"{text!r} is no date: write it like 2026-12-01") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


_STAGE = """
CREATE TEMPORARY TABLE billing_rates_staged (
  id uuid, carrier varchar, direction varchar, prefix varchar, name text, micros bigint, cost bigint,
  first_s smallint, step_s smallint, effective_from timestamptz
) ON COMMIT DROP
"""
_CLOSE = """
UPDATE billing_rate rate SET effective_until = ending.at, updated_at = now()
  FROM (SELECT before.id, min(new.effective_from) AS at
          FROM billing_rate before
          JOIN billing_rates_staged new USING (carrier, direction, prefix)
         WHERE before.effective_from < new.effective_from
           AND (before.effective_until IS NULL OR before.effective_until > new.effective_from)
         GROUP BY before.id) ending
 WHERE rate.id = ending.id
"""
_ADD = """
INSERT INTO billing_rate (id, created_at, updated_at, carrier, direction, prefix, name, micros_per_minute,
                          cost_micros_per_minute, first_s, step_s, effective_from, effective_until)
SELECT new.id, now(), now(), new.carrier, new.direction, new.prefix, new.name, new.micros, new.cost,
       new.first_s, new.step_s, new.effective_from,
       least(later.at, lead(new.effective_from) OVER (
         PARTITION BY new.direction, new.prefix ORDER BY new.effective_from))
  FROM billing_rates_staged new
  LEFT JOIN LATERAL (
    SELECT min(rate.effective_from) AS at FROM billing_rate rate
     WHERE rate.carrier = new.carrier AND rate.direction = new.direction AND rate.prefix = new.prefix
       AND rate.effective_from > new.effective_from) later ON true
    ON CONFLICT (carrier, direction, prefix, effective_from) DO UPDATE
   SET name = excluded.name, micros_per_minute = excluded.micros_per_minute,
       cost_micros_per_minute = excluded.cost_micros_per_minute, first_s = excluded.first_s,
       step_s = excluded.step_s, updated_at = now()
"""
