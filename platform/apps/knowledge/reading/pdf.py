"""PDF: the text of each page, under the bookmarks that lead there."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from .blocks import LONGEST_TEXT, Block, Content, Unreadable
from .plain_text import clean

MOST_PAGES = 3_000
LOOKED_AT = 30
"""Pages among which one has to have text."""

_HYPHEN = re.compile(r"(?<=[a-zà-öø-ÿ])-\n(?=[a-zà-öø-ÿ])")
_PARAGRAPH = re.compile(r"\n\s*\n")
_JOIN = re.compile(r"(?<![.:;!?])\n(?=[a-zà-öø-ÿ(,])")


def read_pdf(data: bytes) -> Content:
    """Unreadable: no PDF, locked with a password, or pictures of pages."""
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("not_pdf", "This is no PDF, whatever its name says.")
    try:
        return _read(PdfReader(io.BytesIO(data)))
    except DependencyError as error:
        raise Unreadable("encrypted", "This PDF is encrypted in a way that cannot be read.") from error
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable("damaged", "This PDF is damaged and cannot be read.") from error


def _read(reader: PdfReader) -> Content:
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("encrypted", "This PDF is locked with a password: save it without one.")
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise Unreadable("too_large", f"The PDF has {pages} pages and may have {MOST_PAGES}: divide it.")
    title = str((reader.metadata.title if reader.metadata else "") or "")
    content = Content(title=clean(title).strip()[:300])
    marks, size = _bookmarks(reader), 0
    for number, page in enumerate(reader.pages):
        if number == LOOKED_AT and not size:
            break
        content.blocks += [Block(level, text) for level, text in marks.get(number, [])]
        text = clean(page.extract_text() or "")
        content.blocks += [Block(0, part) for part in _parts(text)]
        if (size := size + len(text.strip())) > LONGEST_TEXT:
            break
    if not size:
        raise Unreadable(
            "no_text", "This PDF holds pictures of pages and no text: run a text recognition over it first."
        )
    return content


def _parts(text: str) -> Iterator[str]:
    text = _JOIN.sub(" ", _HYPHEN.sub("", text))
    for part in _PARAGRAPH.split(text):
        if part.strip():
            yield "\n".join(line.strip() for line in part.splitlines() if line.strip())


def _bookmarks(reader: PdfReader) -> dict[int, list[tuple[int, str]]]:
    """Level and title of the bookmarks, by the number of the page. Nothing of a list that is broken."""
    found: dict[int, list[tuple[int, str]]] = {}
    try:
        rest: list[tuple[int, Any]] = [(1, entry) for entry in reversed(reader.outline)]
        while rest:
            level, entry = rest.pop()
            if isinstance(entry, list):
                rest += [(min(level + 1, 6), child) for child in reversed(entry)]
            elif (page := reader.get_destination_page_number(entry)) is not None:
                found.setdefault(page, []).append((level, clean(str(entry.title)).strip()[:300]))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return found
