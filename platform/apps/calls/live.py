"""Live updates of calls to whoever watches: a view only, never the truth.

Each update goes to two groups of the channel layer: all calls of the tenant, and the one call.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from django.db import transaction

from apps.calls.models import Call
from media_workers.contract.events import CallEvent

log = structlog.get_logger(__name__)

PUBLISH_TIMEOUT_S = 1.0
WAITING = 10_000
"""Messages that may wait for Redis in one process."""


def tenant_group(tenant_id: UUID) -> str:
    """The group that hears of every call of a tenant."""
    return f"calls.tenant.{tenant_id.hex}"


def call_group(call_id: UUID) -> str:
    """The group that hears of one call."""
    return f"calls.call.{call_id.hex}"


def publish_after_commit(call: Call, events: Sequence[tuple[CallEvent, str]] = ()) -> None:
    """Tells the watchers of `call` its state, or these events each with the state it led to.

    Sent once the transaction is committed.

    A Redis that is down is logged and forgotten: watchers read the call again when they reconnect.
    """
    message = {"type": "calls.update", "messages": _messages(call, events)}
    groups = [tenant_group(call.tenant_id), call_group(call.id)]
    transaction.on_commit(lambda: _publisher(os.getpid()).publish(groups, message), robust=True)


def _messages(call: Call, events: Sequence[tuple[CallEvent, str]]) -> list[dict[str, Any]]:
    head: dict[str, Any] = {"call": call.public_id}
    if not events:
        end = {"end_reason": call.end_reason or None}
        return [head | {"type": "state", "seq": call.last_seq, "state": call.state} | end]
    return [
        head
        | {"type": "event", "seq": event.seq, "at": event.at.isoformat(), "state": state}
        | {"event": event.body.model_dump(mode="json")}
        for event, state in events
    ]


class _Publisher:
    """A thread with an event loop of its own that hands messages to the channel layer, in order.

    Nobody waits for it: a Redis that hangs costs the requests nothing, only the watchers see less.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._queue: asyncio.Queue[tuple[list[str], dict[str, Any]]] = asyncio.Queue(WAITING)
        threading.Thread(target=self._run, name="live updates", daemon=True).start()

    def publish(self, groups: list[str], message: dict[str, Any]) -> None:
        self._loop.call_soon_threadsafe(self._put, groups, message)

    def _put(self, groups: list[str], message: dict[str, Any]) -> None:
        try:
            self._queue.put_nowait((groups, message))
        except asyncio.QueueFull:
            log.warning("live_update_lost", error="too many wait")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        while True:
            groups, message = await self._queue.get()
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await _send(groups, message)
            except Exception as error:
                log.warning("live_update_lost", error=type(error).__name__)


async def _send(groups: list[str], message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, message)


@cache
def _publisher(process: int) -> _Publisher:
    """One per process: threads do not survive a fork."""
    return _Publisher()
