"""The calls of a process: taken, carried, told what to do, ended."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from media_workers.contract.calls import CallCommand, CallPlan, Rejection
from media_workers.runtime import admission, logs
from media_workers.runtime.call import CallRun, CallTools
from media_workers.runtime.delivery import deliver
from media_workers.runtime.forwarding import ForwardedRun
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.outcomes import Outcome
from media_workers.runtime.places import Places
from media_workers.runtime.reporting import CallReporter
from media_workers.runtime.spool import CallSpool
from media_workers.runtime.telephone import InboundRun, OutboundRun
from media_workers.runtime.waiting import cancelled
from media_workers.sip.types import Invite, Leg, Line


class CallDesk:
    """The calls of any process. Event loop only.

    A call is `carried` until its leg has ended and its last event is written; what it still has to
    deliver then holds no place and is `delivering`.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_change = on_change
        self._tools: CallTools | None = None
        self._places: Places | None = None
        self.line: Line | None = None
        """Where calls are placed; to be set before any is taken."""
        self._draining = False
        self._stopping: Outcome | None = None
        self._runs: dict[UUID, CallRun] = {}
        self._carrying: set[asyncio.Task[None]] = set()
        self._deliveries: dict[UUID, asyncio.Task[None]] = {}
        self._log = logs.get()

    def open(self, tools: CallTools, places: Places) -> None:
        """From now on calls are taken."""
        self._tools, self._places = tools, places

    @property
    def draining(self) -> bool:
        """No new calls are taken."""
        return self._draining

    @property
    def carried(self) -> tuple[UUID, ...]:
        """The calls in progress."""
        return tuple(self._runs)

    @property
    def delivering(self) -> tuple[UUID, ...]:
        """The calls that are over but not told of in full."""
        return tuple(self._deliveries)

    # --- calls in and out -------------------------------------------------------------------------

    def take(self, run: CallRun) -> None:
        """Carries a claimed call, for which a place has been taken."""
        self._carry(self._run(run))

    def _carry(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._carrying.add(task)
        task.add_done_callback(self._carried)
        self._on_change()

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._carrying.discard(task)
        if self._places is not None:
            self._places.give()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("call_lost", exc_info=error)
        self._on_change()

    async def _run(self, run: CallRun) -> None:
        call_id = run.plan.call_id
        self._runs[call_id] = run
        self._on_change()
        if self._stopping is not None:
            run.stop(self._stopping)
        try:
            await run.run()
        finally:
            self._runs.pop(call_id, None)
            self._hand_over(call_id, run.deliver())

    def _hand_over(self, call_id: UUID, delivery: Coroutine[Any, Any, None]) -> None:
        self._deliveries[call_id] = task = asyncio.create_task(delivery)
        task.add_done_callback(lambda _: self._delivered(call_id))

    def _delivered(self, call_id: UUID) -> None:
        task = self._deliveries.pop(call_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("delivery_failed", call_id=str(call_id), exc_info=error)
        self._on_change()

    # --- from outside -----------------------------------------------------------------------------

    def command(self, command: CallCommand) -> None:
        """For one call, which may be on another line."""
        if run := self._runs.get(command.call_id):
            run.command(command)

    def give_up(self, ids: tuple[UUID, ...], outcome: Outcome) -> None:
        """Ends these calls."""
        for call_id in ids:
            if run := self._runs.get(call_id):
                run.stop(outcome)

    def stop_all(self, outcome: Outcome) -> None:
        """Ends all calls, and those to come of what is being decided about now."""
        self._draining = True
        self._stopping = outcome
        self.give_up(self.carried, outcome)

    def drain(self) -> None:
        """No new calls."""
        self._draining = True

    async def finished(self) -> None:
        """Returns when no call is carried."""
        while self._carrying:
            await asyncio.wait(self._carrying)

    async def delivered(self) -> None:
        """Returns when the control plane has everything of the calls that are over."""
        while self._deliveries:
            await asyncio.wait(self._deliveries.values())

    async def abandon(self) -> None:
        """Gives up what is left. What was written stays on disk."""
        await cancelled(*self._carrying)
        await cancelled(*self._deliveries.values())


class LineDesk(CallDesk):
    """The calls of a telephone line. Implements `sip.types.LineHandler`: `on_invite` runs on SIP's
    owner thread."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        super().__init__(on_change)
        # SIP's thread has none of its own: the log's node and line are in it.
        self._context = contextvars.copy_context()

    # --- SIP's owner thread -----------------------------------------------------------------------

    def on_invite(self, leg: Leg, invite: Invite) -> LegPort:
        port = LegPort(self._loop)
        if self._draining or self._tools is None:
            admission.reject(leg, admission.DRAINING)
        else:
            leg.ring()
            self._loop.call_soon_threadsafe(self._receive, leg, port, invite, context=self._context)
        return port

    # --- loop -------------------------------------------------------------------------------------

    def _receive(self, leg: Leg, port: LegPort, invite: Invite) -> None:
        assert self._tools is not None and self._places is not None, "open"  # noqa: S101, PT018
        if self._draining:
            admission.reject(leg, admission.DRAINING)
        elif not self._places.take():
            admission.reject(leg, admission.BUSY)
        else:
            self._carry(self._inbound(self._tools, leg, port, invite))

    async def _inbound(self, tools: CallTools, leg: Leg, port: LegPort, invite: Invite) -> None:
        call = admission.describe(
            invite, node=tools.control.node, line=tools.index, sip_domain=tools.sip_domain
        )
        decision = await admission.ask(tools.control, call)
        if isinstance(decision, CallPlan):
            # A caller who gave up meanwhile is carried too: the control plane has admitted the call
            # and must hear of its end.
            await self._run(self._inbound_run(decision, tools, leg, port))
        else:
            await self._refuse(tools, leg, port, invite, decision)

    async def _refuse(
        self, tools: CallTools, leg: Leg, port: LegPort, invite: Invite, rejection: Rejection
    ) -> None:
        """Turns the call away; what was said is reported when the call is stored."""
        if rejection.call_id is None:
            await admission.turn_away(leg, port, invite, rejection)
            return
        spool = CallSpool(tools.spool, rejection.call_id)
        report = CallReporter(spool, tools.control.events, tools.control.node)
        port.report_to(report.emit)
        try:
            await admission.turn_away(leg, port, invite, rejection)
        finally:
            self._hand_over(rejection.call_id, deliver(tools.control, spool, report, None))

    def _inbound_run(self, plan: CallPlan, tools: CallTools, leg: Leg, port: LegPort) -> InboundRun:
        if plan.agent is not None or plan.forward is None:
            return InboundRun(plan, tools, leg, port)
        return ForwardedRun(plan, tools, leg, port)

    def dial(self, plan: CallPlan, line: Line) -> None:
        """Has `line` dial a claimed call, for which a place has been taken."""
        assert self._tools is not None, "open"  # noqa: S101
        self.take(OutboundRun(plan, self._tools, line))
