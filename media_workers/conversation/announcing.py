"""What the agent says without an answer of the caller: live commands, announcements, answers to keys."""

from __future__ import annotations

from media_workers.conversation.agenda import Agenda
from media_workers.conversation.hearing import Hearing
from media_workers.conversation.stage import Effects, Stage


class Announcer:
    """Brings what stands on the agenda to the stage when it is its turn."""

    def __init__(self, *, agenda: Agenda, hearing: Hearing, stage: Stage, effects: Effects) -> None:
        self._agenda = agenda
        self._hearing = hearing
        self._stage = stage
        self._effects = effects

    def say(self, text: str) -> None:
        """Speaks `text` as soon as neither side speaks."""
        if not self._stage.closing:
            self._agenda.say(text)

    def announce(self, text: str, *, firm: bool) -> None:
        """Speaks `text` for the function that is running, `firm` without being interrupted; without a
        function as soon as neither side speaks."""
        agent = self._stage.agent
        if agent is None or agent.tool_ms is None or agent.interject is None:
            self.say(text)
            return
        agent.firm = firm
        self._effects.interject(agent, text)

    @property
    def said_all(self) -> bool:
        """Nothing is left to be said, but what waits for a function."""
        agent = self._stage.agent
        if self._agenda.commands or self._stage.suspended is not None:
            return False
        waits = agent is not None and agent.tool_ms is not None and agent.interject is not None
        return agent is None or (waits and agent.playback.pieces_played >= len(agent.sentences))

    def say_next(self, now_ms: int) -> None:
        stage = self._stage
        turn = None
        if self._agenda.pressed:
            if stage.agent is not None and stage.may_cut(stage.agent):
                stage.interrupt(stage.agent, now_ms)
            if stage.free:
                turn = self._agenda.next_digit()
        elif stage.free and self._hearing.quiet and self._hearing.turn is None:
            turn = self._agenda.next_command()
        if turn is not None:
            stage.start(turn)
