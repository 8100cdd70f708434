"""Asynchronous generators that are closed in time, and waited for no longer than is good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Closes a generator at the end of the block, at once and in this task."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


class Timely(AsyncIterator[T]):
    """The items of `stream`; `TimeoutError` when the first takes longer than `first_s` or any other longer
    than `next_s`. The stream is its owner's to close; this needs no closing."""

    def __init__(self, stream: AsyncIterator[T], *, first_s: float, next_s: float) -> None:
        self._stream = stream
        self._limit_s = first_s
        self._next_s = next_s

    async def __anext__(self) -> T:
        async with asyncio.timeout(self._limit_s):
            item = await anext(self._stream)
        self._limit_s = self._next_s
        return item
