from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import uuid4

import numpy as np
import pytest
import redis.asyncio as redis

from media_workers.contract.calls import listen_channel
from media_workers.runtime import listening
from media_workers.runtime.listening import WAITING, Broadcast, Tap, mix

LOUD = (30_000).to_bytes(2, "little") * 160
SOFT = (100).to_bytes(2, "little") * 160
DEEP = (-30_000).to_bytes(2, "little", signed=True) * 160


def samples(pcm: bytes) -> list[int]:
    return sorted(set(np.frombuffer(pcm, "<i2").tolist()))


@pytest.fixture
async def broadcast() -> AsyncIterator[Broadcast]:
    made = Broadcast(os.environ["REDIS_URL"])
    yield made
    await made.close()


def test_both_sides_are_heard() -> None:
    mixed = mix([(SOFT, SOFT), (SOFT, None)])
    assert (samples(mixed[:320]), samples(mixed[320:])) == ([200], [100])


def test_too_loud_is_cut_off_and_not_turned_round() -> None:
    assert samples(mix([(LOUD, LOUD)])) == [32_767]
    assert samples(mix([(DEEP, DEEP)])) == [-32_768]


async def test_a_tap_passes_on_100_ms_at_a_time_as_long_as_the_lease_runs(broadcast: Broadcast) -> None:
    tap = Tap(uuid4(), broadcast)
    put: list[int] = []
    broadcast.put = lambda call_id, frames: put.append(len(frames))  # type: ignore[method-assign]
    tap.renew(0.2)
    assert [tap.feed(SOFT, None) for _ in range(10)] == [True] * 9 + [False]
    await asyncio.sleep(0)
    assert put == [5, 5]
    tap.renew(0.1)
    tap.renew(0.04)
    assert [tap.feed(SOFT, None) for _ in range(5)] == [True] * 4 + [False]


async def test_what_is_put_is_published(broadcast: Broadcast) -> None:
    call_id = uuid4()
    client = redis.from_url(os.environ["REDIS_URL"])
    async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(listen_channel(call_id))
        broadcast.put(listen_channel(call_id), [(SOFT, SOFT)])
        async with asyncio.timeout(30):
            while (message := await pubsub.get_message(timeout=1)) is None:
                pass
    await client.aclose()
    assert samples(message["data"]) == [200]


async def test_a_redis_that_is_away_costs_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "AGAIN_S", 0.01)
    broadcast = Broadcast("redis://127.0.0.1:9/0")
    for _ in range(3 * WAITING):
        broadcast.put(listen_channel(uuid4()), [(SOFT, None)])
    assert len(broadcast._waiting) == WAITING
    await asyncio.sleep(0.2)
    broadcast.put(listen_channel(uuid4()), [(SOFT, None)])
    await broadcast.close()
