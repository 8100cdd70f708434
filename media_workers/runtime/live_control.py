"""What people do to a call that goes on: listen in, mute the agent, tell it something, take over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

from media_workers.contract.acts import LiveControl
from media_workers.contract.calls import CallCommand
from media_workers.contract.events import EventBody, Trouble
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.control import Deed
from media_workers.runtime.company import Company, Seats
from media_workers.runtime.listening import Tap
from media_workers.runtime.taking_over import TakeOver
from media_workers.runtime.talk import Talk, now_ms
from media_workers.runtime.transfers import Transfers

NO_AGENT = "No agent speaks in this call."
NOT_ALONE = "The caller is not with the agent at the moment."
NO_NOTES = "The agent is a script: it cannot be told anything."

Action = Literal["mute", "unmute", "whisper", "say", "take_over", "give_back", "transfer"]


class LiveControls:
    """Of one call, once it has a company. Event loop only. What cannot be done is told as a trouble."""

    def __init__(
        self,
        call_id: UUID,
        company: Company,
        transfers: Transfers,
        *,
        tap: Tap,
        operator: Tap,
        redis_url: str,
        emit: Callable[[EventBody], None],
    ) -> None:
        self._call_id = call_id
        self._company = company
        self._transfers = transfers
        self._tap = tap
        self._operator = operator
        self._redis_url = redis_url
        self._emit = emit
        self._muted = False
        self._person: TakeOver | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def command(self, command: CallCommand) -> None:
        """Does what was asked, or says why not."""
        if command.action == "listen":
            self._tap.renew(command.lease_s)
            self._company.listen(self._tap)
            return
        talk = self._company.talk
        if talk is None or self._transfers.handed_on:
            self._refuse(command, NO_AGENT)
            return
        match command.action:
            case "say":
                talk.say(command.text)
                self._tell("say", command)
            case "mute" | "unmute":
                self._mute(talk, command)
            case "whisper":
                self._whisper(talk, command)
            case "transfer" if command.target is not None:
                self._transfer(talk, command, command.target)
            case "take_over":
                self._take_over(talk, command)
            case "give_back":
                self._give_back(talk, command.by)
            case _:
                self._refuse(command, "It is not known here.")

    def close(self) -> None:
        """The call is over."""
        if self._person is not None:
            self._person.close()
        for task in self._tasks:
            task.cancel()

    def _mute(self, talk: Talk, command: CallCommand) -> None:
        self._muted = command.action == "mute"
        talk.mute(self._muted or self._person is not None)
        self._tell("mute" if self._muted else "unmute", command)

    def _whisper(self, talk: Talk, command: CallCommand) -> None:
        if talk.note(command.text):
            self._tell("whisper", command)
        else:
            self._refuse(command, NO_NOTES)

    def _transfer(self, talk: Talk, command: CallCommand, target: TransferTarget) -> None:
        self._tell("transfer", command, text=target.name)
        act = talk.acts.hand_over if target.agent else self._transfers.transfer
        task = asyncio.ensure_future(self._carry_out(command, act(target)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, command: CallCommand, deed: Awaitable[Deed]) -> None:
        done = await deed
        if not done.ok:
            self._refuse(command, done.words)

    def _take_over(self, talk: Talk, command: CallCommand) -> None:
        person = self._person
        if person is not None and person.by == command.by:
            self._hold(person, command.lease_s)
            return
        if person is not None:
            self._refuse(command, f"{person.by} has taken the call over already.")
            return
        if self._company.seats is Seats.WAITING:
            self._refuse(command, NOT_ALONE)
            return
        lost = lambda: self._give_back(talk, command.by)  # noqa: E731
        person = self._person = TakeOver(self._call_id, self._redis_url, by=command.by, on_lost=lost)
        talk.mute(True)
        self._company.let_speak(person, self._operator)
        self._hold(person, command.lease_s)
        self._tell("take_over", command)

    def _hold(self, person: TakeOver, lease_s: float) -> None:
        person.renew(lease_s)
        self._operator.renew(lease_s)

    def _give_back(self, talk: Talk, by: str) -> None:
        person = self._person
        if person is None or person.by != by:
            return
        self._person = None
        self._company.let_speak(None)
        person.close()
        talk.mute(self._muted)
        self._emit(LiveControl(action="give_back", by=by, at_ms=self._at()))

    def _tell(self, action: Action, command: CallCommand, *, text: str | None = None) -> None:
        said = command.text if text is None else text
        self._emit(LiveControl(action=action, text=said, by=command.by, at_ms=self._at()))

    def _refuse(self, command: CallCommand, why: str) -> None:
        detail = f"The command {command.action} is not possible in this call: {why}"
        self._emit(Trouble(what="command_refused", component="runtime", detail=detail, at_ms=self._at()))

    def _at(self) -> int:
        return now_ms() - (self._company.answered_ms or now_ms())
