"""What the calls of one event loop share: connection pools, helper processes.

Each belongs to the loop that made it, because sockets and pipes do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Protocol, TypeVar, runtime_checkable
from weakref import WeakKeyDictionary

T = TypeVar("T")

_held: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, Any]] = WeakKeyDictionary()


@runtime_checkable
class _Closable(Protocol):
    def close(self) -> Awaitable[None]: ...


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """The running loop's object for `key`, made at its first use."""
    objects = _held.setdefault(asyncio.get_running_loop(), {})
    if key not in objects:
        objects[key] = make()
    found: T = objects[key]
    return found


async def close() -> None:
    """Close and forget everything the running loop shares. What is asked for next is made anew."""
    for item in _held.pop(asyncio.get_running_loop(), {}).values():
        if isinstance(item, _Closable):
            await item.close()
