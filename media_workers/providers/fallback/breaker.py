"""Whether a vendor is worth asking, as all calls of a tenant on all nodes have found out.

Valkey keeps a hash per tenant, kind and vendor: `failures` since `since_ms`, and while the breaker is
open `opened_ms` and, once somebody tries, `tried_ms`. Its time is Valkey's, so that nodes need not
agree on theirs. While Valkey is away every breaker is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from typing import Any, cast
from uuid import UUID

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from media_workers.contract.vendors import LOCAL, Kind

logger = logging.getLogger(__name__)

FAILURES = 3
WINDOW_MS = 60_000
"""So many failures in this time open it."""

OPEN_MS = 30_000
"""For so long nobody asks; then one call may try, and nobody else for as long again or until it has."""

REMEMBERED_S = 1.0
"""How long an answer of Valkey is believed without asking again."""

ASK_LIMIT_S = 0.15
"""A call waits for this answer: no longer than a caller would not notice."""

KEY = "trunkline:breaker:{tenant}:{kind}:{vendor}"

_CLOSED, _OPEN, _TRY = 0, 1, 2

_NOW = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

_ASK = (
    _NOW
    + """
local opened = tonumber(redis.call('HGET', KEYS[1], 'opened_ms'))
if not opened then return 0 end
if now < opened + tonumber(ARGV[1]) then return 1 end
local tried = tonumber(redis.call('HGET', KEYS[1], 'tried_ms'))
if tried and now < tried + tonumber(ARGV[1]) then return 1 end
redis.call('HSET', KEYS[1], 'tried_ms', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 2
"""
)
_FAILED = (
    _NOW
    + """
local since = tonumber(redis.call('HGET', KEYS[1], 'since_ms'))
if not since or now > since + tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'since_ms', now, 'failures', 0)
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local tried = redis.call('HDEL', KEYS[1], 'tried_ms')
if failures >= tonumber(ARGV[3]) or tried == 1 then
  redis.call('HSET', KEYS[1], 'opened_ms', now)
end
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + tonumber(ARGV[2]))
return redis.call('HEXISTS', KEYS[1], 'opened_ms')
"""
)


class Breakers:
    """All breakers of a process. Event loop only; the client connects when first used."""

    def __init__(self, redis_url: str, *, ask_limit_s: float = ASK_LIMIT_S) -> None:
        never = Retry(NoBackoff(), 0)
        self._client = redis.from_url(
            redis_url, socket_timeout=ask_limit_s, socket_connect_timeout=ask_limit_s, retry=never
        )
        self._limit_s = ask_limit_s
        self._ask = self._client.register_script(_ASK)
        self._failed = self._client.register_script(_FAILED)
        self._known: dict[str, tuple[float, bool]] = {}
        self._trying: set[str] = set()
        self._writes: set[asyncio.Task[None]] = set()

    def of(self, tenant: UUID) -> TenantBreaker:
        return TenantBreaker(self, tenant)

    async def allows(self, key: str) -> bool:
        now = asyncio.get_running_loop().time()
        until, allowed = self._known.get(key, (0.0, True))
        if now < until:
            return allowed
        state = await self._answer(self._ask(keys=[key], args=[OPEN_MS, WINDOW_MS + OPEN_MS]))
        if state == _TRY:
            self._trying.add(key)
        # Also of a try: who asks next in this process does not get another one.
        self._know(key, state in (None, _CLOSED))
        return state != _OPEN

    def failed(self, key: str) -> None:
        self._trying.discard(key)
        self._write(self._note_failure(key))

    def succeeded(self, key: str) -> None:
        """Only of a try there is something to write: the failures of a closed one are forgotten by age."""
        if key in self._trying:
            self._trying.discard(key)
            self._know(key, True)
            self._write(self._forget(key))

    async def written(self) -> None:
        """Returns when what has been told so far is with Valkey, or was given up."""
        while self._writes:
            await asyncio.wait(set(self._writes))

    async def close(self) -> None:
        await self.written()
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def _note_failure(self, key: str) -> None:
        opened = await self._answer(self._failed(keys=[key], args=[OPEN_MS, WINDOW_MS, FAILURES]))
        if opened:
            self._know(key, False)

    async def _forget(self, key: str) -> None:
        await self._answer(cast(Awaitable[Any], self._client.delete(key)))

    async def _answer(self, asked: Awaitable[Any]) -> int | None:
        """None: Valkey is away, or too slow to be waited for."""
        try:
            async with asyncio.timeout(self._limit_s):
                return int(await asked)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("the breakers cannot be asked: %s", type(error).__name__)
            return None

    def _know(self, key: str, allowed: bool) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._known) > 10_000:
            self._known = {k: v for k, v in self._known.items() if v[0] > now}
        self._known[key] = now + REMEMBERED_S, allowed

    def _write(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)


class TenantBreaker:
    """Those of one tenant; implements `chain.Breaker`. What runs on the node itself has none."""

    def __init__(self, breakers: Breakers, tenant: UUID) -> None:
        self._breakers = breakers
        self._tenant = tenant

    async def allows(self, kind: Kind, vendor: str) -> bool:
        return vendor in LOCAL or await self._breakers.allows(self._key(kind, vendor))

    def failed(self, kind: Kind, vendor: str) -> None:
        if vendor not in LOCAL:
            self._breakers.failed(self._key(kind, vendor))

    def succeeded(self, kind: Kind, vendor: str) -> None:
        if vendor not in LOCAL:
            self._breakers.succeeded(self._key(kind, vendor))

    def _key(self, kind: Kind, vendor: str) -> str:
        return KEY.format(tenant=self._tenant, kind=kind, vendor=vendor)
