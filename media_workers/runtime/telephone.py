"""Calls by telephone: the one that came and the one that is dialed."""

from __future__ import annotations

from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, Ringing
from media_workers.runtime.call import RETRY_AFTER_S, CallRun, CallTools
from media_workers.runtime.company import Company
from media_workers.runtime.dialing import Connected, Dialer, HangsUp, clear, first
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.outcomes import NO_ACK, CallOver, Outcome, abandoned
from media_workers.sip.types import Leg, LegEnd, Line

ACK_S = 35.0
"""Longer than SIP waits for the ACK to a 200 (timer H, 32 s)."""

REFUSED_WITH = {
    EndReason.FAILED: (500, "Server Internal Error"),
    EndReason.NODE_STOPPED: (503, "Service Unavailable"),
    EndReason.NODE_LOST: (503, "Service Unavailable"),
    EndReason.NO_CAPACITY: (503, "Service Unavailable"),
}
"""What a caller is told who has not been answered yet; for any other reason 603."""


class InboundRun(CallRun):
    """Admitted: the leg rings already, and may be gone."""

    def __init__(self, plan: CallPlan, tools: CallTools, leg: Leg, port: LegPort) -> None:
        super().__init__(plan, tools)
        self._leg = leg
        self._legs = port.leg + 1
        self._port = port

    def _begin(self) -> None:
        self._emit(Ringing(sip_code=180))
        self._port.packets = self._capture
        self._port.report_to(self._emit)
        if self._port.ended.done():
            raise CallOver(abandoned(self._port.ended.result()))

    async def _connect(self, company: Company) -> Connected[HangsUp]:
        port = self._port
        port.connect(company)
        # The caller does not wait for the transcriber: the first words are ours, and what is said
        # before it is there is kept for it.
        self._prepare(company)
        self._leg.answer(self.plan.leg)
        await first(port.answered, port.ended, self._stopped, timeout_s=ACK_S)
        if self._stopped.done():
            raise CallOver(self._stopped.result())
        if port.ended.done() and not port.answered.done():
            raise CallOver(abandoned(port.ended.result()))
        if not port.answered.done():
            raise CallOver(Outcome(EndReason.FAILED, detail=NO_ACK))
        return Connected(self._leg, port)

    async def _clear(self, outcome: Outcome) -> LegEnd | None:
        port = self._port
        if port.ended.done():
            return port.ended.result()
        if not port.answered.done() and outcome.reason in REFUSED_WITH:
            code, reason = REFUSED_WITH[outcome.reason]
            self._leg.reject(code, reason, {"Retry-After": str(RETRY_AFTER_S)} if code == 503 else {})
        return await clear(self._leg, port, outcome.reason)


class OutboundRun(CallRun):
    """Claimed: to be dialed."""

    def __init__(self, plan: CallPlan, tools: CallTools, line: Line) -> None:
        super().__init__(plan, tools)
        self._line = line

    def _begin(self) -> None:
        """It is dialed in any case: the plan is ours now."""

    async def _connect(self, company: Company) -> Connected[HangsUp]:
        target = self.plan.dial
        if target is None:
            raise CallOver(Outcome(EndReason.FAILED, detail="The plan does not say whom to dial."))

        def on_ringing(sip_code: int) -> None:
            self._emit(Ringing(sip_code=sip_code))
            self._prepare(company)

        dialer = Dialer(
            self._line,
            target,
            new_port=lambda: self._new_port(company),
            stopped=self._stopped,
            emit=self._emit,
            on_ringing=on_ringing,
            locator=self._tools.locator,
        )
        connected = await dialer.run()
        self._prepare(company)
        return connected

    async def _clear(self, outcome: Outcome) -> LegEnd | None:
        if self._connected is None:
            return None
        if self._connected.port.ended.done():
            return self._connected.port.ended.result()
        return await clear(self._connected.leg, self._connected.port, outcome.reason)
