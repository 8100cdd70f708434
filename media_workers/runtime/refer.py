"""A blind transfer: the peer is asked to call somebody else (REFER, RFC 3515), and tells how that goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeGuard

from media_workers.runtime.guests import NotTransferred
from media_workers.runtime.leg_port import LegPort

ANSWER_S = 10.0
"""A peer that says nothing at all to a REFER for so long does not transfer calls."""

SPARE_S = 5.0

CONNECTED, REFUSED = "connected", "refused"


class Refers(Protocol):
    """A leg that can be transferred."""

    def refer(self, target: str) -> None: ...


def can_refer(leg: object) -> TypeGuard[Refers]:
    """A browser cannot."""
    return hasattr(leg, "refer")


class Refer:
    """One REFER. `on_taken`: the peer has taken it on. `sip_code` and `detail`: why it was refused."""

    def __init__(self, leg: Refers, port: LegPort, *, ring_timeout_ms: int) -> None:
        self._leg = leg
        self._port = port
        self._patience_s = ring_timeout_ms / 1000 + SPARE_S
        self.on_taken: Callable[[], None] = _nothing
        self.on_ringing: Callable[[int], None] = _nothing
        self.sip_code: int | None = None
        self.detail = ""

    async def run(self, refer_to: str) -> str:
        """`CONNECTED`; `REFUSED` when the peer does not do such a thing, so that another way must be found.
        Raises `NotTransferred` when it did and nobody answered."""
        news: asyncio.Queue[tuple[int, str, bool]] = asyncio.Queue()
        self._port.on_progress = lambda *told: news.put_nowait(told)
        try:
            self._leg.refer(refer_to)
            return await self._follow(news)
        except ValueError as error:
            raise NotTransferred(str(error)) from error
        finally:
            self._port.on_progress = None

    async def _follow(self, news: asyncio.Queue[tuple[int, str, bool]]) -> str:
        taken, loop = False, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(ANSWER_S) as limit:
                while True:
                    code, reason, final = await news.get()
                    if final and code >= 300:
                        return self._failed(code, reason, taken)
                    if final or code >= 200:
                        return CONNECTED
                    if not taken:
                        taken = True
                        self.on_taken()
                        limit.reschedule(loop.time() + self._patience_s)
                    if code >= 180:
                        self.on_ringing(code)
        except TimeoutError:
            if taken:
                raise NotTransferred("The carrier has not said what became of the transfer.") from None
            self.detail = "The other side did not answer the request to transfer the call."
            return REFUSED

    def _failed(self, code: int, reason: str, taken: bool) -> str:
        """A REFER that was taken on is told of with 100 at once (RFC 3515, section 2.4.4); a failure before
        that is the peer's own no."""
        if taken:
            raise NotTransferred(f"{code} {reason}".strip(), sip_code=code)
        self.sip_code = code
        self.detail = f"The other side does not transfer calls ({code} {reason})."
        return REFUSED


def _nothing(*_: Any) -> None:
    """Nobody wants to know."""
