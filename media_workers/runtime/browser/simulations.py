"""Cases of test suites over text, played beside the browser calls: they have no audio, and mostly wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from media_workers.contract.requests import KnowledgeAnswer
from media_workers.contract.simulation import SimulationPlan, SimulationReport
from media_workers.conversation.backoffice import NOBODY, BackofficeError
from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.waiting import Backoff, cancelled
from media_workers.simulation.play import simulate

AT_ONCE = 8
"""Of a process: callers come first."""

TELL_TRIES = 12
"""Of a result: about a minute. Then the control plane has given the case up, and asks another node."""


class Simulations:
    """Event loop only."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._claiming = 0

    @property
    def busy(self) -> bool:
        """A case is being played, or its result is on the way."""
        return bool(self._tasks or self._claiming)

    @property
    def full(self) -> bool:
        return len(self._tasks) + self._claiming >= AT_ONCE

    async def take(self, control: ControlPlane, ticket: str) -> bool:
        """Begins the case that `ticket` is good for; False when it is good for none. Raises
        `ControlPlaneDown`."""
        self._claiming += 1
        try:
            plan = await control.simulation(ticket)
        finally:
            self._claiming -= 1
        if plan is None:
            return False
        task = asyncio.create_task(_run(control, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def close(self) -> None:
        """What is not over is left to another node."""
        await cancelled(*self._tasks)


async def _run(control: ControlPlane, plan: SimulationPlan) -> None:
    async def look_up(query: str, limit: int, bases: Sequence[str]) -> KnowledgeAnswer:
        try:
            return await control.look_up(plan.id, query, limit, bases)
        except (ControlPlaneDown, ControlPlaneRefused) as error:
            raise BackofficeError(NOBODY) from error

    result = await simulate(plan, look_up=look_up)
    report = SimulationReport(node=control.node, attempt=plan.attempt, result=result)
    backoff = Backoff(0.2, 10.0)
    for _ in range(TELL_TRIES):
        try:
            await control.simulated(plan.id, report)
            return
        except ControlPlaneDown as error:
            logs.get().warning("simulation_not_told", error=str(error)[:300])
            await asyncio.sleep(backoff.delay())
        except ControlPlaneRefused as refusal:
            logs.get().error("simulation_refused", error=str(refusal)[:300])
            return
