"""Text files: their encoding, and paragraphs between empty lines."""

from __future__ import annotations

import codecs
import re

from .blocks import Block, Content, Unreadable

_BOMS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def decode(data: bytes) -> str:
    """The text of `data`: by its byte order mark, as UTF-8, else as Windows writes it in the west.
    Unreadable when it is no text."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if len(_CONTROL.findall(text[:10_000])) > len(text[:10_000]) // 100:
        raise Unreadable("not_text", "This is no text: it holds characters that no text has.")
    return clean(text)


def clean(text: str) -> str:
    """`text` with one kind of line end, and without what cannot be stored or seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", "").replace("\u00a0", " ")
    return _CONTROL.sub("", text.encode(errors="ignore").decode())


def read_text(data: bytes) -> Content:
    return paragraphs(decode(data))


def paragraphs(text: str) -> Content:
    """What stands between empty lines."""
    return Content(blocks=[Block(0, part.strip()) for part in _EMPTY_LINES.split(text) if part.strip()])
