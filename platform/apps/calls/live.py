"""Live updates of calls to whoever watches: a view only, never the truth.

Each update goes to two groups of the channel layer: all calls of the tenant, and the one call.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
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
TOLD_AT_ONCE = 50
"""New calls in one message: some hundred kilobytes at most."""

WAITING = 10_000
"""Messages that may wait for Redis in one process."""


Updates = dict[str, list[dict[str, Any]]]
"""Messages by group."""


def send_after_commit(updates: Updates) -> None:
    """Sends what the sockets of these groups are to hear, once the transaction is committed."""
    transaction.on_commit(lambda: _publisher(os.getpid()).publish(updates), robust=True)


def tenant_group(tenant_id: UUID) -> str:
    """The group that hears of every call of a tenant."""
    return f"calls.tenant.{tenant_id.hex}"


def call_group(call_id: UUID) -> str:
    """The group that hears of one call."""
    return f"calls.call.{call_id.hex}"


_show: list[Callable[[Sequence[Call]], list[dict[str, Any]]]] = []


def show_items_with(show: Callable[[Sequence[Call]], list[dict[str, Any]]]) -> None:
    """How the API shows calls in a list: told by the app's configuration, since we lie below the API."""
    _show[:] = [show]


def publish_after_commit(call: Call, events: Sequence[tuple[CallEvent, str]] = ()) -> None:
    """Tells the watchers of `call` its state, or these events each with the state it led to.

    Sent once the transaction is committed.

    A Redis that is down is logged and forgotten: watchers read the call again when they reconnect.
    """
    if events:
        told = [
            event_message(call.public_id, e.seq, e.at, state, e.body.model_dump(mode="json"))
            for e, state in events
        ]
        updates = {tenant_group(call.tenant_id): told, call_group(call.id): told}
    else:
        state = _state_message(call)
        (show,) = _show
        updates = {
            tenant_group(call.tenant_id): [state | {"item": show([call])[0]}],
            call_group(call.id): [state],
        }
    send_after_commit(updates)


def publish_new_after_commit(calls: Sequence[Call]) -> None:
    """Tells the watchers of the tenant of calls that were just written, all of one tenant. Nobody can watch
    one of them by itself before the commit."""
    (show,) = _show
    for first in range(0, len(calls), TOLD_AT_ONCE):
        batch = calls[first : first + TOLD_AT_ONCE]
        items = zip(batch, show(batch), strict=True)
        told = [_state_message(call) | {"item": item} for call, item in items]
        send_after_commit({tenant_group(batch[0].tenant_id): told})


def event_message(call: str, seq: int, at: datetime, state: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a watcher is told of an event of the call with this public id."""
    head = {"type": "event", "call": call, "seq": seq, "at": at.isoformat(), "state": state}
    return head | {"event": body}


def _state_message(call: Call) -> dict[str, Any]:
    end = {"end_reason": call.end_reason or None}
    return {"type": "state", "call": call.public_id, "seq": call.last_seq, "state": call.state} | end


class _Publisher:
    """A thread with an event loop of its own that hands messages to the channel layer, in order.

    Nobody waits for it: a Redis that hangs costs the requests nothing, only the watchers see less.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._queue: asyncio.Queue[Updates] = asyncio.Queue(WAITING)
        threading.Thread(target=self._run, name="live updates", daemon=True).start()

    def publish(self, updates: Updates) -> None:
        self._loop.call_soon_threadsafe(self._put, updates)

    def _put(self, updates: Updates) -> None:
        try:
            self._queue.put_nowait(updates)
        except asyncio.QueueFull:
            log.warning("live_update_lost", error="too many wait")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        while True:
            updates = await self._queue.get()
            try:
                async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                    await _send(updates)
            except Exception as error:
                log.warning("live_update_lost", error=type(error).__name__)


async def _send(updates: Updates) -> None:
    layer = get_channel_layer()
    for group, messages in updates.items():
        await layer.group_send(group, {"type": "calls.update", "group": group, "messages": messages})


@cache
def _publisher(process: int) -> _Publisher:
    """One per process: threads do not survive a fork."""
    return _Publisher()
