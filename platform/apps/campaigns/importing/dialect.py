"""How a CSV is written: its encoding, its delimiter, its header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes

from apps.campaigns.importing.errors import FileRefused

MAX_COLUMNS = 200
MAX_LINE = 64 * 1024
"""Characters. What is longer is no table of contacts, and is not split into columns."""
PREVIEW_ROWS = 20
DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024
_BOMS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_LATIN = ["cp1252", "cp1250", "cp1254"]
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{6,18}")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file is at first sight; `rows` are the first `PREVIEW_ROWS` below the header."""

    encoding: str
    delimiter: str
    columns: list[str]
    rows: list[list[str]]


def look(data: IO[bytes], *, encoding: str = "", delimiter: str = "") -> Look:
    """Reads `data` to its end, with bounded memory; only its beginning when somebody says the `encoding`,
    which Python knows. FileRefused."""
    if encoding:
        sample, utf8 = data.read(_SAMPLE * 4), False
        encoding = _with_mark(encoding, sample)
    else:
        sample, other, utf8 = _sampled(data)
        encoding = encoding_of(sample, other, utf8=utf8)
    text = sample.decode(encoding, errors="ignore" if utf8 or encoding.startswith("utf-") else "replace")
    _check_text(text)
    delimiter = delimiter or delimiter_of(text)
    rows: list[list[str]] = []
    for row in records(io.StringIO(text, newline=""), delimiter):
        if any(cell.strip() for cell in row):
            rows.append(row)
        if len(rows) > PREVIEW_ROWS:
            break
    if not rows:
        raise FileRefused("empty", "The file is empty.")
    columns = header_of(rows[0])
    return Look(encoding, delimiter, columns, [_shown(row, len(columns)) for row in rows[1:]])


def _with_mark(encoding: str, sample: bytes) -> str:
    """`encoding`, in the form that leaves out the mark with which the file begins."""
    marked = (name for mark, name in _BOMS if sample.startswith(mark))
    return next((name for name in marked if encoding.startswith(name.removesuffix("-sig"))), encoding)


def _sampled(data: IO[bytes]) -> tuple[bytes, bytes, bool]:
    """The beginning, lines beyond it that are not ASCII, and whether all of it is UTF-8."""
    sample = data.read(_SAMPLE * 4)
    decoder, utf8, other = codecs.getincrementaldecoder("utf-8")(), True, b""
    piece = sample
    while True:
        if utf8:
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError:
                utf8 = False
        if len(other) < _SAMPLE and not piece.isascii():
            lines = [line for line in piece.split(b"\n") if not line.isascii()]
            other = (other + b"\n".join(lines) + b"\n")[:_SAMPLE]
        if not piece:
            return sample, other, utf8
        piece = data.read(1 << 20)


def encoding_of(sample: bytes, other: bytes, *, utf8: bool) -> str:
    """A name that Python knows. `other`: lines that are not ASCII, from anywhere. FileRefused."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if wide := _wide(sample):
        return wide
    if utf8:
        return "utf-8"
    return _older(other[:_SAMPLE] or sample[:_SAMPLE])


def _older(lines: bytes) -> str:
    """The encoding of lines that are neither UTF-8 nor UTF-16. FileRefused."""
    foreign = re.findall(rb"[\x80-\xff]+", lines)
    # Accents stand alone among plain letters. Of a few such bytes the detector makes Chinese.
    latin = sum(len(run) == 1 for run in foreign) > 0.8 * len(foreign)
    best = from_bytes(lines, cp_isolation=_LATIN if latin else None).best()
    if best is None:
        raise FileRefused("not_text", "The encoding of the file is not known: save it as UTF-8.")
    return str(best.encoding)


def _wide(sample: bytes) -> str:
    """UTF-16 without its mark: every other byte of plain text is zero."""
    head = sample[:2000]
    if len(head) < 4 or b"\x00" not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = len(head) // 2
    if odd > 0.4 * most and even < 0.05 * most:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * most and odd < 0.05 * most else ""


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise FileRefused("not_text", "The file has null characters in it: it is no text.")
    if len(_CONTROLS.findall(text)) > len(text) // 100:
        raise FileRefused("not_text", "The file is no text.")


def delimiter_of(text: str) -> str:
    """The one that divides most lines into the same number of columns, the header's."""
    lines = [line for line in text.splitlines()[:PREVIEW_ROWS] if line.strip()]
    return max(DELIMITERS, key=lambda one: _score(lines, one)) if lines else ","


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    counts = [len(_outside_quotes(line).split(delimiter)) for line in lines if len(line) <= MAX_LINE]
    if not counts or counts[0] < 2:
        return (0.0, 0)
    return (sum(count == counts[0] for count in counts) / len(counts), counts[0])


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def lines_of(text: IO[str]) -> Iterator[str]:
    """The lines of `text`. FileRefused at one of more than `MAX_LINE` characters."""
    while line := text.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise _too_long(line)
        yield line


def records(text: IO[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of a table. FileRefused."""
    try:
        for row in csv.reader(lines_of(text), delimiter=delimiter):
            if len(row) > MAX_COLUMNS:
                raise _too_wide(len(row))
            yield row
    except csv.Error as error:
        detail = "A quotation mark is opened and not closed." if "limit" in str(error) else str(error)
        raise FileRefused("damaged", f"The table cannot be read: {detail}") from error


def _too_wide(columns: int) -> FileRefused:
    return FileRefused(
        "too_many_columns", f"A row has {columns} columns; a file may have {MAX_COLUMNS} of them."
    )


def _too_long(line: str) -> FileRefused:
    most = max(line.count(one) for one in DELIMITERS) + 1
    if most > MAX_COLUMNS:
        return FileRefused(
            "too_many_columns", f"A row has more than {most} columns; a file may have {MAX_COLUMNS} of them."
        )
    return FileRefused("line_too_long", f"A line has more than {MAX_LINE} characters.")


def header_of(cells: list[str]) -> list[str]:
    """Names of the columns, each once: what is repeated is numbered, what is empty named. FileRefused."""
    if any(_PHONE.fullmatch(cell.strip()) for cell in cells):
        raise FileRefused("no_header", "The first row has a number in it: give the columns names there.")
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, 1):
        name = plain = cell.strip()[:100] or f"Column {place}"
        again = 2
        while name in taken:
            name, again = f"{plain} ({again})", again + 1
        taken.add(name)
        names.append(name)
    return names


def _shown(row: list[str], columns: int) -> list[str]:
    return [cell[:200] for cell in (row + [""] * columns)[:columns]]
