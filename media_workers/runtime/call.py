"""One call of this process, from its plan to its last acknowledged event.

A `CallRun` has one exit: whatever happens, `_finish` tells how the call ended. What decides first
decides the reason (`stop`); an exception nobody expected ends the call as FAILED, in words.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from media_workers.audio.recorder import DiskWriter, Recorded, Recorder
from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallCommand, CallPlan, operator_channel
from media_workers.contract.events import END_REASON_WORDS, Ended, EndReason, EventBody, Trouble
from media_workers.conversation.secrecy import Secrecy
from media_workers.providers.fallback.breaker import Breakers
from media_workers.providers.tools.prefetch import prefetch
from media_workers.runtime import logs
from media_workers.runtime.backoffice import CallBackoffice
from media_workers.runtime.briefing import Briefing
from media_workers.runtime.capture import Captured, CaptureLimits, PacketFile
from media_workers.runtime.company import Company
from media_workers.runtime.control import ControlPlane
from media_workers.runtime.delivery import deliver
from media_workers.runtime.dialing import Connected, HangsUp, first
from media_workers.runtime.guests import Guests
from media_workers.runtime.hand_over import HandOvers
from media_workers.runtime.keypad import Keypad
from media_workers.runtime.leg_port import Ears, LegPort
from media_workers.runtime.listening import Broadcast, Tap
from media_workers.runtime.live_control import LiveControls
from media_workers.runtime.locate import Locator
from media_workers.runtime.money import Money
from media_workers.runtime.outcomes import CallOver, Outcome, connected_end
from media_workers.runtime.places import Places
from media_workers.runtime.reporting import CallReporter
from media_workers.runtime.spool import CallSpool
from media_workers.runtime.talk import Talk, now_ms
from media_workers.runtime.transfers import Transfers
from media_workers.runtime.waiting import cancelled
from media_workers.sip.types import LegEnd, Line

RETRY_AFTER_S = 10

TONE_FRAMES = 10
"""So much of a key's tone may have been heard before the key is known."""

OVERTIME_S = 90.0
"""The conversation ends a call at its maximum duration, with last words; this is when they have failed."""


@dataclass(frozen=True, slots=True)
class CallTools:
    """What the calls of a process share. `index`: the process's number in its node. `locator` is None
    where an edge looks names up. `line`, where there is one, calls those whom a caller is handed on to."""

    index: int
    control: ControlPlane
    vad: VadEngine
    disk: DiskWriter
    broadcast: Broadcast
    breakers: Breakers
    spool: Path
    sip_domain: str
    locator: Locator | None
    captures: CaptureLimits
    redis_url: str
    places: Places | None = None
    line: Line | None = None


FOR_ALL = (EndReason.MAX_DURATION, EndReason.MONEY_ENDED)
"""Ends of a conversation that end the call for everybody in it."""


