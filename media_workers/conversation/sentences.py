"""Cuts a stream of text into pieces that a voice can speak, as early as possible."""

from __future__ import annotations

import re

LONGEST = 240
"""Characters after which a piece is cut at a space even without punctuation."""

FIRST_CLAUSE = 60
"""The first piece may end at a comma from here on: it decides when the caller hears something."""

_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？]+|\n+")
_CLAUSE = re.compile(r"[,;:–—]\s+")
_ABBREVIATION = re.compile(
    r"(?<![^\s(])(?:[A-Z]|[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|vs|approx|e\.g|i\.e|a\.m|p\.m|u\.s|z\.B|bzw)\.\s+$"
)
_NUMBERING = re.compile(r"\s*\d{1,3}\.\s+$")


class SentenceSplitter:
    """Feed it deltas; it returns the sentences that are complete, stripped, never empty.

    A sentence counts as complete when something follows its full stop, so that `3.50` and `Dr. Lee`
    stay whole. Every character is looked at a bounded number of times.
    """

    def __init__(self) -> None:
        self._text = ""
        self._seen = 0
        self._first = True

    def feed(self, delta: str) -> list[str]:
        self._text += delta
        found: list[str] = []
        start = 0
        while (end := self._next_end(start)) is not None:
            if piece := self._text[start:end].strip():
                found.append(piece)
                self._first = False
            start = self._seen = end
        self._text = self._text[start:]
        self._seen -= start
        return found

    def flush(self) -> list[str]:
        """What is left when the stream is over."""
        rest, self._text, self._seen = self._text.strip(), "", 0
        return [rest] if rest else []

    def _next_end(self, start: int) -> int | None:
        """Index after the next sentence that begins at `start`; None when more text is needed."""
        limit = start + LONGEST
        clause = self._first and _CLAUSE.search(self._text, start + FIRST_CLAUSE, limit)
        for match in _END.finditer(self._text, max(start, self._seen), limit):
            if not self._inside_sentence(start, match):
                return min(match.end(), clause.end()) if clause else match.end()
        if clause:
            return clause.end()
        if len(self._text) > limit:
            space = self._text.rfind(" ", start, limit)
            return space + 1 if space > start else limit
        # Punctuation at the very end may still turn out to be inside a sentence: look at it again.
        self._seen = max(start, len(self._text) - 8)
        return None

    def _inside_sentence(self, start: int, end: re.Match[str]) -> bool:
        """Whether the full stop belongs to an abbreviation or to the number of a list's entry."""
        tail = max(start, end.start() - 8)
        return bool(
            _ABBREVIATION.search(self._text, tail, end.end())
            or _NUMBERING.fullmatch(self._text, start, end.end())
        )
