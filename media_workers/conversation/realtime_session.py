"""The session with a vendor whose model speaks itself, and what waits for it while it is being opened."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from media_workers.providers.base import ProviderError
from media_workers.providers.realtime.base import Session

CLOSE_LIMIT_S = 3.0

EARLY_FRAMES = 500
"""Of the caller are kept for a session that is still being opened: 10 s."""


class Connection:
    """On the loop, but for `feed`. `is_over`: the vendor is told nothing any more."""

    def __init__(self, lock: AbstractContextManager[bool], *, is_over: Callable[[], bool]) -> None:
        self._lock = lock
        self._is_over = is_over
        self._closed = False
        self._session: Session | None = None
        self._early_words: list[tuple[str, tuple[Any, ...]]] = []
        self._early_audio: deque[bytes] = deque(maxlen=EARLY_FRAMES)

    @property
    def sent_ms(self) -> int:
        """Audio of the caller that the vendor has been sent."""
        return self._session.sent_ms if self._session else 0

    async def opened(self, session: Session) -> None:
        """What has been said by either side while there was no session goes first: an inbound call is
        answered without waiting for it."""
        if self._closed:
            await session.close()
            return
        with self._lock:
            for pcm in self._early_audio:
                session.feed(pcm)
            self._early_audio.clear()
            self._session = session
        early, self._early_words = self._early_words, []
        for what, args in early:
            self.ask(what, *args)

    def feed(self, pcm: bytes) -> None:
        """The caller's audio. The media clock, without the lock."""
        session = self._session
        if session is None:
            with self._lock:
                session = self._session
                if session is None:
                    self._early_audio.append(pcm)
                    return
        session.feed(pcm)

    def ask(self, what: str, *args: Any) -> None:
        """Calls the session's method `what`."""
        if self._is_over():
            return
        if self._session is None:
            self._early_words.append((what, args))
        else:
            getattr(self._session, what)(*args)

    def leave(self) -> None:
        """A session that is opened from here on is closed at once."""
        self._closed = True

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(TimeoutError, ProviderError):
                async with asyncio.timeout(CLOSE_LIMIT_S):
                    await session.close()
