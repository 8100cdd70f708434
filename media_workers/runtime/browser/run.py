"""A browser call: the same as one on the telephone, but that nobody dials and no SIP code ends it."""

from __future__ import annotations

from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason
from media_workers.runtime.browser.leg import BrowserLeg
from media_workers.runtime.call import CallRun, CallTools
from media_workers.runtime.company import Company
from media_workers.runtime.dialing import Connected, HangsUp, clear, first
from media_workers.runtime.outcomes import CallOver, Outcome
from media_workers.sip.types import LegEnd

CONNECT_S = 5.0


class BrowserRun(CallRun):
    """Claimed, with its socket open."""

    def __init__(self, plan: CallPlan, tools: CallTools, leg: BrowserLeg) -> None:
        super().__init__(plan, tools)
        self._leg = leg

    def _begin(self) -> None:
        """Its browser is there already."""

    async def _connect(self, company: Company) -> Connected[HangsUp]:
        port = self._new_port(company)
        self._prepare(company)
        connected = self._connected = Connected(self._leg, port)
        if company.talk is not None:
            self._leg.show(company.talk.snapshot)
        self._leg.answer(port)
        await first(port.answered, port.ended, self._stopped, timeout_s=CONNECT_S)
        if self._stopped.done():
            raise CallOver(self._stopped.result())
        if not port.answered.done():
            raise CallOver(self._over_by(port.ended.result()))
        return connected

    def _over_by(self, end: LegEnd) -> Outcome:
        if end.media_lost:
            return Outcome(EndReason.MEDIA_LOST, detail=end.sip_reason)
        return Outcome(EndReason.CALLER_HUNG_UP)

    async def _clear(self, outcome: Outcome) -> LegEnd | None:
        if self._connected is None:
            self._leg.hang_up(outcome.reason)
        elif not self._connected.port.ended.done():
            await clear(self._leg, self._connected.port, outcome.reason)
        self._emit(self._leg.stats())
        return None
