"""A line that asks the control plane about every call, as a node does, and echoes those that it admits.

Until its standard input closes. Prints its port. Arguments as of `echo_line`; the environment names the
control plane (CONTROL_URL, NODE_NAME, NODE_TOKEN).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from media_workers.contract.calls import CallPlan
from media_workers.contract.events import Answered, CallEvent, Ended, EndReason, EventBatch
from media_workers.runtime import admission, logs
from media_workers.runtime.control import ControlPlane, ControlPlaneDown
from media_workers.sip.types import Invite, Leg, LegEnd
from tests.bench.echo_line import Echo, serve

AGAIN_S = 0.5


class Asked(Echo):
    """Echoes, and tells when the leg is over."""

    def __init__(self, over: Callable[[], object]) -> None:
        super().__init__()
        self._over = over

    def on_ended(self, end: LegEnd) -> None:
        self._over()


class Deciding:
    """Rings, asks, answers; reports the end of what it answered."""

    def __init__(self, control: ControlPlane, loop: asyncio.AbstractEventLoop, index: int) -> None:
        self._control, self._loop, self._index = control, loop, index
        self._tasks: set[asyncio.Task[None]] = set()

    def on_invite(self, leg: Leg, invite: Invite) -> Asked:
        leg.ring()
        over = asyncio.Event()
        self._loop.call_soon_threadsafe(self._start, leg, invite, over)
        return Asked(lambda: self._loop.call_soon_threadsafe(over.set))

    def _start(self, leg: Leg, invite: Invite, over: asyncio.Event) -> None:
        task = asyncio.create_task(self._carry(leg, invite, over))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, leg: Leg, invite: Invite, over: asyncio.Event) -> None:
        call = admission.describe(invite, node=self._control.node, line=self._index, sip_domain="sip.test")
        decision = await admission.ask(self._control, call)
        if not isinstance(decision, CallPlan):
            admission.reject(leg, decision)
            return
        leg.answer()
        answered = datetime.now(UTC)
        await over.wait()
        ended = Ended(reason=EndReason.CALLER_HUNG_UP, sip_code=200)
        events = [
            CallEvent(seq=1, at=answered, body=Answered(codec="PCMU")),
            CallEvent(seq=2, at=datetime.now(UTC), body=ended),
        ]
        await self._report(EventBatch(call_id=decision.call_id, node=self._control.node, events=events))

    async def _report(self, batch: EventBatch) -> None:
        while True:
            try:
                await self._control.events(batch)
            except ControlPlaneDown:
                await asyncio.sleep(AGAIN_S)
            else:
                return


async def main() -> None:
    logs.configure()
    index = int(sys.argv[1]) // 100
    loop = asyncio.get_running_loop()
    env = os.environ
    async with ControlPlane(env["CONTROL_URL"], env["NODE_NAME"], env["NODE_TOKEN"]) as control:
        handler = Deciding(control, loop, index)
        await asyncio.to_thread(serve, handler)


if __name__ == "__main__":
    asyncio.run(main())