class CallRun(ABC):
    """A call. `run` carries it; the other methods may be called at any time, on the loop."""

    def __init__(self, plan: CallPlan, tools: CallTools) -> None:
        self.plan = plan
        self._tools = tools
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[Outcome] = self._loop.create_future()
        self._spool = CallSpool(tools.spool, plan.call_id)
        self._report = CallReporter(self._spool, tools.control.events, tools.control.node)
        self._company: Company | None = None
        self._tap = Tap(plan.call_id, tools.broadcast)
        self._preparing: asyncio.Task[None] | None = None
        self._connected: Connected[HangsUp] | None = None
        self._transfers: Transfers | None = None
        self._controls: LiveControls | None = None
        self._given_up: asyncio.Future[Outcome] = self._loop.create_future()
        self._limit: asyncio.TimerHandle | None = None
        self._money = Money(lambda: self.stop(Outcome(EndReason.MONEY_ENDED)))
        self._recorded: Recorded | None = None
        self._capture: PacketFile | None = None
        self._captured: Captured | None = None
        self._over = False
        self._legs = 0
        self.secrecy = Secrecy()
        self._backoffice = CallBackoffice(tools.control, plan.call_id)
        self._log = logs.get().bind(call_id=str(plan.call_id), direction=plan.direction)

    # --- from outside -----------------------------------------------------------------------------

    def stop(self, outcome: Outcome) -> None:
        """Ends the call for this reason, unless it is ending already."""
        if not self._stopped.done():
            self._stopped.set_result(outcome)

    def command(self, command: CallCommand) -> None:
        """Something asked for from the API."""
        if command.action == "hang_up":
            self.stop(Outcome(EndReason.API_HUNG_UP, detail=command.reason))
        elif command.action == "paid_until":
            self._pay_until(command.paid_ms)
        elif self._controls is not None:
            self._controls.command(command)
        else:
            detail = f"The command {command.action} is not possible in this call."
            self._emit(Trouble(what="command_refused", component="runtime", detail=detail))

    async def run(self) -> None:
        """The call, until its leg has ended and its last event is on disk. Never raises."""
        self._log.info("call_started")
        outcome = Outcome(EndReason.FAILED)
        try:
            outcome = await self._carry()
        except CallOver as over:
            outcome = over.outcome
        except Exception as error:
            self._log.exception("call_failed")
            outcome = Outcome(EndReason.FAILED, detail=f"{type(error).__name__}: {error}")
        finally:
            self._recorded = await self._finish(outcome)

    async def deliver(self) -> None:
        """Hands over what is left, however long it takes: the call itself is over."""
        await deliver(self._tools.control, self._spool, self._report, self._recorded, self._captured)

    async def close(self) -> None:
        """Stops delivering; what is left stays on disk."""
        await self._report.close()

    # --- the call ---------------------------------------------------------------------------------

    async def _carry(self) -> Outcome:
        if self.plan.capture_rtp:
            self._start_capture()
        self._begin()
        await self._fetch_variables()
        return await self._converse()

    async def _fetch_variables(self) -> None:
        """What the texts and tools may name beside the agent's own variables. The caller hears ringing
        meanwhile, and nobody has been dialed yet."""
        plan = self.plan
        variables = {
            "from_number": plan.from_number,
            "to_number": plan.to_number,
            "direction": plan.direction,
            **plan.variables,
        }
        if plan.agent is not None and plan.agent.prefetch:
            self.secrecy.keep_secrets(plan.agent.secrets)
            asking = asyncio.create_task(prefetch(plan.agent, variables, public_only=not plan.allow_private))
            await first(asking, self._stopped)
            if not asking.done():
                await cancelled(asking)
                return
            fetched = asking.result()
            variables |= fetched.values
            for words in fetched.troubles:
                self._emit(Trouble(what="prefetch_failed", component="tool", detail=words))
        self.plan = plan.model_copy(update={"variables": variables})

    async def _converse(self) -> Outcome:
        company = self._company = Company(self._emit, self._new_talk())
        if self.plan.agent is not None and self.plan.agent.record:
            self._record(company)
        transfers = self._transfers = self._new_transfers(company)
        connected = self._connected = await self._connect(company)
        agent = self.plan.agent
        self._limit_to(agent.max_duration_ms / 1000 + OVERTIME_S if agent else OVERTIME_S)
        await first(connected.port.ended, self._stopped)
        if self._stopped.done():
            return self._stopped.result()
        outcome = self._over_by(connected.port.ended.result())
        if transfers.handed_on:
            words = outcome.detail or END_REASON_WORDS[outcome.reason]
            return replace(outcome, reason=EndReason.TRANSFERRED, detail=words)
        return outcome

    def _limit_to(self, seconds: float) -> None:
        """The call lasts at most so long from now on."""
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self._loop.call_later(seconds, self.stop, Outcome(EndReason.MAX_DURATION))

    def _pay_until(self, paid_ms: int | None) -> None:
        """Before the answer nothing is paid for, and it is told again."""
        company = self._company
        if company is None or company.answered_ms is None:
            return
        handed_on = self._transfers is not None and self._transfers.handed_on
        if company.talk is not None:
            company.talk.pay_until(paid_ms)
        words = company.talk is not None and not handed_on
        self._money.lasts(paid_ms, now_ms() - company.answered_ms, words=words)

    @abstractmethod
    def _begin(self) -> None:
        """Before anything is built. Raises `CallOver` when there is nothing to build it for."""

    @abstractmethod
    async def _connect(self, company: Company) -> Connected[HangsUp]:
        """Until the leg is answered. Raises `CallOver`."""

    @abstractmethod
    async def _clear(self, outcome: Outcome) -> LegEnd | None:
        """The leg is gone after this, answered or not."""

    def _over_by(self, end: LegEnd) -> Outcome:
        """Why an answered leg is over that nothing here had decided to end."""
        return connected_end(end, self.plan.direction)

    def _new_transfers(self, company: Company) -> Transfers:
        guests = Guests(
            line=self._tools.line,
            places=self._tools.places,
            locator=self._tools.locator,
            backoffice=self._backoffice,
            new_port=lambda: self._new_port(company.guest),
            given_up=self._given_up,
            emit=self._emit,
        )
        transfers = Transfers(
            self.plan,
            company,
            guests,
            near=lambda: self._connected,
            given_up=self._given_up,
            new_briefing=self._new_briefing,
            emit=self._emit,
            stop=self.stop,
            limit=self._limit_to,
        )
        self._hide_keys(company, self.plan.agent)
        if company.talk is not None:
            acts = company.talk.acts
            acts.on_send_digits = Keypad(
                lambda: self._connected and self._connected.leg,
                secrecy=self.secrecy,
                emit=self._emit,
                at=company.talk.at,
            ).press
            acts.on_transfer = transfers.transfer
            acts.on_hand_over = self._new_hand_overs(company.talk).hand_over
        self._controls = LiveControls(
            self.plan.call_id,
            company,
            transfers,
            tap=self._tap,
            operator=Tap(self.plan.call_id, self._tools.broadcast, operator_channel),
            redis_url=self._tools.redis_url,
            emit=self._emit,
        )
        return transfers

    def _new_hand_overs(self, talk: Talk) -> HandOvers:
        return HandOvers(
            self.plan,
            talk,
            self._backoffice,
            emit=self._emit,
            limit=self._limit_to,
            overtime_s=OVERTIME_S,
            taken_on=self._taken_on,
        )

    def _taken_on(self, agent: AgentConfig) -> None:
        """Another agent goes on: what it keeps secret is secret from now on."""
        if agent.keys.sensitive and self._company is not None:
            self._hide_keys(self._company, agent)
            if self._capture is not None:
                self._capture.hush = lambda: True

    def _hide_keys(self, company: Company, agent: AgentConfig | None) -> None:
        unasked = agent is not None and agent.keys.sensitive
        company.hide(lambda: self.secrecy.hiding, hold_frames=TONE_FRAMES if unasked else 0, keys_too=unasked)

    def _new_briefing(self, text: str, question: str) -> Briefing:
        assert self.plan.agent is not None, "somebody has decided to transfer"  # noqa: S101
        return Briefing(
            self.plan,
            self.plan.agent,
            text,
            question,
            vad=self._tools.vad,
            breaker=self._tools.breakers.of(self.plan.tenant_id),
            emit=self._emit,
        )

    def _agent_hangs_up(self, reason: EndReason, detail: str) -> None:
        """In a conference the others go on without the agent, unless the call has lasted long enough."""
        alone = self._transfers is None or reason in FOR_ALL or not self._transfers.agent_done()
        if alone:
            self.stop(Outcome(reason, detail=detail))

    def _new_talk(self) -> Talk:
        return Talk(
            self.plan,
            vad=self._tools.vad,
            breaker=self._tools.breakers.of(self.plan.tenant_id),
            emit=self._emit,
            hang_up=self._agent_hangs_up,
            backoffice=self._backoffice,
            secrecy=self.secrecy,
        )

    def _record(self, company: Company) -> None:
        try:
            company.record(Recorder(self._spool.recording, self._tools.disk))
        except OSError as error:
            self._emit(Trouble(what="recording_failed", component="recorder", detail=str(error)))

    @property
    def _keys_unasked(self) -> bool:
        """Secret keys may come at any time."""
        return self.plan.agent is not None and self.plan.agent.keys.sensitive

    def _start_capture(self) -> None:
        if self._keys_unasked:
            detail = "The agent's keys are secret at any time: the packets of the call are not captured."
            self._emit(Trouble(what="capture_left_out", component="capture", detail=detail))
            return
        try:
            self._capture = PacketFile(self._spool.capture, self._tools.disk, self._tools.captures)
            self._capture.hush = lambda: self.secrecy.hiding
        except OSError as error:
            self._emit(Trouble(what="capture_failed", component="capture", detail=str(error)))

    def _new_port(self, ears: Ears) -> LegPort:
        port = LegPort(self._loop, leg=self._legs)
        port.packets = self._capture
        self._legs += 1
        port.report_to(self._emit)
        port.connect(ears)
        return port

    def _prepare(self, company: Company) -> asyncio.Task[None]:
        if self._preparing is None:
            self._preparing = asyncio.create_task(company.prepare())
        return self._preparing

    def _emit(self, body: EventBody, at: datetime | None = None) -> None:
        """From any thread. After the end nothing is told: the last ACK of a dialog may come late."""
        if not self._over:
            self._report.emit(self.secrecy.masked(body), at)

    # --- the end ----------------------------------------------------------------------------------

    async def _finish(self, outcome: Outcome) -> Recorded | None:
        company, ended_ms = self._company, now_ms()
        if self._limit is not None:
            self._limit.cancel()
        self._money.close()
        if self._controls is not None:
            self._controls.close()
        if company is not None:
            company.ended(ended_ms)
        end = recorded = None
        try:
            if self._transfers is not None:
                _, end = await asyncio.gather(self._transfers.close(outcome.reason), self._clear(outcome))
            else:
                end = await self._clear(outcome)
            recorded = await self._close_company()
            if self._capture is not None:
                self._captured = await asyncio.to_thread(self._capture.close)
        except Exception as error:
            # The end of the call must be told, whatever has gone wrong in coming to it.
            self._log.exception("call_not_closed")
            self._emit(Trouble(what="close_failed", component="runtime", detail=repr(error)))
        answered_ms = company.answered_ms if company is not None else None
        duration_ms = ended_ms - answered_ms if answered_ms is not None else 0
        slots = company.slots if company is not None else {}
        ended = _ended(outcome, end, duration_ms, slots)
        self._emit(ended)
        self._report.flush()
        self._over = True
        self._log.info("call_ended", reason=ended.reason, sip_code=ended.sip_code, duration_ms=duration_ms)
        return recorded

    async def _close_company(self) -> Recorded | None:
        if self._preparing is not None:
            await cancelled(self._preparing)
        return await self._company.close() if self._company is not None else None


def _ended(outcome: Outcome, end: LegEnd | None, duration_ms: int, slots: dict[str, str]) -> Ended:
    """The SIP code is the outcome's own, else the leg's."""
    code, reason = outcome.sip_code, outcome.sip_reason
    if code is None and end is not None:
        code, reason = end.sip_code, end.sip_reason
    return Ended(
        reason=outcome.reason,
        sip_code=code,
        sip_reason=reason,
        detail=outcome.detail,
        duration_ms=duration_ms,
        slots=slots,
    )
