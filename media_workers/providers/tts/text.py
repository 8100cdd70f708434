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
_UNSPOKEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # inside words of Persian and Hindi
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+")
_CLAUSE_END = re.compile(r"(?<=[,;:])\s+")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|vs|etc|e\.g|i\.e|[a-z])\.$", re.IGNORECASE)


def clean(text: str) -> str:
    """`tidy` and without unusual typography, for synthesizers that read it out or stumble over it."""
    return tidy(text[:MAX_TEXT].translate(_TYPOGRAPHY))


def tidy(text: str) -> str:
    """`text` without control characters and line ends; at most `MAX_TEXT` long."""
    text = unicodedata.normalize("NFC", text[:MAX_TEXT])
    text = "".join(" " if unicodedata.category(c) in _UNSPOKEN and c not in _JOINERS else c for c in text)
    return " ".join(text.split())


def speakable(text: str) -> bool:
    """Whether there is anything to say in it: a letter or a digit."""
    return any(c.isalnum() for c in text)


def portions(text: str, limit: int) -> list[str]:
    """`text` in as few parts of at most `limit` UTF-8 bytes as its sentences allow (else its words), for
    vendors that take only so much at once. Parts with nothing to speak are left out."""
    found = [""]
    for sentence in _sentences(text):
        for part in _bounded(sentence, limit):
            joined = f"{found[-1]} {part}".strip()
            if len(joined.encode()) <= limit:
                found[-1] = joined
            else:
                found.append(part)
    return [part for part in found if speakable(part)]


def _bounded(sentence: str, limit: int) -> Iterator[str]:
    encoded = sentence.encode()
    while len(encoded) > limit:
        head = encoded[:limit].decode(errors="ignore")
        at = head.rfind(" ") + 1 or len(head)
        yield head[:at].strip()
        encoded = encoded[len(head[:at].encode()) :]
    yield encoded.decode()


def pieces(text: str) -> list[str]:
    """`text` cut at sentences, long ones at clauses, none past `LONGEST_PIECE` characters.

    The first piece is kept short: nothing is heard before the whole of it has been synthesised.
    Pieces that hold nothing to speak (only punctuation) are left out.
    """
    found: list[str] = []
    for sentence in _sentences(text):
        limit = LONGEST_PIECE if found else FIRST_PIECE
        found.extend(_cut(sentence, limit) if len(sentence) > limit else [sentence])
    return [piece for piece in found if speakable(piece)]


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
