"""Speech that a test can check to the sample, and how a vendor's fake may fail while it says it.

A character sounds for 20 ms with a height of its own, so that audio lost, doubled or out of order shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

CHARACTER_MS = 20
BYTES_PER_MS = 16


def pcm_of(text: str, rate: int = 8000) -> bytes:
    """16-bit PCM of `text`."""
    samples = rate * CHARACTER_MS // 1000
    heights = np.array([2_000 + ord(c) * 37 % 20_000 for c in text], dtype="<i2")
    signs = np.where(np.arange(samples) % 8 < 4, 1, -1).astype("<i2")
    return bytes((heights[:, None] * signs[None, :]).astype("<i2").tobytes())


def word_starts(text: str) -> list[tuple[str, int]]:
    """The words of `text` and the ms at which each begins."""
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((word, at * CHARACTER_MS))
        at += len(word)
    return found


def characters(text: str, size: int) -> Iterator[tuple[str, int]]:
    """`text` in pieces of `size` characters and the ms at which each begins."""
    for at in range(0, len(text), size):
        yield text[at : at + size], at * CHARACTER_MS


@dataclass(frozen=True)
class Manner:
    """How a sentence is said: `first_ms` until its first audio, in pieces of `size` characters. `fault`
    comes after `after` pieces: nothing more, a broken connection, `garbage`, the vendor's `error`."""

    first_ms: int = 0
    size: int = 5
    fault: Literal["", "hang", "cut", "garbage", "error"] = ""
    after: int = 1
    garbage: str | bytes = "not JSON"
    error: str = "The voice has lost its voice."
    status: int = 500


@dataclass
class Said:
    """A sentence that a vendor was asked for, with everything the request said about it. `stopped`: the
    client wanted no more of it. `over`: nothing more is sent."""

    text: str
    asked: dict[str, Any] = field(default_factory=dict)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Notebook:
    """What a vendor was asked to say, and how it is to say what comes next (then plainly)."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.manners: list[Manner] = []
        self.usual = Manner()
        self._asked = asyncio.Condition()

    def next(self, *manners: Manner) -> None:
        self.manners += manners

    async def note(self, said: Said) -> Manner:
        async with self._asked:
            self.said.append(said)
            self._asked.notify_all()
        return self.manners.pop(0) if self.manners else self.usual

    async def sentence(self, number: int = 1) -> Said:
        """The sentence of that number (from 1), as soon as it was asked for."""
        async with self._asked, asyncio.timeout(30):
            await self._asked.wait_for(lambda: len(self.said) >= number)
        return self.said[number - 1]
