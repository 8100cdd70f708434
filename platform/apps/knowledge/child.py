"""Reading a document in a process of its own, which may hang or die without harm."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import structlog

from apps.knowledge.reading.blocks import Block, Content, Unreadable

log = structlog.get_logger(__name__)

LIMIT_S = 120.0
_SOURCE_ROOT = Path(__file__).resolve().parents[2]


class TookTooLong(Unreadable):
    """Reading it was not over in time."""


def read_apart(kind: str, data: bytes, *, limit_s: float = LIMIT_S) -> Content:
    """The text of a document, of which `data` are the bytes. Unreadable, TookTooLong."""
    with tempfile.NamedTemporaryFile(prefix="trunkline-document-") as file:
        file.write(data)
        file.flush()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "apps.knowledge.reading", kind, file.name],
                cwd=_SOURCE_ROOT,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                capture_output=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TookTooLong("too_slow", "Reading this document takes longer than it may.") from None
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning(
            "document_reader_failed", kind=kind, code=done.returncode, error=last.partition(":")[0][:80]
        )
        raise Unreadable("damaged", "This document is damaged, or too large, and cannot be read.")
    said = json.loads(done.stdout)
    if "problem" in said:
        raise Unreadable(said["code"], said["problem"])
    return Content(said["title"], [Block(level, text) for level, text in said["blocks"]])
