"""Pressed keys on the floor: they interrupt the agent, and become a turn or the number that a function
waits for."""

from __future__ import annotations

from collections.abc import Callable

from media_workers.contract.tools import CollectDigitsTool
from media_workers.conversation.agenda import Agenda
from media_workers.conversation.announcing import Announcer
from media_workers.conversation.control import Collected
from media_workers.conversation.hearing import Hearing
from media_workers.conversation.keys import Keys, Typed
from media_workers.conversation.presence import Presence
from media_workers.conversation.replying import Replying
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.stage import Stage


class TypedTurns:
    """`keys` tells what is complete; here is decided what that does to who speaks."""

    def __init__(
        self,
        keys: Keys,
        *,
        hearing: Hearing,
        stage: Stage,
        presence: Presence,
        agenda: Agenda,
        announcer: Announcer,
        replying: Replying,
        silence: SilenceWatch,
        report: Reporter,
    ) -> None:
        self._keys = keys
        self._hearing = hearing
        self._stage = stage
        self._presence = presence
        self._agenda = agenda
        self._announcer = announcer
        self._replying = replying
        self._silence = silence
        self._report = report

    def pressed(self, digit: str, now_ms: int) -> None:
        """A pressed key answers for what was said before it. One that makes a number complete makes it a
        turn, unless a function waits for it."""
        press = self._keys.pressed(digit, now_ms)
        self._report.key(digit, now_ms, masked=press.masked)
        self._silence.caller_spoke()
        if press.awaited:
            self._skip_prompt()
        elif press.first:
            self._make_room_for_keys(now_ms)
        if press.typed is not None:
            self._typed(press.typed, now_ms, turn=not press.awaited)

    def collect(self, tool: CollectDigitsTool, now_ms: int, done: Callable[[Collected], None]) -> None:
        """The function that is running wants a number typed."""
        self._keys.collect(tool, now_ms, done)
        if tool.prompt:
            self._announcer.announce(tool.prompt, firm=False)

    def tick(self, now_ms: int) -> None:
        awaited = self._keys.awaited
        agent = self._stage.audible
        if (typed := self._keys.due(now_ms, agent.last_frame_ms if agent else 0)) is not None:
            self._typed(typed, now_ms, turn=not awaited)

    def _typed(self, typed: Typed, now_ms: int, *, turn: bool) -> None:
        self._report.typed(typed.digits, now_ms, masked=typed.masked)
        if turn and not (self._stage.closing or self._presence.quiet):
            self._agenda.press(typed.digits, now_ms)
            self._announcer.say_next(now_ms)

    def _skip_prompt(self) -> None:
        """Who types has heard enough of the question."""
        agent = self._stage.audible
        if agent is not None and agent.tool_quiet and not agent.firm:
            agent.playback.skip()

    def _make_room_for_keys(self, now_ms: int) -> None:
        stage, caller = self._stage, self._hearing.turn
        stage.cut_off()
        agent = stage.agent
        if agent is not None and stage.may_cut(agent):
            stage.interrupt(agent, now_ms)
        elif agent is not None and agent.started_ms is None and not (agent.pressed or stage.closing):
            self._agenda.put_back(agent)
            stage.discard()
        if caller is not None and caller.settled and not self._hearing.speaking:
            self._replying.overhear(caller)
