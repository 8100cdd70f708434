"""A document in pieces that a model can be given: by its headings, at whole paragraphs and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.knowledge.reading.blocks import Block

TARGET_WORDS = 220
MOST_WORDS = 300
LONGEST_TEXT = 3_000
"""Characters: of scripts without spaces, words say little about the size."""
MOST_OVERLAP_WORDS = 40

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)]*\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Piece:
    heading: str
    text: str
    words: int


def count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    """The pieces in their order. Those that one stretch of text was divided into begin with the last sentence
    of the piece before."""
    path: list[tuple[int, str]] = []
    section: list[str] = []
    for block in blocks:
        if not block.level:
            section.append(block.text)
            continue
        yield from _section(path, section)
        section = []
        path = [*((level, text) for level, text in path if level < block.level), (block.level, block.text)]
    yield from _section(path, section)


def _section(path: list[tuple[int, str]], paragraphs: list[str]) -> Iterator[Piece]:
    heading = " > ".join(text for _, text in path)[:500]
    filled: list[str] = []
    words = size = 0
    for unit in (unit for paragraph in paragraphs for unit in _units(paragraph)):
        more = count_words(unit)
        if filled and (words + more > TARGET_WORDS or size + len(unit) > LONGEST_TEXT):
            yield Piece(heading, "\n".join(filled), words)
            overlap = _last_sentence(filled[-1])
            filled = [overlap] if overlap else []
            words, size = count_words(overlap), len(overlap)
        filled.append(unit)
        words, size = words + more, size + len(unit)
    if filled:
        yield Piece(heading, "\n".join(filled), words)


def _units(paragraph: str) -> Iterator[str]:
    """`paragraph` itself, or what a long one can be divided into: lines, sentences, in the end words."""
    if _fits(paragraph):
        yield paragraph
        return
    for between, parts in (("\n", paragraph.split("\n")), (" ", _SENTENCE.split(paragraph))):
        divided = [part for part in parts if part.strip()]
        if len(divided) > 1:
            for part in _together(divided, between):
                yield from _units(part)
            return
    yield from _cut(paragraph)


def _together(parts: list[str], between: str) -> Iterator[str]:
    """Neighbours among `parts`, as many as fit in half a piece."""
    held = ""
    for part in parts:
        joined = f"{held}{between}{part}" if held else part
        if held and (count_words(joined) > TARGET_WORDS // 2 or len(joined) > LONGEST_TEXT):
            yield held
            held = part
        else:
            held = joined
    if held:
        yield held


def _cut(text: str) -> Iterator[str]:
    found = text.split(" ")
    for start in range(0, len(found), TARGET_WORDS):
        part = " ".join(found[start : start + TARGET_WORDS])
        for begin in range(0, len(part), LONGEST_TEXT):
            yield part[begin : begin + LONGEST_TEXT]


def _fits(text: str) -> bool:
    return count_words(text) <= MOST_WORDS and len(text) <= LONGEST_TEXT


def _last_sentence(text: str) -> str:
    last = _SENTENCE.split(text)[-1].rpartition("\n")[2].strip()
    return last if last != text and count_words(last) <= MOST_OVERLAP_WORDS else ""
