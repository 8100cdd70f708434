"""An event loop whose clock jumps to the next thing that is due: half a minute in milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0 and moves only when nothing is left to do at the present moment. `steps`: how
    often the loop has gone round."""

    def __init__(self) -> None:
        self._now = 0.0
        self.steps = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds

    def now_ms(self) -> int:
        """A monotonic clock in ms that does not start at 0."""
        return 1_000_000 + round(self._now * 1000)


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self._loop.steps += 1
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen on this loop again")
        if not ready and timeout:
            self._loop.jump(timeout)
        return ready


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in virtual time. Fails when a task or a callback raised without anybody noticing."""
    loop = VirtualTimeLoop()
    unnoticed: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: unnoticed.append(context))
    try:
        result = loop.run_until_complete(main)
        left = asyncio.all_tasks(loop)
        assert not left, f"tasks left behind: {left}"
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
    assert not unnoticed, unnoticed
    return result
