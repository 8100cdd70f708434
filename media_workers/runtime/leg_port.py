"""What one SIP leg tells, moved to where it is needed.

Signals become futures of the event loop; audio goes straight between the media clock's thread and
the conversation, without a queue.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from media_workers.contract.events import EventBody, LegInfo, MediaStats, SipMessage, Trouble
from media_workers.sip.hearing import one_way_words
from media_workers.sip.types import LegEnd, PacketSink

Report = Callable[[EventBody, datetime], None]


class Ears(Protocol):
    """The side of a conversation that the leg sees (threads as in `LegHandler`)."""

    def on_answered(self, codec: str) -> None: ...
    def on_dtmf(self, digit: str) -> None: ...
    def on_hold(self, held: bool) -> None: ...
    def on_frame(self, pcm: bytes) -> None: ...
    def next_frame(self) -> bytes | None: ...


class LegPort:
    """Implements `sip.types.LegHandler`. Awaited on the loop: `responded` (any answer to our INVITE),
    `rang` (its 18x), `answered` and `ended`.

    What it has to report before `report_to` is kept. `leg`: its number in the call.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, leg: int = 0) -> None:
        self.leg = leg
        self.packets: PacketSink | None = None
        """Who keeps this leg's RTP; to be set before the leg is answered."""
        self._loop = loop
        self.responded: asyncio.Future[None] = loop.create_future()
        self.rang: asyncio.Future[int] = loop.create_future()
        self.answered: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[LegEnd] = loop.create_future()
        self.on_progress: Callable[[int, str, bool], None] | None = None
        """Who hears, on the loop, how a transfer goes that was asked of the peer."""
        self._ears: Ears | None = None
        self._report: Report | None = None
        self._early: list[tuple[EventBody, datetime]] = []
        self._one_way = ""

    def connect(self, ears: Ears) -> None:
        """Before the leg is answered: who converses."""
        self._ears = ears

    def let_go(self) -> None:
        """The leg has been given up: should it be answered all the same, nobody converses."""
        self._ears = None

    def report_to(self, report: Report) -> None:
        """Who hears of SIP messages and figures (on the loop), from the first one on."""
        self._report = report
        early, self._early = self._early, []
        for body, at in early:
            report(body, at)

    # --- owner thread -----------------------------------------------------------------------------

    def on_ringing(self, sip_code: int) -> None:
        self._resolve(self.rang, sip_code)

    def on_answered(self, codec: str) -> None:
        if self._ears is not None:
            self._ears.on_answered(codec)
        self._resolve(self.answered, codec)

    def on_dtmf(self, digit: str) -> None:
        if self._ears is not None:
            self._ears.on_dtmf(digit)

    def on_hold(self, held: bool) -> None:
        if self._ears is not None:
            self._ears.on_hold(held)

    def on_refer(self, target: str) -> bool:
        """Declined, and told: a peer that had our calls transferred would spend the tenant's money."""
        detail = f"The other side asked for a transfer to {target}, which is not allowed."
        self._tell(Trouble(what="refer_declined", component="sip", detail=detail))
        return False

    def on_transfer(self, sip_code: int, sip_reason: str, final: bool) -> None:
        self._call(self._progressed, sip_code, sip_reason, final)

    def on_replace(self, caller: str) -> bool:
        detail = f"{caller} asked to take the place of the other side, which is not allowed."
        self._tell(Trouble(what="replace_declined", component="sip", detail=detail))
        return False

    def on_sip_message(self, message: SipMessage, at: datetime) -> None:
        if message.direction == "in" and message.first_line.startswith("SIP/"):
            self._resolve(self.responded, None)
        self._tell(message.model_copy(update={"leg": self.leg}), at)

    def on_leg(self, info: LegInfo) -> None:
        self._tell(info.model_copy(update={"leg": self.leg}))

    def on_stats(self, stats: MediaStats) -> None:
        self._tell(stats.model_copy(update={"leg": self.leg}))
        if stats.one_way and stats.one_way != self._one_way:
            self._one_way = stats.one_way
            detail = one_way_words(stats)
            self._tell(Trouble(what="one_way_audio", component="rtp", detail=detail, at_ms=stats.at_ms or 0))

    def packet_sink(self) -> PacketSink | None:
        return self.packets

    def on_ended(self, end: LegEnd) -> None:
        if end.stats is not None:
            self._tell(end.stats.model_copy(update={"leg": self.leg}))
        self._resolve(self.ended, end)

    # --- media clock ------------------------------------------------------------------------------

    def on_frame(self, pcm: bytes) -> None:
        if self._ears is not None:
            self._ears.on_frame(pcm)

    def next_frame(self) -> bytes | None:
        return None if self._ears is None else self._ears.next_frame()

    # --- loop -------------------------------------------------------------------------------------

    def _progressed(self, sip_code: int, sip_reason: str, final: bool) -> None:
        if self.on_progress is not None:
            self.on_progress(sip_code, sip_reason, final)

    def _tell(self, body: EventBody, at: datetime | None = None) -> None:
        self._call(self._pass_on, body, at or datetime.now(UTC))

    def _pass_on(self, body: EventBody, at: datetime) -> None:
        if self._report is not None:
            self._report(body, at)
        else:
            self._early.append((body, at))

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _resolve(self, future: asyncio.Future[Any], value: object) -> None:
        self._call(_set, future, value)


def _set(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)
