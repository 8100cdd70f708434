"""Which word of a text begins when, by what a vendor says about the pieces it spoke."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from media_workers.providers.base import SpokenWord

LOOKAHEAD = 6
"""How many words a vendor may have spoken in other words (`$25`, `Dr.`) before it comes back to the text."""

_LONG_ENOUGH = 3
_WITHOUT_SPACES = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # kana
    ("\u3400", "\u9fff"),  # Chinese characters
)


class Alignment:
    """The words of one text. Pieces come in order: words, parts of them or several at once, in the
    spelling of the text or as they are pronounced. Scripts without spaces have no words here."""

    def __init__(self, text: str) -> None:
        self._words = [] if _lacks_spaces(text) else text.split()
        self._keys = [_letters(word) for word in self._words]
        self._next = 0
        self._rest = ""
        self._strange: list[int] = []

    def place(self, piece: str, start_ms: float) -> Iterator[SpokenWord]:
        """`piece` is spoken from `start_ms`: the words of the text that begin with it, or that were
        passed over before it."""
        for part in piece.split():
            yield from self._place(_letters(part), round(start_ms))

    def characters(
        self, characters: list[str], starts_ms: list[float], offset_ms: float
    ) -> Iterator[SpokenWord]:
        """The same for characters with a time each (`starts_ms`, after `offset_ms`)."""
        held, begun = "", 0.0
        for character, start in zip(characters, starts_ms, strict=False):
            if character.isspace():
                yield from self.place(held, offset_ms + begun)
                held = ""
            else:
                begun = begun if held else start
                held += character
        yield from self.place(held, offset_ms + begun)

    def finish(self) -> Iterator[SpokenWord]:
        """Everything has been spoken: the words at the end that were spoken in other words."""
        if self._strange:
            yield from self._passed(len(self._words), self._strange[-1])

    def _place(self, key: str, start_ms: int) -> Iterator[SpokenWord]:
        if not key:
            return
        if self._rest:
            if self._rest.startswith(key):
                self._rest = self._rest[len(key) :]
                return
            key = key.removeprefix(self._rest)
            self._rest = ""
        at = self._find(key)
        if at is None:
            self._strange.append(start_ms)
            return
        word = self._keys[at]
        yield from self._passed(at, start_ms)
        yield SpokenWord(self._words[at], start_ms)
        self._next = at + 1
        self._rest = word.removeprefix(key) if len(key) < len(word) else ""
        if len(key) > len(word):
            yield from self._place(key.removeprefix(word), start_ms)

    def _find(self, key: str) -> int | None:
        """The word of the text that begins with `key`; further ahead it must be the very word."""
        first = self._next
        while first < len(self._keys) and not self._keys[first]:
            first += 1
        for at in range(first, min(first + LOOKAHEAD, len(self._keys))):
            word = self._keys[at]
            if word == key:
                return at
            akin = word.startswith(key) or (word and key.startswith(word))
            if akin and (at == first or min(len(word), len(key)) >= _LONG_ENOUGH):
                return at
        return None

    def _passed(self, end: int, start_ms: int) -> Iterator[SpokenWord]:
        """The words up to `end`, at the times of the pieces that were none of the text's words."""
        times = self._strange or [start_ms]
        for nth, word in enumerate(self._words[self._next : end]):
            yield SpokenWord(word, times[min(nth, len(times) - 1)])
        self._next = end
        self._strange = []


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _lacks_spaces(text: str) -> bool:
    return any(low <= c <= high for c in text for low, high in _WITHOUT_SPACES)
