"""Breakers in a real Valkey, seen from several processes; the clock is turned by moving their notes back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import redis.asyncio as redis

from media_workers.providers.fallback.breaker import KEY, OPEN_MS, WINDOW_MS, Breakers, TenantBreaker

PATIENT_S = 30.0
"""On a busy machine Valkey may answer late; that it is away is another test."""


class Nodes:
    """Processes that share the breakers of one tenant."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tenant = uuid4()
        self.client = redis.from_url(url)
        self.key = KEY.format(tenant=self.tenant, kind="llm", vendor="openai")
        self._started: list[Breakers] = []

    def start(self) -> TenantBreaker:
        """One that has not asked anything yet."""
        self._started.append(Breakers(self.url, ask_limit_s=PATIENT_S))
        return self._started[-1].of(self.tenant)

    async def asked_anew(self) -> bool:
        return await self.start().allows("llm", "openai")

    async def fail(self, times: int) -> None:
        for _ in range(times):
            self.start().failed("llm", "openai")
        await self.settled()

    async def settled(self) -> None:
        for process in self._started:
            await process.written()

    async def later(self, ms: int) -> None:
        for field in ("since_ms", "opened_ms", "tried_ms"):
            if await self.client.hexists(self.key, field):
                await self.client.hincrby(self.key, field, -ms)

    async def close(self) -> None:
        for process in self._started:
            await process.close()
        await self.client.delete(self.key)
        await self.client.aclose()


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    made = Nodes(os.environ["REDIS_URL"])
    yield made
    await made.close()


async def test_the_third_failure_opens_it_for_everybody(nodes: Nodes) -> None:
    await nodes.fail(2)
    assert await nodes.asked_anew()
    await nodes.fail(1)
    assert not await nodes.asked_anew()
    assert 0 < await nodes.client.pttl(nodes.key) <= WINDOW_MS + OPEN_MS


async def test_failures_of_long_ago_do_not_count(nodes: Nodes) -> None:
    await nodes.fail(2)
    await nodes.later(WINDOW_MS + 1)
    await nodes.fail(2)
    assert await nodes.asked_anew()


async def test_other_tenants_kinds_and_vendors_are_not_touched(nodes: Nodes) -> None:
    await nodes.fail(3)
    process = nodes.start()
    assert await process.allows("llm", "anthropic")
    assert await process.allows("tts", "openai")
    assert await nodes._started[-1].of(uuid4()).allows("llm", "openai")


async def test_after_half_a_minute_one_may_try_and_its_success_closes_it(nodes: Nodes) -> None:
    await nodes.fail(3)
    await nodes.later(OPEN_MS + 1)
    tries = nodes.start()
    assert await tries.allows("llm", "openai")
    assert not await tries.allows("llm", "openai"), "another call of the same process"
    assert not await nodes.asked_anew()
    tries.succeeded("llm", "openai")
    await nodes.settled()
    assert await tries.allows("llm", "openai")
    assert await nodes.asked_anew()
    assert not await nodes.client.exists(nodes.key)


async def test_a_try_that_fails_opens_it_again(nodes: Nodes) -> None:
    await nodes.fail(3)
    await nodes.later(OPEN_MS + 1)
    tries = nodes.start()
    assert await tries.allows("llm", "openai")
    tries.failed("llm", "openai")
    await nodes.settled()
    assert not await nodes.asked_anew()
    await nodes.later(OPEN_MS + 1)
    assert await nodes.asked_anew()


async def test_a_try_that_nobody_hears_of_again_is_given_to_the_next(nodes: Nodes) -> None:
    await nodes.fail(3)
    await nodes.later(OPEN_MS + 1)
    assert await nodes.asked_anew()
    await nodes.later(OPEN_MS + 1)
    assert await nodes.asked_anew()


async def test_an_answer_is_believed_for_a_moment_without_asking(nodes: Nodes) -> None:
    process = nodes.start()
    assert await process.allows("llm", "openai")
    asked: list[str] = []
    nodes._started[-1]._ask = lambda **_: asked.append("asked")  # type: ignore[assignment]
    assert [await process.allows("llm", "openai") for _ in range(100)] == [True] * 100
    assert asked == []


async def test_its_own_third_failure_is_known_at_once(nodes: Nodes) -> None:
    process = nodes.start()
    assert await process.allows("llm", "openai")
    for _ in range(3):
        process.failed("llm", "openai")
    await nodes.settled()
    assert not await process.allows("llm", "openai")


async def test_what_runs_on_the_node_is_always_allowed(nodes: Nodes) -> None:
    process = nodes.start()
    for _ in range(5):
        process.failed("tts", "flite")
    await nodes.settled()
    assert await process.allows("tts", "flite")


async def test_while_valkey_is_away_everything_is_allowed(unused_tcp_port: int) -> None:
    breakers = Breakers(f"redis://127.0.0.1:{unused_tcp_port}/0")
    breaker = breakers.of(uuid4())
    for _ in range(5):
        breaker.failed("llm", "openai")
    assert await breaker.allows("llm", "openai")
    breaker.succeeded("llm", "openai")
    await breakers.close()


async def test_a_valkey_that_does_not_answer_is_not_waited_for(unused_tcp_port: int) -> None:
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", unused_tcp_port)
    breakers = Breakers(f"redis://127.0.0.1:{unused_tcp_port}/0")
    async with asyncio.timeout(30):
        assert await breakers.of(uuid4()).allows("llm", "openai")
        await breakers.close()
    silent.close()
