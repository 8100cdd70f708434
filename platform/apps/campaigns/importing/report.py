"""What was wrong with a file, by row and column, and cells that a spreadsheet does not take for formulas."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import IO

from tenants.csv_text import harmless

COLUMNS = ("row", "column", "value", "reason", "detail")
MAX_LINES = 100_000
"""Of a report. What is beyond is counted only."""
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-][0-9][0-9 ().,/-]*")


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would compute `cell`; a number like +49 30 or -1.5 is harmless."""
    return cell.startswith(_BEGINNINGS) and not _NUMBER.fullmatch(cell)


class Report:
    """Lines of a report on their way into `file`; `refused` and `warned` count by reason."""

    def __init__(self, file: IO[str]) -> None:
        self._csv = csv.writer(file)
        self._csv.writerow(COLUMNS)
        self._lines = 0
        self.refused: Counter[str] = Counter()
        self.warned: Counter[str] = Counter()

    def refuse(self, row: int, column: str, value: str, reason: str, detail: str) -> None:
        """Row `row` (the header is 1) does not count, because of its `column`."""
        self.refused[reason] += 1
        self._write(row, column, value, reason, detail)

    def warn(self, row: int, column: str, value: str, reason: str, detail: str) -> None:
        """Row `row` counts, but somebody should know."""
        self.warned[reason] += 1
        self._write(row, column, value, reason, detail)

    @property
    def lines(self) -> int:
        return self._lines

    def _write(self, row: int, column: str, value: str, reason: str, detail: str) -> None:
        if self._lines < MAX_LINES:
            self._lines += 1
            self._csv.writerow((row, harmless(column), harmless(value[:200]), reason, detail))
