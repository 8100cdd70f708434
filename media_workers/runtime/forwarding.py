"""A caller for whom no agent can answer is connected to the fallback number of the number called.

The caller hears it ring while the fallback is dialed through its own gateways, and is answered when the
fallback answers. From then on the line hands each leg's frames to the other. A fallback that cannot be
reached leaves the caller with the apology, as if there were none.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from media_workers.audio.recorder import Recorded, Recorder
from media_workers.contract.calls import CallPlan, DialTarget
from media_workers.contract.events import Answered, Dtmf, EndReason, EventBody, Forwarded, Trouble
from media_workers.runtime.call import CallTools, InboundRun
from media_workers.runtime.dialing import Connected, Dialer, HangsUp, clear, first
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.listening import Tap
from media_workers.runtime.outcomes import CallOver, Outcome, abandoned, connected_end
from media_workers.runtime.places import Places
from media_workers.runtime.talk import BothSides, now_ms
from media_workers.sip.types import Leg, LegEnd, Line

WAITING_FRAMES = 3
"""Of one leg for the other. Both are ticked by one clock, so that one is enough; the rest is for the tick
in which a leg begins."""

MAX_S = 4 * 3600.0
"""Nobody on either side hangs up: a line is not lost to it for ever."""

NO_PLACE = Outcome(
    EndReason.NO_CAPACITY,
    503,
    "Service Unavailable",
    "The line has no second place, which connecting the caller to the fallback number takes.",
)


class Bridge:
    """Two legs that hear each other. Implements `talk.Exchange` for the caller; `far` are the ears of the
    other leg. Keys are passed on as keys, by what `send_key` is set to once both legs are there."""

    def __init__(self, emit: Callable[[EventBody], None]) -> None:
        self.answered_ms: int | None = None
        self.slots: dict[str, str] = {}
        self.send_key: Callable[[str], None] = _lost
        self.far = FarEnd()
        self._emit = emit
        self._both = BothSides(emit)
        self._said: bytes | None = None

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def on_answered(self, codec: str) -> None:
        self.answered_ms = now_ms()
        self._emit(Answered(codec=codec))

    def on_dtmf(self, digit: str) -> None:
        at_ms = now_ms()
        self._emit(Dtmf(digit=digit, at_ms=at_ms - (self.answered_ms or at_ms)))
        self.send_key(digit)

    def on_hold(self, held: bool) -> None:
        """The far side hears silence meanwhile."""

    def on_frame(self, pcm: bytes) -> None:
        self.far.waiting.append(pcm)
        said, self._said = self._said, None
        self._both.feed(pcm, said)

    def next_frame(self) -> bytes | None:
        self._said = frame = self.far.heard.popleft() if self.far.heard else None
        return frame

    # --- loop -------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """There is nothing to prepare."""

    def record(self, recorder: Recorder) -> None:
        self._both.record(recorder)

    def listen(self, tap: Tap) -> None:
        self._both.listen(tap)

    def say(self, text: str) -> bool:
        """Nobody is there to speak it."""
        return False

    def ended(self, at_ms: int) -> None:
        """Nothing is said any more by itself."""

    async def close(self) -> Recorded | None:
        return await self._both.close()


class FarEnd:
    """Implements `leg_port.Ears` for the leg to the fallback number."""

    def __init__(self) -> None:
        self.waiting: deque[bytes] = deque(maxlen=WAITING_FRAMES)
        self.heard: deque[bytes] = deque(maxlen=WAITING_FRAMES)
        self.send_key: Callable[[str], None] = _lost

    def on_answered(self, codec: str) -> None:
        """The caller is answered next."""

    def on_dtmf(self, digit: str) -> None:
        self.send_key(digit)

    def on_hold(self, held: bool) -> None:
        """The caller hears silence meanwhile."""

    def on_frame(self, pcm: bytes) -> None:
        self.heard.append(pcm)

    def next_frame(self) -> bytes | None:
        return self.waiting.popleft() if self.waiting else None


class ForwardedRun(InboundRun):
    """An inbound call whose plan has nobody to speak but a number to forward to."""

    def __init__(
        self, plan: CallPlan, tools: CallTools, leg: Leg, port: LegPort, *, line: Line, places: Places
    ) -> None:
        super().__init__(plan, tools, leg, port)
        self._line = line
        self._places = places
        self._far: Connected[Leg] | None = None

    async def _carry(self) -> Outcome:
        self._begin()
        target = self.plan.forward
        if target is None:
            return await self._converse()
        if not self._places.take_free():
            raise CallOver(NO_PLACE)
        try:
            return await self._forward(target) or await self._converse()
        finally:
            self._places.give()

    async def _forward(self, target: DialTarget) -> Outcome | None:
        """How the connected call ended; None when the fallback was not reached."""
        bridge = self._talk = Bridge(self._emit)
        began = now_ms()
        self._port.ended.add_done_callback(self._caller_gone)
        try:
            far = self._far = await self._reach(target, bridge)
        except CallOver as over:
            if self._stopped.done():
                raise
            await bridge.close()
            self._emit(_not_reached(over.outcome))
            return None
        self._emit(Forwarded(to_number=target.number, leg=far.port.leg, after_ms=now_ms() - began))
        bridge.send_key, bridge.far.send_key = far.leg.send_dtmf, self._leg.send_dtmf
        near = self._connected = await self._connect(bridge)
        return await self._until_over(near, far)

    def _caller_gone(self, ended: asyncio.Future[LegEnd]) -> None:
        if not self._port.answered.done():
            self.stop(abandoned(ended.result()))

    async def _reach(self, target: DialTarget, bridge: Bridge) -> Connected[Leg]:
        def new_port() -> LegPort:
            port = self._new_port(bridge)
            port.connect(bridge.far)
            return port

        dialer = Dialer(
            self._line,
            target,
            new_port=new_port,
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


def _lost(digit: str) -> None:
    """A key pressed before both legs are there."""


def _not_reached(outcome: Outcome) -> Trouble:
    code = f"{outcome.sip_code} {outcome.sip_reason}".strip() if outcome.sip_code else ""
    why = " ".join(word for word in (code, outcome.detail) if word) or outcome.reason
    return Trouble(what="forward_failed", component="sip", detail=f"The fallback was not reached: {why}")
