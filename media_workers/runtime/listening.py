"""Listening in: both sides of a call, mixed, for whoever asks, and nothing at all while nobody does.

The media clock only puts its frames in a list, and five times in half a second hands them to the loop;
mixing and sending happen there. What Redis does not take in time is dropped: a listener hears a gap,
the call nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from uuid import UUID

import numpy as np
import redis.asyncio as redis
from redis.exceptions import RedisError

from media_workers.audio.pcm import FRAME_MS, SILENCE
from media_workers.contract.calls import listen_channel
from media_workers.runtime import logs
from media_workers.runtime.waiting import cancelled

CHUNK_FRAMES = 100 // FRAME_MS
WAITING = 20
"""Chunks of all calls of the process that may wait for Redis."""

AGAIN_S = 1.0

Frames = list[tuple[bytes, bytes | None]]


class Broadcast:
    """What a process publishes for listeners. Event loop only. The client connects when first used."""

    def __init__(self, redis_url: str) -> None:
        self._client = redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._waiting: deque[tuple[str, Frames]] = deque(maxlen=WAITING)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, channel: str, frames: Frames) -> None:
        """Publishes 100 ms of a call; the oldest of those that wait goes when there are too many."""
        self._waiting.append((channel, frames))
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Ends publishing."""
        if self._task is not None:
            await cancelled(self._task)
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while self._waiting:
                    channel, frames = self._waiting.popleft()
                    await self._client.publish(channel, mix(frames))
            except (RedisError, OSError) as error:
                logs.get().warning("listeners_hear_nothing", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)
                self._waiting.clear()


class Tap:
    """One call's audio for listeners, as long as the lease runs. `channel`: theirs, of the call."""

    def __init__(
        self, call_id: UUID, broadcast: Broadcast, channel: Callable[[UUID], str] = listen_channel
    ) -> None:
        self._channel = channel(call_id)
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        self._frames: Frames = []
        self._left = 0

    def renew(self, lease_s: float) -> None:
        """Somebody listens for this long from now on. Event loop."""
        self._left = max(self._left, int(lease_s * 1000 / FRAME_MS))

    def feed(self, caller: bytes, agent: bytes | None) -> bool:
        """The same 20 ms of both sides, None is silence. Media clock. False: nobody listens any more."""
        self._frames.append((caller, agent))
        self._left -= 1
        if len(self._frames) >= CHUNK_FRAMES:
            frames, self._frames = self._frames, []
            with contextlib.suppress(RuntimeError):  # the loop is closed: so is the call
                self._loop.call_soon_threadsafe(self._broadcast.put, self._channel, frames)
        return self._left > 0


def mix(frames: Frames) -> bytes:
    """Both sides of some frames in one channel, 16-bit little-endian; too loud is cut off."""
    caller = np.frombuffer(b"".join(caller for caller, _ in frames), "<i2").astype(np.int32)
    agent = np.frombuffer(b"".join(agent or SILENCE for _, agent in frames), "<i2")
    return bytes(np.clip(caller + agent, -32_768, 32_767).astype("<i2").tobytes())
