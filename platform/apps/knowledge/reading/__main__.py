"""``python -m apps.knowledge.reading KIND FILE``: the text of a document as JSON on the standard output.

A document of a stranger may be made to hang or to eat memory: this process has limits of its own, and
whoever started it ends it. See `apps.knowledge.child`.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from .blocks import Content, Unreadable

MEMORY_BYTES = 1536 * 1024 * 1024
CPU_S = 120


def read(kind: str, data: bytes) -> Content:
    """What the document says. Unreadable tells why it cannot be read."""
    return _reader(kind)(data).checked()


def _reader(kind: str) -> Callable[[bytes], Content]:
    """Imported late: a text needs none of the libraries."""
    if kind == "pdf":
        from .pdf import read_pdf

        return read_pdf
    if kind == "docx":
        from .docx import read_docx

        return read_docx
    if kind == "html":
        from .markup import read_html

        return read_html
    if kind == "markdown":
        from .markup import read_markdown

        return read_markdown
    from .plain_text import read_text

    return read_text


def _answer(kind: str, path: Path) -> dict[str, object]:
    try:
        content = read(kind, path.read_bytes())
    except Unreadable as error:
        return {"code": error.code, "problem": error.detail}
    except MemoryError:
        return {"code": "too_large", "problem": "Reading this document takes more memory than it may."}
    return {"title": content.title, "blocks": [[block.level, block.text] for block in content.blocks]}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer(sys.argv[1], Path(sys.argv[2])), sys.stdout)
