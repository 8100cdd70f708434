"""A person takes a call over: what they say comes by Valkey's pub/sub, a little uneven, and is played evenly.

They hold the call by a lease that their socket renews; one that drops gives the call back by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from uuid import UUID

import redis.asyncio as redis
from redis.exceptions import RedisError

from media_workers.contract.calls import speak_channel
from media_workers.runtime import logs
from media_workers.runtime.browser.jitter import JitterBuffer

LOOK_S = 0.5
AGAIN_S = 0.5
LONGEST = 32_000
"""Bytes of one message: two seconds, much more than anybody who plays by the rules sends."""


class TakeOver:
    """One person in one call. Implements `company.Speaker`; event loop, but `next_frame`. `on_lost` is called
    once, when the lease has run out."""

    def __init__(self, call_id: UUID, redis_url: str, *, by: str, on_lost: Callable[[], None]) -> None:
        self.by = by
        self._channel = speak_channel(call_id)
        self._url = redis_url
        self._on_lost = on_lost
        self._voice = JitterBuffer()
        self._loop = asyncio.get_running_loop()
        self._until = 0.0
        self._task: asyncio.Task[None] | None = None

    def renew(self, lease_s: float) -> None:
        """They are there for so long from now on."""
        self._until = max(self._until, self._loop.time() + lease_s)
        if self._task is None:
            self._task = self._loop.create_task(self._run())

    def next_frame(self) -> bytes | None:
        return self._voice.take()

    def close(self) -> None:
        """They are gone."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._loop.time() < self._until:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                logs.get().warning("speaker_not_heard", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
        self._on_lost()

    async def _listen(self) -> None:
        client = redis.from_url(self._url, socket_connect_timeout=2)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(self._channel)
                while self._loop.time() < self._until:
                    message = await pubsub.get_message(timeout=LOOK_S)
                    if message is not None and isinstance(message["data"], bytes):
                        self._voice.put(message["data"][:LONGEST])
        finally:
            with contextlib.suppress(RedisError, OSError):
                await client.aclose()
