"""A caller for whom no agent can answer is connected to the fallback number of the number called.

The caller hears it ring while the fallback is dialed through its own gateways, and is answered when the
fallback answers. From then on they hear each other (`company`). A fallback that cannot be
reached leaves the caller with the apology, as if there were none.
"""

from __future__ import annotations

import asyncio

from media_workers.contract.calls import CallPlan, DialTarget
from media_workers.contract.events import EndReason, Forwarded, Trouble
from media_workers.runtime.call import CallTools
from media_workers.runtime.company import Company
from media_workers.runtime.dialing import Connected, Dialer, HangsUp, clear, first
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.outcomes import CallOver, Outcome, abandoned, connected_end
from media_workers.runtime.talk import now_ms
from media_workers.runtime.telephone import InboundRun
from media_workers.sip.types import Leg, LegEnd, Line

MAX_S = 4 * 3600.0
"""Nobody on either side hangs up: a line is not lost to it for ever."""

NO_PLACE = Outcome(
    EndReason.NO_CAPACITY,
    503,
    "Service Unavailable",
    "The line has no second place, which connecting the caller to the fallback number takes.",
)


class ForwardedRun(InboundRun):
    """An inbound call whose plan has nobody to speak but a number to forward to."""

    def __init__(self, plan: CallPlan, tools: CallTools, leg: Leg, port: LegPort) -> None:
        super().__init__(plan, tools, leg, port)
        self._far: Connected[Leg] | None = None

    async def _carry(self) -> Outcome:
        self._begin()
        target = self.plan.forward
        if target is None:
            return await self._converse()
        line, places = self._tools.line, self._tools.places
        if line is None or places is None or not places.take_free():
            raise CallOver(NO_PLACE)
        try:
            return await self._forward(line, target) or await self._converse()
        finally:
            places.give()

    async def _forward(self, line: Line, target: DialTarget) -> Outcome | None:
        """How the connected call ended; None when the fallback was not reached."""
        company = self._company = Company(self._emit)
        began = now_ms()
        self._port.ended.add_done_callback(self._caller_gone)
        try:
            far = self._far = await self._reach(line, target, company)
        except CallOver as over:
            if self._stopped.done():
                raise
            await company.close()
            self._emit(_not_reached(over.outcome))
            return None
        self._emit(Forwarded(to_number=target.number, leg=far.port.leg, after_ms=now_ms() - began))
        company.send_key, company.guest.send_key = far.leg.send_dtmf, self._leg.send_dtmf
        near = self._connected = await self._connect(company)
        return await self._until_over(near, far)

    def _caller_gone(self, ended: asyncio.Future[LegEnd]) -> None:
        if not self._port.answered.done():
            self.stop(abandoned(ended.result()))

    async def _reach(self, line: Line, target: DialTarget, company: Company) -> Connected[Leg]:
        dialer = Dialer(
            line,
            target,
            new_port=lambda: self._new_port(company.guest),
            stopped=self._stopped,
            emit=self._emit,
            on_ringing=lambda sip_code: None,  # the caller hears it ring already
            locator=self._tools.locator,
        )
        return await dialer.run()

    async def _until_over(self, near: Connected[HangsUp], far: Connected[Leg]) -> Outcome:
        await first(near.port.ended, far.port.ended, self._stopped, timeout_s=MAX_S)
        if near.port.ended.done():
            return connected_end(near.port.ended.result(), "inbound")
        if far.port.ended.done():
            return connected_end(far.port.ended.result(), "outbound")
        return self._stopped.result() if self._stopped.done() else Outcome(EndReason.MAX_DURATION)

    async def _clear(self, outcome: Outcome) -> LegEnd | None:
        far = self._far
        if far is None or far.port.ended.done():
            return await super()._clear(outcome)
        _, end = await asyncio.gather(clear(far.leg, far.port, outcome.reason), super()._clear(outcome))
        return end


def _not_reached(outcome: Outcome) -> Trouble:
    code = f"{outcome.sip_code} {outcome.sip_reason}".strip() if outcome.sip_code else ""
    why = " ".join(word for word in (code, outcome.detail) if word) or outcome.reason
    return Trouble(what="forward_failed", component="sip", detail=f"The fallback was not reached: {why}")
