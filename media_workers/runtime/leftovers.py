"""What dead lines left on disk, delivered by the supervisor."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlane
from media_workers.runtime.delivery import deliver_leftover
from media_workers.runtime.spool import NodeSpool
from media_workers.runtime.waiting import cancelled

AT_ONCE = 4
"""So that one call that cannot be delivered does not hold up the others."""


class Leftovers:
    """Delivers everything in the leftover folder. `look` when something was put there."""

    def __init__(self, control: ControlPlane, spools: NodeSpool) -> None:
        self._control = control
        self._spools = spools
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def waiting(self) -> tuple[UUID, ...]:
        """The calls that are not told of in full."""
        return tuple(self._tasks)

    def look(self) -> None:
        """Starts to deliver what is new."""
        for call_id in self._spools.leftovers():
            if call_id not in self._tasks:
                task = asyncio.create_task(self._deliver(call_id))
                self._tasks[call_id] = task
                task.add_done_callback(partial(self._done, call_id))

    async def finish(self, limit_s: float) -> None:
        """A last while for what is on its way; the rest stays on disk."""
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=limit_s)
        await cancelled(*tasks)

    def _done(self, call_id: UUID, _: asyncio.Task[None]) -> None:
        self._tasks.pop(call_id, None)

    async def _deliver(self, call_id: UUID) -> None:
        async with self._slots:
            try:
                await deliver_leftover(self._control, self._spools, call_id)
            except Exception:
                # A damaged file must not be tried again in a tight loop: next time the node starts.
                logs.get().exception("leftover_failed", call_id=str(call_id))
