"""Calling a human in the middle of a call: a place on the line, a leg that is allowed, an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from media_workers.contract.calls import DialTarget
from media_workers.contract.events import EventBody
from media_workers.contract.requests import LegAnswer
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.backoffice import Backoffice, BackofficeError
from media_workers.runtime import logs
from media_workers.runtime.dialing import Connected, Dialer
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.locate import Locator
from media_workers.runtime.outcomes import CallOver, Outcome
from media_workers.runtime.places import Places
from media_workers.sip.types import Leg, LegEnd, Line

NO_LINE = "A call in the browser has no line to call anybody else."
NO_PLACE = "The line has no second place, which calling somebody else takes."


class NotTransferred(Exception):
    """The caller stays with the agent; why, in words. `declined`: the human did not want the call."""

    def __init__(self, why: str, *, sip_code: int | None = None, declined: bool = False) -> None:
        super().__init__(why)
        self.sip_code = sip_code
        self.declined = declined


class Guests:
    """Of one call. `new_port` makes the port of a further leg; `given_up` is resolved when the call ends."""

    def __init__(
        self,
        *,
        line: Line | None,
        places: Places | None,
        locator: Locator | None,
        backoffice: Backoffice,
        new_port: Callable[[], LegPort],
        given_up: asyncio.Future[Outcome],
        emit: Callable[[EventBody], None],
    ) -> None:
        self._line = line
        self._places = places
        self._locator = locator
        self._backoffice = backoffice
        self._new_port = new_port
        self._given_up = given_up
        self._emit = emit
        self._telling: set[asyncio.Task[None]] = set()

    async def reach(self, target: TransferTarget, on_ringing: Callable[[int], None]) -> Connected[Leg]:
        """The human's leg, answered. Raises `NotTransferred`."""
        if self._line is None or self._places is None:
            raise NotTransferred(NO_LINE)
        if not self._places.take_free():
            raise NotTransferred(NO_PLACE)
        key = uuid4().hex
        try:
            answer = await self.ask(target, key=key)
            if answer.dial is None:
                raise NotTransferred("The control plane named no way to it.")
            dial = _within(answer.dial, target.ring_timeout_ms)
            connected = await self._dial(self._line, dial, on_ringing)
        except BaseException:
            self._free(self._places, key)
            raise
        free = partial(self._free, self._places, key)
        connected.port.ended.add_done_callback(lambda ended: free())
        return connected

    async def ask(self, target: TransferTarget, *, key: str, referred: bool = False) -> LegAnswer:
        """Whether this call may go there, and how. Raises `NotTransferred`."""
        try:
            answer = await self._backoffice.leg(
                key=key,
                number=target.number or "",
                sip_uri=target.sip_uri or "",
                show_caller=target.caller_id == "caller",
                referred=referred,
            )
        except BackofficeError as error:
            raise NotTransferred(str(error)) from error
        if (no := answer.rejection) is not None:
            raise NotTransferred(no.detail, sip_code=no.sip_code)
        return answer

    async def _dial(self, line: Line, dial: DialTarget, on_ringing: Callable[[int], None]) -> Connected[Leg]:
        dialer = Dialer(
            line,
            dial,
            new_port=self._new_port,
            stopped=self._given_up,
            emit=self._emit,
            on_ringing=on_ringing,
            locator=self._locator,
        )
        try:
            return await dialer.run()
        except CallOver as over:
            raise NotTransferred(_words(over.outcome), sip_code=over.outcome.sip_code) from over

    def _free(self, places: Places, key: str) -> None:
        places.give()
        if self._given_up.done():
            return  # the end of the call frees everything
        task = asyncio.ensure_future(self._tell_over(key))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell_over(self, key: str) -> None:
        try:
            await self._backoffice.leg_over(key)
        except BackofficeError as error:
            logs.get().warning("leg_not_freed", error=str(error))


def end_in_words(end: LegEnd) -> str:
    """Why the human's leg is over."""
    return "The person called hung up." if end.by_peer else "The connection to the person called was lost."


def _within(dial: DialTarget, ring_timeout_ms: int) -> DialTarget:
    backup = _within(dial.backup, ring_timeout_ms) if dial.backup else None
    return dial.model_copy(update={"ring_timeout_ms": ring_timeout_ms, "backup": backup})


def _words(outcome: Outcome) -> str:
    code = f"{outcome.sip_code} {outcome.sip_reason}".strip() if outcome.sip_code else ""
    return " ".join(word for word in (code, outcome.detail) if word) or outcome.reason.replace("_", " ")
