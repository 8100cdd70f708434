"""Rows of CSV that a spreadsheet may open."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|-[0-9]+(\.[0-9]+)?")


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, without a header of its own; cells that could be formulas are made harmless."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins like this for a formula (OWASP, CSV injection). A telephone
    number is none, and is to be read in again as it is; nor is an amount below zero."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell
