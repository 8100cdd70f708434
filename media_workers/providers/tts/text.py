"""Text made fit to be spoken: cleaned, and cut so that its first words are heard early."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_TEXT = 8_000
FIRST_PIECE = 60
LONGEST_PIECE = 160

_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": ", ", "—": ", ", "…": ".", "€": " euros ", "£": " pounds "}
)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+")
_CLAUSE_END = re.compile(r"(?<=[,;:])\s+")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|vs|etc|e\.g|i\.e|[a-z])\.$", re.IGNORECASE)


def clean(text: str) -> str:
    """`text` without control characters, line ends and unusual typography; at most `MAX_TEXT` long."""
    text = unicodedata.normalize("NFC", text[:MAX_TEXT].translate(_TYPOGRAPHY))
    text = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else c for c in text
    )
    return " ".join(text.split())


def pieces(text: str) -> list[str]:
    """`text` cut at sentences, long ones at clauses, none past `LONGEST_PIECE` characters.

    The first piece is kept short: nothing is heard before the whole of it has been synthesised.
    Pieces that hold nothing to speak (only punctuation) are left out.
    """
    found: list[str] = []
    for sentence in _sentences(text):
        limit = LONGEST_PIECE if found else FIRST_PIECE
        found.extend(_cut(sentence, limit) if len(sentence) > limit else [sentence])
    return [piece for piece in found if any(c.isalnum() for c in piece)]


def _sentences(text: str) -> Iterator[str]:
    held = ""
    for part in _SENTENCE_END.split(text):
        held = f"{held} {part}" if held else part
        if not _ABBREVIATION.search(held):
            yield held
            held = ""
    if held:
        yield held


def _cut(sentence: str, limit: int) -> Iterator[str]:
    held = ""
    for clause in _CLAUSE_END.split(sentence):
        if held and len(held) + len(clause) > limit:
            yield held
            held, limit = "", LONGEST_PIECE
        held = f"{held} {clause}" if held else clause
        while len(held) > LONGEST_PIECE:
            at = held.rfind(" ", 1, LONGEST_PIECE) + 1 or LONGEST_PIECE
            yield held[:at].strip()
            held = held[at:]
    if held:
        yield held
