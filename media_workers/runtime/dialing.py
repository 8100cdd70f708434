"""Placing an outbound call: gateways in their order, each by its servers, then the backup trunk's.

A gateway that fails before anything rang is passed over, whatever the way: it cannot be found or
reached, its TLS does not convince, it says nothing, or it says 408 or 5xx. What the telephone behind it
says ends the attempt. Whoever is given up is hung up at once, so that one phone rings at a time: an
answer that comes late is acknowledged and ended by pjsip.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from media_workers.contract.calls import DialTarget, Gateway
from media_workers.contract.events import EndReason, EventBody, GatewayFailed
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.locate import Locator, NotLocated, public_only
from media_workers.runtime.outcomes import CallOver, Outcome, fails_over, not_connected
from media_workers.sip.dial import bracketed
from media_workers.sip.observer import gateway_label
from media_workers.sip.types import Destination, Leg, LegEnd, Line

CLEAR_S = 5.0
"""How long the end of a leg that was hung up may take to be told."""

ROOM_S = 35.0
"""A gateway that was silent keeps one of pjsip's slots until its INVITE times out (32 s); on a full line
the next one waits for it."""

LOOK_AGAIN_S = 0.1

PATIENCE_HEADER = "X-Trunkline-Patience"
"""To the edge: the ms that the gateway may say nothing for. It answers 408 then, and strips the header."""

BAD_CERTIFICATE = "PJSIP_TLS_ECERTVERIF"
"""pjsip's word for it."""


class HangsUp(Protocol):
    """What the end of a call needs of its leg."""

    def hang_up(self, reason: str = "") -> None: ...


L = TypeVar("L", bound=HangsUp, covariant=True)


@dataclass(frozen=True)
class Connected(Generic[L]):
    """An answered leg."""

    leg: L
    port: LegPort


@dataclass(frozen=True, slots=True)
class Failed:
    """A way that led to nobody. `elsewhere`: another may do better."""

    outcome: Outcome
    elsewhere: bool


