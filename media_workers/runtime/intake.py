"""Outbound work: jobs from the Redis stream, taken only when the line has room, then claimed.

A job is no more than a hint that a call waits: the claim over HTTP decides who carries it. An entry
leaves the stream once its claim was answered, whatever the answer. Should this process die in
between, `XAUTOCLAIM` hands the entry to any line that looks after `ABANDONED_MS`; should Redis lose
everything, the control plane's reconciler enqueues the call again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import redis.asyncio as redis
from pydantic import ValidationError
from redis.exceptions import RedisError, ResponseError

from media_workers.contract.calls import JOB_GROUP, JOB_STREAM, CallJob, CallPlan
from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.places import Places
from media_workers.runtime.waiting import Backoff

BLOCK_MS = 1_000
ABANDONED_MS = 30_000
LOOK_FOR_ABANDONED_S = 15.0

Entry = tuple[bytes, dict[bytes, bytes]]


class Intake:
    """Takes jobs for one line. `start` receives a claimed plan together with the place taken for it."""

    def __init__(
        self,
        client: redis.Redis,
        control: ControlPlane,
        *,
        line: int,
        places: Places,
        start: Callable[[CallPlan], None],
    ) -> None:
        self._redis = client
        self._control = control
        self._line = line
        self._places = places
        self._start = start
        self._consumer = f"{control.node}:{line}"
        self._stopping = False
        self.stopped = asyncio.Event()
        self._looked_at = 0.0
        self._away = False
        self._log = logs.get()

    def stop(self) -> None:
        """No job is taken any more. `stopped` is set once the last look at the stream is over, at most
        `BLOCK_MS` later, and a claim that was asked for is answered."""
        self._stopping = True

    async def run(self) -> None:
        """Until `stop`. Redis away, flushed or without the group: tries again."""
        backoff = Backoff(0.2, 5.0)
        try:
            async with asyncio.TaskGroup() as claims:
                while not self._stopping:
                    await self._step(backoff, claims)
        finally:
            self.stopped.set()

    async def _step(self, backoff: Backoff, claims: asyncio.TaskGroup) -> None:
        if not self._places.free:
            await self._places.wait_free()
            return
        try:
            if entry := await self._next_entry():
                await self._work(entry, claims)
            backoff.reset()
            self._away = False
        except (RedisError, OSError) as error:
            await self._recover(error, backoff)

    async def _recover(self, error: Exception, backoff: Backoff) -> None:
        if isinstance(error, ResponseError) and "NOGROUP" in str(error):
            try:
                await self._create_group()
                return
            except (RedisError, OSError) as again:
                error = again
        if not self._away:
            self._log.warning("jobs_unavailable", error=str(error))
        self._away = True
        await asyncio.sleep(backoff.delay())

    async def _create_group(self) -> None:
        """From the beginning of the stream: a job enqueued before the group existed counts too."""
        try:
            await self._redis.xgroup_create(JOB_STREAM, JOB_GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _next_entry(self) -> Entry | None:
        if time.monotonic() - self._looked_at > LOOK_FOR_ABANDONED_S:
            self._looked_at = time.monotonic()
            if entry := await self._abandoned():
                self._looked_at = 0.0  # there may be more
                return entry
        answer: Any = await self._redis.xreadgroup(
            JOB_GROUP, self._consumer, {JOB_STREAM: ">"}, count=1, block=BLOCK_MS
        )
        return answer[0][1][0] if answer else None

    async def _abandoned(self) -> Entry | None:
        answer: Any = await self._redis.xautoclaim(
            JOB_STREAM, JOB_GROUP, self._consumer, min_idle_time=ABANDONED_MS, count=1
        )
        return answer[1][0] if answer[1] else None

    async def _work(self, entry: Entry, claims: asyncio.TaskGroup) -> None:
        """Claims the entry's call as soon as there is room, beside the claims that are still being answered:
        the control plane may ask a tenant's server first, which others need not wait for."""
        entry_id, fields = entry
        try:
            job = CallJob.model_validate_json(fields.get(b"job", b""))
        except ValidationError as error:
            self._log.error("bad_job", entry=entry_id.decode(), error=str(error))
            await self._forget(entry_id)
            return
        # An inbound call may have come in meanwhile, on a node with a single line.
        while not self._places.take_free():
            await self._places.wait_free()
            if self._stopping:
                return  # left for another line
        claims.create_task(self._take(entry_id, job.call_id))

    async def _take(self, entry_id: bytes, call_id: UUID) -> None:
        answered, plan = False, None
        try:
            answered, plan = await self._claim(call_id)
        finally:
            if plan is None:
                self._places.give()
        if plan is not None:
            self._start(plan)
        if answered:
            await self._forget(entry_id)

    async def _claim(self, call_id: UUID) -> tuple[bool, CallPlan | None]:
        """Whether the control plane answered, and with what. Keeps asking while it is away."""
        backoff = Backoff(0.5, 5.0)
        while not self._stopping:
            try:
                return True, await self._control.claim(call_id, self._line)
            except ControlPlaneDown as error:
                self._log.warning("claim_delayed", call_id=str(call_id), error=str(error))
            except ControlPlaneRefused as error:
                self._log.error("claim_refused", call_id=str(call_id), error=str(error))
                return True, None
            await asyncio.sleep(backoff.delay())
        return False, None

    async def _forget(self, entry_id: bytes) -> None:
        """The entry has done its work. Failing to say so only means another claim, answered 409."""
        try:
            await self._redis.xack(JOB_STREAM, JOB_GROUP, entry_id)
            await self._redis.xdel(JOB_STREAM, entry_id)
        except (RedisError, OSError) as error:
            self._log.warning("job_not_acknowledged", error=str(error))
