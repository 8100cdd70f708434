"""DOCX: paragraphs by their styles, and tables."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from .blocks import Block, Content, Unreadable, table_text
from .plain_text import clean

MOST_FILES = 5_000
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_PACKED = 100
"""Times that a large part of it may be packed into less: text comes to 20, a bomb to 1000."""
_LARGE = 5 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADING = re.compile(r"^heading ([1-9])$", re.IGNORECASE)


def read_docx(data: bytes) -> Content:
    """Unreadable: no DOCX, encrypted, or unpacked larger than anything that anybody wrote."""
    if data.startswith(_OLE):
        raise Unreadable(
            "encrypted",
            "This is a Word file that is locked with a password, or of before 2007: save it as DOCX.",
        )
    _check_archive(data)
    try:
        document = Document(io.BytesIO(data))
        title = clean(document.core_properties.title or "").strip()[:300]
        content = Content(title=title)
        for part in document.iter_inner_content():
            _add(content, part)
    except Exception as error:  # whatever the library says of a file that is not what it should be
        raise Unreadable("damaged", "This DOCX is damaged and cannot be read.") from error
    return content


def _check_archive(data: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable("not_docx", "This is no DOCX, whatever its name says.") from error
    if not any(entry.filename == "word/document.xml" for entry in entries):
        raise Unreadable("not_docx", "This is no DOCX, whatever its name says.")
    bomb = any(e.file_size > _LARGE and e.file_size > MOST_PACKED * max(1, e.compress_size) for e in entries)
    if bomb or len(entries) > MOST_FILES or sum(e.file_size for e in entries) > LARGEST_UNPACKED:
        raise Unreadable("too_large", "Unpacked this file would be far too large.")


def _add(content: Content, part: Paragraph | Table) -> None:
    if isinstance(part, Table):
        if text := clean(table_text(_rows(part))):
            content.blocks.append(Block(0, text))
        return
    text = clean(part.text).strip()
    if not text:
        return
    style = str(getattr(part.style, "name", "") or "")
    heading = _HEADING.match(style)
    level = int(heading.group(1)) if heading else 1 if style == "Title" else 0
    if not level and style.startswith("List"):
        last = content.blocks[-1] if content.blocks else None
        if last and not last.level and last.text.rpartition("\n")[2].startswith("- "):
            content.blocks[-1] = Block(0, f"{last.text}\n- {text}")
            return
        text = f"- {text}"
    content.blocks.append(Block(level, text))


def _rows(table: Table) -> list[list[str]]:
    """Cells that were joined stand in a row once."""
    rows = []
    for row in table.rows:
        cells: list[Any] = []
        for cell in row.cells:
            if not cells or cell._tc is not cells[-1]._tc:
                cells.append(cell)
        rows.append([" ".join(cell.text.split()) for cell in cells])
    return rows
