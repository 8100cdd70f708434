"""What a simulated call's tools reach: other machines really, the telephone and the control plane not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from media_workers.contract.requests import (
    AgentAnswer,
    Done,
    KnowledgeAnswer,
    LegAnswer,
)
from media_workers.contract.simulation import Case, SimulatedTurn
from media_workers.contract.tools import CollectDigitsTool
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.backoffice import NOBODY, BackofficeError
from media_workers.conversation.control import Collected, Deed
from media_workers.simulation.caller import Caller
from media_workers.simulation.story import Story

LookUp = Callable[[str, int, Sequence[str]], Awaitable[KnowledgeAnswer]]
"""A query, how many results, and the knowledge bases; raises `BackofficeError`."""

_OUTCOMES = {
    "taken": Deed(True, "The caller has been connected.", over=True),
    "declined": Deed(False, "The person declined the call. The caller is with you again."),
    "no_answer": Deed(False, "Nobody answered. The caller is with you again."),
}


async def nothing_known(query: str, limit: int, bases: Sequence[str]) -> KnowledgeAnswer:
    raise BackofficeError(NOBODY)


class SimulatedControl:
    """Implements `conversation.control.CallControl`: the case says what comes of transfers."""

    def __init__(self, case: Case, story: Story, caller: Caller) -> None:
        self._case = case
        self._story = story
        self._caller = caller

    async def transfer(self, target: TransferTarget) -> Deed:
        deed = _OUTCOMES[self._case.transfers.get(target.name, "taken")]
        self._say(target.message if deed.ok else f"{target.message} {target.on_failure}")
        if deed.ok:
            self._story.transferred.append(target.name)
            self._story.end("agent", "transferred")
        return deed

    async def hand_over(self, target: TransferTarget) -> Deed:
        """The other agent has suites of its own: here the call is over."""
        name = target.name if target.name != "agent" else target.agent or target.name
        return await self.transfer(target.model_copy(update={"name": name}))

    async def send_digits(self, digits: str) -> Deed:
        return Deed(True, f"The keys {digits} were pressed.")

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """The caller's next move, if that is keys."""
        self._say(tool.prompt)
        move = await self._caller.move(self._story.turns)
        if tool.sensitive and move.keys:
            self._story.secrecy.keep(tool.save_as, move.keys)
        self._story.turns.append(
            SimulatedTurn(speaker="caller", text=move.keys or move.text, keys=bool(move.keys))
        )
        if move.hangs_up:
            self._story.end("caller")
        digits = move.keys.rstrip(tool.terminator or None) if tool.terminator else move.keys
        if tool.min_digits <= len(digits) <= tool.max_digits:
            return Collected(digits)
        said = f"The caller said instead: {move.text}" if move.text else "The caller entered too few digits."
        return Collected(digits, said)

    async def leave_voicemail(self) -> Deed:
        self._story.end("agent", "voicemail")
        return Deed(True, "The message was left.", over=True)

    async def switch_language(self, language: str) -> Deed:
        return Deed(True, f"The conversation goes on in {language} now.")

    def _say(self, text: str) -> None:
        if text.strip():
            self._story.turns.append(SimulatedTurn(speaker="agent", text=text.strip()))


class SimulatedBackoffice:
    """Implements `conversation.backoffice.Backoffice`. Nobody is called back, nothing is sent, and no number
    is put on a list."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up

    async def callback(self, at: datetime, note: str) -> Done:
        return Done(ok=True, words=f"A call is planned for {at:%Y-%m-%d %H:%M %Z}.", kind="callback")

    async def message(self, text: str) -> Done:
        return Done(ok=True, words="The message was sent.", kind="message")

    async def do_not_call(self) -> Done:
        return Done(ok=True, words="The number is on the do-not-call list now.", kind="do_not_call")

    async def knowledge(
        self, query: str, limit: int, *, bases: Sequence[str], timeout_s: float
    ) -> KnowledgeAnswer:
        return await self._look_up(query, limit, bases)

    async def leg(
        self, *, key: str, number: str = "", sip_uri: str = "", show_caller: bool = False, referred: bool
    ) -> LegAnswer:
        raise BackofficeError(NOBODY)

    async def leg_over(self, key: str) -> None:
        """There are no legs."""

    async def agent(self, agent: str) -> AgentAnswer:
        raise BackofficeError(NOBODY)
