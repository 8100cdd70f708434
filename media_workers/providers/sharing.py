"""What the calls of one event loop share: connection pools, helper processes.

Each belongs to the loop that made it, because sockets and pipes do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Protocol, TypeVar, runtime_checkable
from weakref import WeakKeyDictionary

T = TypeVar("T")

UNUSED_S = 5 * 3600.0
"""What has not been asked for in so long, no call has any more: none lasts longer than four hours. Keys and
addresses come and go, and each keeps connections."""

log = logging.getLogger(__name__)
clock = time.monotonic

_held: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, Any]] = WeakKeyDictionary()
_asked: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, float]] = WeakKeyDictionary()
_closing: set[asyncio.Task[None]] = set()


@runtime_checkable
class _Closable(Protocol):
    def close(self) -> Awaitable[None]: ...


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """The running loop's object for `key`, made at its first use. Every call asks for it anew; what none
    has asked for in `UNUSED_S` is closed."""
    loop = asyncio.get_running_loop()
    objects, asked = _held.setdefault(loop, {}), _asked.setdefault(loop, {})
    if key not in objects:
        _forget_unused(loop, objects, asked)
        objects[key] = make()
    asked[key] = clock()
    found: T = objects[key]
    return found


def _forget_unused(
    loop: asyncio.AbstractEventLoop, objects: dict[Hashable, Any], asked: dict[Hashable, float]
) -> None:
    since = clock() - UNUSED_S
    for key in [key for key, at in asked.items() if at < since]:
        del asked[key]
        if isinstance(item := objects.pop(key, None), _Closable):
            task = loop.create_task(_close(item))
            _closing.add(task)
            task.add_done_callback(_closing.discard)


async def _close(item: _Closable) -> None:
    try:
        await item.close()
    except Exception as error:
        log.warning("what calls shared did not close cleanly: %s", type(error).__name__)


async def close() -> None:
    """Close and forget everything the running loop shares. What is asked for next is made anew."""
    _asked.pop(asyncio.get_running_loop(), None)
    for item in _held.pop(asyncio.get_running_loop(), {}).values():
        if isinstance(item, _Closable):
            await item.close()
