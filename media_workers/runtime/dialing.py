"""Placing an outbound call: gateways in their order, and what is left of each attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from media_workers.contract.calls import DialTarget, Gateway
from media_workers.contract.events import EndReason, EventBody, Trouble
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.outcomes import CallOver, Outcome, fails_over, not_connected
from media_workers.sip.types import Leg, LegEnd, Line

NO_REPLY_S = 6.0
"""A gateway that has not even said 100 by then is down, when there is another one to try. (SIP's own
limit, timer B, is 32 s: nobody waits that long for the phone to ring.)"""

CLEAR_S = 5.0
"""How long the end of a leg that was hung up may take to be told."""


class HangsUp(Protocol):
    """What the end of a call needs of its leg."""

    def hang_up(self, reason: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Connected:
    """An answered leg."""

    leg: HangsUp
    port: LegPort


async def first(*futures: asyncio.Future[Any], timeout_s: float | None = None) -> None:
    """Returns when one of `futures` is done, or at the timeout. Cancels nothing."""
    await asyncio.wait(futures, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)


async def clear(leg: HangsUp, port: LegPort, reason: str) -> LegEnd | None:
    """Hangs up and waits for the end; None when it is not told in time."""
    leg.hang_up(reason)
    await first(port.ended, timeout_s=CLEAR_S)
    return port.ended.result() if port.ended.done() else None


class Dialer:
    """One outbound call attempt. `new_port` makes a connected port for each leg; `stopped` is
    resolved when the call must end meanwhile."""

    def __init__(
        self,
        line: Line,
        target: DialTarget,
        *,
        new_port: Callable[[], LegPort],
        stopped: asyncio.Future[Outcome],
        emit: Callable[[EventBody], None],
        on_ringing: Callable[[int], None],
    ) -> None:
        self._line = line
        self._target = target
        self._new_port = new_port
        self._stopped = stopped
        self._emit = emit
        self._on_ringing = on_ringing

    async def run(self) -> Connected:
        """The answered leg. Raises `CallOver` with the reason when there will be none."""
        gateways = self._target.gateways
        outcome = Outcome(EndReason.UNREACHABLE, detail="The trunk has no gateway.")
        for place, gateway in enumerate(gateways, 1):
            if self._stopped.done():
                raise CallOver(self._stopped.result())
            more = place < len(gateways)
            result = await self._try(gateway, more=more)
            if isinstance(result, Connected):
                return result
            outcome, next_may_do_better = result
            if not next_may_do_better:
                break
            detail = f"{gateway.host}:{gateway.port}: {outcome.sip_code} {outcome.sip_reason}"
            self._emit(Trouble(what="gateway_failed", component="sip", detail=detail))
        raise CallOver(outcome)

    async def _try(self, gateway: Gateway, *, more: bool) -> Connected | tuple[Outcome, bool]:
        port = self._new_port()
        try:
            leg = self._line.dial(self._target.model_copy(update={"gateways": [gateway]}), port)
        except ValueError as error:
            return Outcome(EndReason.FAILED, detail=str(error)), False
        try:
            if more:
                await first(port.responded, port.ended, self._stopped, timeout_s=NO_REPLY_S)
                if not (port.responded.done() or port.ended.done() or self._stopped.done()):
                    await clear(leg, port, "no answer to INVITE")
                    return Outcome(EndReason.UNREACHABLE, 408, "Request Timeout"), True
            return await self._wait_for_answer(leg, port)
        except asyncio.CancelledError:
            leg.hang_up("cancelled")
            raise

    async def _wait_for_answer(self, leg: Leg, port: LegPort) -> Connected | tuple[Outcome, bool]:
        ringing = asyncio.ensure_future(self._tell_ringing(port))
        try:
            await first(
                port.answered, port.ended, self._stopped, timeout_s=self._target.ring_timeout_ms / 1000
            )
        finally:
            ringing.cancel()
        if self._stopped.done():
            await clear(leg, port, self._stopped.result().reason)
            return self._stopped.result(), False
        if port.answered.done():
            return Connected(leg, port)
        rang = port.rang.done()
        if port.ended.done():
            end = port.ended.result()
            return not_connected(end, rang=rang), fails_over(end.sip_code, rang=rang)
        await clear(leg, port, "no answer")
        return self._not_picked_up(port), False

    def _not_picked_up(self, port: LegPort) -> Outcome:
        seconds = self._target.ring_timeout_ms / 1000
        if port.responded.done():
            return Outcome(
                EndReason.NO_ANSWER, 487, "Request Terminated", f"Nobody answered for {seconds:g} s."
            )
        return Outcome(EndReason.UNREACHABLE, 408, "Request Timeout", f"No reply for {seconds:g} s.")

    async def _tell_ringing(self, port: LegPort) -> None:
        self._on_ringing(await asyncio.shield(port.rang))
