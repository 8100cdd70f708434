"""Who watches what, in one process: an update is heard and written once, however many watch.

Channels would hand each consumer its own copy to unpack, in a task of its own, with a look at the
database connections in a thread; a thousand watchers of a call center's wall would wait for seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer


@dataclass(frozen=True, slots=True)
class Update:
    """Messages to the watchers of a group, each also as the JSON text that is sent."""

    messages: list[dict[str, Any]]
    texts: list[str]


class Member(Protocol):
    """A socket that watches."""

    def on_update(self, update: Update) -> None:
        """Returns at once and raises nothing."""


class Hub:
    """The members of an event loop, behind one channel of the channel layer."""

    def __init__(self) -> None:
        self._members: dict[str, set[Member]] = {}
        self._changing = asyncio.Lock()
        self._channel = ""
        self._task: asyncio.Task[None] | None = None

    async def join(self, group: str, member: Member) -> None:
        """On return whatever is sent to the group is heard."""
        async with self._changing:
            layer = get_channel_layer()
            if self._task is None:
                self._channel = await layer.new_channel()
                self._task = asyncio.create_task(self._hand_on())
            members = self._members.setdefault(group, set())
            members.add(member)
            if len(members) == 1:
                await layer.group_add(group, self._channel)

    async def leave(self, group: str, member: Member) -> None:
        """The member hears of this group no longer."""
        async with self._changing:
            members = self._members.get(group, set())
            members.discard(member)
            if members or group not in self._members:
                return
            del self._members[group]
            await get_channel_layer().group_discard(group, self._channel)
            if not self._members and self._task is not None:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._task
                self._task = None

    async def _hand_on(self) -> None:
        layer = get_channel_layer()
        while True:
            told = await layer.receive(self._channel)
            update = Update(told["messages"], [json.dumps(message) for message in told["messages"]])
            for member in tuple(self._members.get(told["group"], ())):
                member.on_update(update)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
