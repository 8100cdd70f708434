"""Answers that are made while they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


async def in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """`pieces` for a StreamingHttpResponse: each is made in a thread, none before the last one was sent.

    Given a plain iterator, Django would read all of it into memory first. Whatever makes the pieces must
    keep no transaction open between two of them: the next one may be made in another thread.
    """

    def following() -> bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(following)()) is not None:
        if piece:
            yield piece
