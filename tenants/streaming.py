"""Answers that are made while they are sent."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import structlog
from asgiref.sync import sync_to_async
from django.core.cache import cache
from redis.exceptions import RedisError

from tenants.errors import Conflict

log = structlog.get_logger(__name__)

LEASE_S = 300
RENEW_S = 60


class ExportSlot:
    """A tenant's one export at a time: a lease in the cache, so that no broken download blocks the next
    for longer than `LEASE_S`. Without the cache nobody is refused."""

    def __init__(self, tenant_id: UUID) -> None:
        self._key = f"export:{tenant_id.hex}"
        self._mark = uuid4().hex
        self._renewed_at = time.monotonic()

    def take(self) -> None:
        """Conflict while another export of the tenant is being made."""
        try:
            free = cache.add(self._key, self._mark, timeout=LEASE_S)
        except RedisError as error:
            log.warning("export_without_cache", error=str(error))
            return
        if not free:
            raise Conflict(
                "An export of this tenant is being made already: wait for its download to end, or stop it "
                f"and try again {LEASE_S // 60} minutes later at most.",
                code="export_running",
            )

    async def holding(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """`pieces`; the slot is kept meanwhile, and given back at the end, whatever ends it."""
        try:
            async for piece in pieces:
                yield piece
                if time.monotonic() - self._renewed_at > RENEW_S:
                    await sync_to_async(self._renew)()
        finally:
            await sync_to_async(self._give_back)()

    def _renew(self) -> None:
        self._renewed_at = time.monotonic()
        try:
            cache.touch(self._key, LEASE_S)
        except RedisError as error:
            log.warning("export_without_cache", error=str(error))

    def _give_back(self) -> None:
        try:
            if cache.get(self._key) == self._mark:
                cache.delete(self._key)
        except RedisError as error:
            log.warning("export_without_cache", error=str(error))


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
