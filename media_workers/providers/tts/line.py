"""A connection to a vendor's voice, and what comes of the sentences that are spoken on it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4

from media_workers.providers.base import ProviderError, Speech, SpokenWord
from media_workers.providers.tts.alignment import Alignment
from media_workers.providers.websocket import VendorSocket

WAIT_S = 10.0
"""Longest silence of a vendor within a sentence."""

BYTES_PER_MS = 16
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError, ArithmeticError)
"""What reading a message raises that is not of the vendor's form."""

MOST_AUDIO = 20 * 60 * 1000 * BYTES_PER_MS
"""Of one sentence: a vendor that sends without end is stopped."""


class Sentence:
    """What a vendor gives for one text, in order. `size` (bytes of PCM), `audio_ms`: how much of it so far.
    `decode` makes PCM of what the vendor sends."""

    def __init__(self, text: str, decode: Callable[[bytes], bytes]) -> None:
        self.key = uuid4().hex
        self.decode = decode
        self.alignment = Alignment(text)
        self.times_from_ms = self.timed_to_ms = 0.0
        self.over = False
        self.size = 0
        self._items: deque[Speech] = deque()
        self._error: ProviderError | None = None
        self._news = asyncio.Event()

    @property
    def audio_ms(self) -> float:
        return self.size / BYTES_PER_MS

    def put(self, items: Iterable[Speech]) -> None:
        for item in items:
            self._items.append(item)
            self.size += len(item) if isinstance(item, bytes) else 0
        self._news.set()

    def end(self, error: ProviderError | None = None) -> None:
        """Nothing more will come; `error` is raised to the taker after what is here."""
        if not self.over:
            self.put(() if error else self.alignment.finish())
            self.over, self._error = True, error
            self._news.set()

    async def items(self, late: ProviderError) -> AsyncIterator[Speech]:
        """Everything up to the end. Raises the vendor's error, and `late` after `WAIT_S` of nothing."""
        while True:
            while self._items:
                yield self._items.popleft()
            if self.over:
                break
            self._news.clear()
            try:
                async with asyncio.timeout(WAIT_S):
                    await self._news.wait()
            except TimeoutError:
                raise late from None
        if self._error is not None:
            raise self._error


class Line:
    """A connection that is up. `sentences`: those somebody listens to, by their keys; `busy`: those that the
    vendor has not said the end of, among them what was cut short. `spent`: it takes no more."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket: VendorSocket
        self.sentences: dict[str, Sentence] = {}
        self.busy: set[str] = set()
        self.freed = asyncio.Event()
        self.spent = False
        self.timer: asyncio.TimerHandle | None = None

    def tell(self, *messages: Mapping[str, Any] | str) -> None:
        for message in messages:
            self.socket.put(message if isinstance(message, str) else json.dumps(message))

    def begin(self, sentence: Sentence) -> None:
        self.sentences[sentence.key] = sentence
        self.busy.add(sentence.key)

    async def room(self, most: int, limit_s: float) -> bool:
        """Whether one of `most` sentences may be begun, now or within `limit_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while len(self.busy) >= most and not self.spent:
                    self.freed.clear()
                    await self.freed.wait()
        return len(self.busy) < most and not self.spent

    def ended(self, key: str, error: ProviderError | None = None) -> None:
        """The vendor is done with that sentence."""
        self.busy.discard(key)
        self.freed.set()
        if key in self.sentences:
            self.sentences[key].end(error)

    def broken(self, error: ProviderError) -> None:
        self.spent = True
        if self.timer is not None:
            self.timer.cancel()
        for key in list(self.busy):
            self.ended(key, error)


def audio_of(text: str) -> bytes:
    """Bytes out of base64. Raises `ValueError`."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def timed_words(sentence: Sentence, times: dict[str, Any]) -> list[SpokenWord]:
    """The words of a list of pieces and one of the seconds at which each begins. Times count from the
    beginning of the sentence, or anew in a later list."""
    starts = [start_s * 1000 for start_s in times["start"]]
    if starts and sentence.times_from_ms + starts[0] < sentence.timed_to_ms:
        sentence.times_from_ms = sentence.timed_to_ms
    if starts:
        ends = [end_s * 1000 for end_s in times.get("end") or ()]
        sentence.timed_to_ms = sentence.times_from_ms + max([starts[-1], *ends[-1:]])
    pieces = zip(times["words"], starts, strict=False)
    return [
        word
        for piece, start_ms in pieces
        for word in sentence.alignment.place(piece, sentence.times_from_ms + start_ms)
    ]
