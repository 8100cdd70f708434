"""A caller is handed on: by the carrier (REFER), by a second leg, after a word with the human, or all three
stay together. Whatever goes wrong, the caller is with the agent again, or the call is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

from media_workers.audio.waiting import waiting
from media_workers.contract.acts import Transfer, TransferState
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody
from media_workers.contract.requests import NOT_BY_REFER
from media_workers.contract.transfers import UNNAMED, TransferTarget
from media_workers.conversation.control import Deed
from media_workers.providers.llm.flow.values import filled
from media_workers.runtime import logs
from media_workers.runtime.briefing import Briefing
from media_workers.runtime.company import NOBODY, Company, Seats
from media_workers.runtime.dialing import Connected, HangsUp, clear, first
from media_workers.runtime.guests import Guests, NotTransferred, end_in_words
from media_workers.runtime.outcomes import Outcome
from media_workers.runtime.refer import REFUSED, Refer, can_refer
from media_workers.runtime.talk import Talk, now_ms
from media_workers.runtime.waiting import within
from media_workers.sip.types import Leg, LegEnd

LEAVE_AFTER_S = 0.5
"""An agent that has handed the caller on is closed so much later: the turn in which it did has reported."""

MAX_S = 4 * 3600.0
"""Two people who forget to hang up do not keep a line for ever."""

CLOSE_S = 6.0
BRIEFING_S = 90.0
"""A briefing ends itself before that."""

UNDER_WAY = "Somebody is being called already."
TOGETHER = "Somebody else is in the call already."
CONNECTED = "The caller is connected. You are out of the call."
CONFERENCE = (
    "{who} is in the call now; all three of you hear each other. Introduce them in a sentence, then speak"
    " only when you are asked. end_call leaves the two alone."
)


class Transfers:
    """Of one call. `near` is the caller's leg, once it is answered; `stop` ends the call; `limit` says how
    long it may last from now on. Event loop only."""

    def __init__(
        self,
        plan: CallPlan,
        company: Company,
        guests: Guests,
        *,
        near: Callable[[], Connected[HangsUp] | None],
        given_up: asyncio.Future[Outcome],
        new_briefing: Callable[[str, str], Briefing],
        emit: Callable[[EventBody], None],
        stop: Callable[[Outcome], None],
        limit: Callable[[float], None],
    ) -> None:
        self._plan = plan
        self._company = company
        self._guests = guests
        self._near = near
        self._given_up = given_up
        self._new_briefing = new_briefing
        self._emit = emit
        self._stop = stop
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._going: asyncio.Task[Deed] | None = None
        self._far: Connected[Leg] | None = None
        self._preparing: asyncio.Task[Briefing] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._log = logs.get().bind(call_id=str(plan.call_id))
        self.target = ""
        """Whom the caller is with, or was handed on to."""

    # --- from outside -----------------------------------------------------------------------------

    @property
    def handed_on(self) -> bool:
        """The agent is out: however the call ends now, it has been transferred."""
        return bool(self.target) and self._company.seats is not Seats.ALL

    async def transfer(self, target: TransferTarget) -> Deed:
        """Returns when the caller is with somebody else, or the agent again. Whoever asked may be cancelled;
        the transfer goes on."""
        if self._going is not None:
            return Deed(False, UNDER_WAY)
        if self._far is not None or self._company.talk is None:
            return Deed(False, TOGETHER)
        self._going = self._loop.create_task(self._run(self._company.talk, target))
        self._going.add_done_callback(self._done)
        return await asyncio.shield(self._going)

    def agent_done(self) -> bool:
        """The agent ends its part. True: caller and human go on without it."""
        if self._company.seats is not Seats.ALL or self._far is None:
            return False
        self._hand_over()
        return True

    async def close(self, reason: str) -> None:
        """The call is over: nobody is left on the line. Never raises."""
        if not self._given_up.done():
            self._given_up.set_result(Outcome(EndReason.CALLER_HUNG_UP))
        if self._far is not None and not self._far.port.ended.done():
            await clear(self._far.leg, self._far.port, reason)
        if self._going is not None:
            await within(CLOSE_S, asyncio.wait([self._going]))
            self._going.cancel()

    def _done(self, going: asyncio.Task[Deed]) -> None:
        self._going = None
        if not going.cancelled() and (error := going.exception()) is not None:
            self._log.error("transfer_lost", exc_info=error)

    # --- one transfer -----------------------------------------------------------------------------

    async def _run(self, talk: Talk, target: TransferTarget) -> Deed:
        self._tell(target, "asked", mode=target.mode)
        try:
            await talk.speak(self._filled(target.message))
            talk.suspend(True)
            self._company.wait(waiting(target.wait))
            return await self._go(talk, target)
        except NotTransferred as failure:
            return await self._come_back(talk, target, failure)
        except Exception as error:
            self._log.exception("transfer_failed")
            unexpected = NotTransferred(f"The transfer failed ({type(error).__name__}).")
            return await self._come_back(talk, target, unexpected)

    async def _go(self, talk: Talk, target: TransferTarget) -> Deed:
        mode = target.mode
        if mode == "blind":
            if await self._refer(target):
                return Deed(True, CONNECTED, over=True)
            mode = "bridge"
        if mode == "warm":
            self._preparing = self._loop.create_task(self._prepare(talk, target))
        self._tell(target, "dialing", mode=mode)
        far = self._far = await self._guests.reach(
            target, lambda code: self._tell(target, "ringing", sip_code=code)
        )
        self._tell(target, "answered", leg=far.port.leg)
        far.port.ended.add_done_callback(lambda ended: self._far_gone(target, ended))
        if far.port.ended.done():
            raise NotTransferred(end_in_words(far.port.ended.result()))
        if mode == "warm":
            assert self._preparing is not None  # noqa: S101  (begun above)
            await self._ask(target, far, await self._preparing)
        self._join(talk, target, far)
        if mode == "conference":
            return Deed(True, CONFERENCE.format(who=_named(target)))
        return Deed(True, CONNECTED, over=True)

    async def _prepare(self, talk: Talk, target: TransferTarget) -> Briefing:
        """While it rings: what the human is told, and the voice that tells it."""
        text = self._filled(target.briefing) or await talk.brief()
        briefing = self._new_briefing(text, target.question)
        await briefing.prepare()
        return briefing

    async def _ask(self, target: TransferTarget, far: Connected[Leg], briefing: Briefing) -> None:
        """Tells the human of the call, and asks. Raises `NotTransferred` unless they want it."""
        self._tell(target, "briefing", leg=far.port.leg, detail=briefing.text)
        self._company.guest.meets = briefing
        briefing.begin()
        try:
            await first(briefing.over, far.port.ended, self._given_up, timeout_s=BRIEFING_S)
        finally:
            self._company.guest.meets = NOBODY
            await briefing.close()
        if far.port.ended.done():
            raise NotTransferred(end_in_words(far.port.ended.result()), declined=True)
        if not briefing.accepted:
            raise NotTransferred(briefing.answer, declined=True)
        self._tell(target, "accepted", leg=far.port.leg, detail=briefing.answer)

    def _join(self, talk: Talk, target: TransferTarget, far: Connected[Leg]) -> None:
        near = self._near()
        self._company.send_key = far.leg.send_dtmf
        if near is not None and (send := getattr(near.leg, "send_dtmf", None)) is not None:
            self._company.guest.send_key = send
        self.target = _named(target)
        if target.mode == "conference":
            talk.suspend(False)
            self._company.seat(Seats.ALL)
        else:
            self._hand_over()
        self._tell(target, "joined", leg=far.port.leg)

    def _hand_over(self) -> None:
        """Caller and human without the agent."""
        self._company.seat(Seats.GUEST)
        self._limit(MAX_S)
        self._leaving = self._loop.create_task(self._leave())

    async def _leave(self) -> None:
        await asyncio.sleep(LEAVE_AFTER_S)
        if self._company.talk is not None:
            self._company.talk.ended(now_ms())
            await self._company.talk.close()

    def _far_gone(self, target: TransferTarget, ended: asyncio.Future[LegEnd]) -> None:
        """The human's leg is over."""
        end, seats = ended.result(), self._company.seats
        self._far = None
        if seats is Seats.GUEST:
            self._stop(Outcome(EndReason.TRANSFERRED, end.sip_code, end.sip_reason, end_in_words(end)))
        elif seats is Seats.ALL:
            self._company.seat(Seats.AGENT)
            self.target = ""
            self._tell(target, "left", detail=end_in_words(end), sip_code=end.sip_code)

    async def _come_back(self, talk: Talk, target: TransferTarget, failure: NotTransferred) -> Deed:
        """The caller is with the agent again, and told."""
        if self._far is not None:
            self._far.leg.hang_up("transfer given up")
            self._far = None
        await self._drop_briefing()
        state: TransferState = "declined" if failure.declined else "failed"
        self._tell(target, state, detail=str(failure), sip_code=failure.sip_code)
        words = self._filled(target.on_failure)
        if not self._given_up.done():
            self._company.seat(Seats.AGENT)
            talk.suspend(False)
            await talk.speak(words, firm=False)
        told = f" The caller has been told: “{words}”" if words else ""
        return Deed(False, f"Nobody took the call: {failure}{told} Go on with the caller.")

    async def _drop_briefing(self) -> None:
        """Of a human who was never reached."""
        preparing, self._preparing = self._preparing, None
        if preparing is None:
            return
        preparing.cancel()
        await asyncio.wait([preparing])
        if not preparing.cancelled() and preparing.exception() is None:
            await preparing.result().close()

    async def _refer(self, target: TransferTarget) -> bool:
        """Has the carrier connect the caller. False: it does not do that, or is not to. Raises
        `NotTransferred`."""
        near = self._near()
        if near is None or not can_refer(near.leg):
            return False
        try:
            answer = await self._guests.ask(target, key=uuid4().hex, referred=True)
        except NotTransferred as no:
            if no.sip_code == NOT_BY_REFER:
                return False
            raise
        refer = Refer(near.leg, near.port, ring_timeout_ms=target.ring_timeout_ms)
        self._tell(target, "dialing", mode="blind")
        refer.on_taken = lambda: setattr(self, "target", _named(target))
        refer.on_ringing = lambda code: self._tell(target, "ringing", sip_code=code)
        try:
            outcome = await refer.run(answer.refer_to)
        except NotTransferred:
            self.target = ""
            raise
        if outcome == REFUSED:
            self._tell(target, "dialing", mode="bridge", detail=refer.detail, sip_code=refer.sip_code)
            return False
        self.target = _named(target)
        self._tell(target, "referred")
        self._stop(Outcome(EndReason.TRANSFERRED, detail="The carrier has connected the caller."))
        return True

    # --- texts ------------------------------------------------------------------------------------

    def _filled(self, text: str) -> str:
        agent = self._plan.agent
        own = agent.variables if agent is not None else {}
        slots = self._company.slots
        return filled(text, {**own, **self._plan.variables, **slots}, slots)

    def _tell(self, target: TransferTarget, state: TransferState, **facts: object) -> None:
        at_ms = now_ms() - (self._company.answered_ms or now_ms())
        said = {"state": state, "target": _named(target), "at_ms": at_ms, **facts}
        self._emit(Transfer.model_validate(said))


def _named(target: TransferTarget) -> str:
    other = target.number or target.sip_uri or ""
    return other if target.name == UNNAMED and other else target.name