Result = Connected[Leg] | Failed


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
    resolved when the call must end meanwhile. Without a `locator` names are left to who takes our
    INVITEs (an edge)."""

    def __init__(
        self,
        line: Line,
        target: DialTarget,
        *,
        new_port: Callable[[], LegPort],
        stopped: asyncio.Future[Outcome],
        emit: Callable[[EventBody], None],
        on_ringing: Callable[[int], None],
        locator: Locator | None = None,
    ) -> None:
        self._line = line
        self._first_target = target
        self._new_port = new_port
        self._stopped = stopped
        self._emit = emit
        self._on_ringing = on_ringing
        self._locator = locator
        self._tried: int | None = None  # the number of the leg to the server that was tried last

    async def run(self) -> Connected[Leg]:
        """The answered leg. Raises `CallOver` with the reason when there will be none."""
        target: DialTarget | None = self._first_target
        outcome = Outcome(EndReason.UNREACHABLE, detail="The trunk has no gateway.")
        while target is not None:
            for place, gateway in enumerate(target.gateways, 1):
                more = place < len(target.gateways) or target.backup is not None
                result = await self._through(target, gateway, more=more)
                if isinstance(result, Connected):
                    return result
                outcome = result.outcome
                if not result.elsewhere:
                    raise CallOver(outcome)
            target = target.backup
        raise CallOver(outcome)

    async def _through(self, target: DialTarget, gateway: Gateway, *, more: bool) -> Result:
        """By one gateway: its servers in their order."""
        began = time.monotonic()
        self._tried = None
        try:
            servers = await self._servers(target, gateway)
        except NotLocated as error:
            outcome = Outcome(EndReason.UNREACHABLE, 503, "Not located", str(error))
            self._tell_failed(gateway, None, outcome, began, last=True)
            return Failed(outcome, True)
        result: Result = Failed(Outcome(EndReason.UNREACHABLE), True)
        for place, server in enumerate(servers, 1):
            last = place == len(servers)
            began = time.monotonic()
            result = await self._try(target, gateway, server, more=more or not last)
            if isinstance(result, Connected) or not result.elsewhere:
                return result
            self._tell_failed(gateway, server, result.outcome, began, last=last)
        return result

    async def _servers(self, target: DialTarget, gateway: Gateway) -> list[Destination | None]:
        if self._locator is None:
            return [None]
        found = await self._located(self._locator, gateway)
        return [*(found if target.allow_private else public_only(gateway, found))]

    async def _located(self, locator: Locator, gateway: Gateway) -> list[Destination]:
        looking = asyncio.ensure_future(locator.locate(gateway))
        try:
            await first(looking, self._stopped)
            self._raise_if_stopped()
            return looking.result()
        finally:
            looking.cancel()

    async def _try(
        self, target: DialTarget, gateway: Gateway, server: Destination | None, *, more: bool
    ) -> Result:
        target = target.model_copy(update={"gateways": [gateway]})
        await self._room()
        port = self._new_port()
        self._tried = port.leg
        try:
            leg = self._line.dial(target, port, headers=self._for_edge(target, more=more), to=server)
        except ValueError as error:
            return Failed(Outcome(EndReason.FAILED, detail=str(error)), False)
        try:
            if more:
                patience_s = target.invite_timeout_ms / 1000
                await first(port.responded, port.ended, self._stopped, timeout_s=patience_s)
                if not (port.responded.done() or port.ended.done() or self._stopped.done()):
                    port.let_go()
                    leg.hang_up("no answer to INVITE")
                    detail = f"No answer to the INVITE for {patience_s:g} s."
                    return Failed(Outcome(EndReason.UNREACHABLE, 408, "Request Timeout", detail), True)
            return await self._wait_for_answer(target, leg, port)
        except asyncio.CancelledError:
            leg.hang_up("cancelled")
            raise

    def _for_edge(self, target: DialTarget, *, more: bool) -> list[tuple[str, str]]:
        """An edge answers our INVITE itself (100), so that only it can see that a gateway is silent."""
        behind_edge = self._locator is None
        return [(PATIENCE_HEADER, str(target.invite_timeout_ms))] if more and behind_edge else []

    async def _room(self) -> None:
        """Returns when the line can carry one leg more."""
        give_up_at = time.monotonic() + ROOM_S
        while self._line.active() >= self._line.capacity:
            await first(self._stopped, timeout_s=LOOK_AGAIN_S)
            self._raise_if_stopped()
            if time.monotonic() > give_up_at:
                raise CallOver(Outcome(EndReason.NO_CAPACITY, 503, "Service Unavailable"))
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self._stopped.done():
            raise CallOver(self._stopped.result())

    def _tell_failed(
        self, gateway: Gateway, server: Destination | None, outcome: Outcome, began: float, *, last: bool
    ) -> None:
        """Only with its last server has the gateway itself failed, and is named by its id."""
        self._emit(
            GatewayFailed(
                gateway_id=gateway.id if last else None,
                gateway=_label(gateway, server),
                leg=self._tried,
                sip_code=outcome.sip_code or 503,
                sip_reason=outcome.detail or outcome.sip_reason,
                after_ms=round((time.monotonic() - began) * 1000),
            )
        )

    async def _wait_for_answer(self, target: DialTarget, leg: Leg, port: LegPort) -> Result:
        ringing = asyncio.ensure_future(self._tell_ringing(port))
        try:
            await first(port.answered, port.ended, self._stopped, timeout_s=target.ring_timeout_ms / 1000)
        finally:
            ringing.cancel()
        if self._stopped.done():
            await clear(leg, port, self._stopped.result().reason)
            return Failed(self._stopped.result(), False)
        if port.answered.done():
            return Connected(leg, port)
        rang = port.rang.done()
        if port.ended.done():
            end = port.ended.result()
            outcome = not_connected(end, rang=rang, has_password=bool(target.username))
            if BAD_CERTIFICATE in end.sip_reason:
                detail = (
                    f"The TLS certificate of {target.gateways[0].host} is for another name, or untrusted."
                )
                outcome = replace(outcome, detail=detail)
            return Failed(outcome, fails_over(end, rang=rang))
        port.let_go()
        await clear(leg, port, "no answer")
        return self._not_picked_up(target, port)

    def _not_picked_up(self, target: DialTarget, port: LegPort) -> Failed:
        seconds = target.ring_timeout_ms / 1000
        if port.responded.done():
            detail = f"Nobody answered for {seconds:g} s."
            return Failed(Outcome(EndReason.NO_ANSWER, 487, "Request Terminated", detail), False)
        detail = f"No reply for {seconds:g} s."
        return Failed(Outcome(EndReason.UNREACHABLE, 408, "Request Timeout", detail), True)

    async def _tell_ringing(self, port: LegPort) -> None:
        self._on_ringing(await asyncio.shield(port.rang))


def _label(gateway: Gateway, server: Destination | None) -> str:
    """`carrier.test/tls (192.0.2.1:5061)`."""
    label = gateway_label(gateway)
    if server is None or server.address == gateway.host.strip("[]"):
        return label
    return f"{label} ({bracketed(server.address)}:{server.port})"
