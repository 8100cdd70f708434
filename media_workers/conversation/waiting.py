"""What the caller hears while a function takes its time."""

from __future__ import annotations

from media_workers.contract.agent import Fillers
from media_workers.conversation.hearing import Hearing
from media_workers.conversation.speaking import AgentTurn
from media_workers.conversation.stage import Effects, Stage


class ToolWait:
    """Hands the phrases out in turn, over the whole call. In one wait none comes twice."""

    def __init__(self, fillers: Fillers, *, hearing: Hearing, stage: Stage, effects: Effects) -> None:
        self._phrases = fillers.phrases
        self._after_ms = fillers.after_ms
        self._hearing = hearing
        self._stage = stage
        self._effects = effects
        self._next = 0

    def started(self, turn: AgentTurn, now_ms: int) -> None:
        """A function that `turn` waits for is running. What it does cannot be undone: the turn stands."""
        turn.tool_ms = now_ms
        turn.filled = 0
        if not turn.committed:
            self._stage.commit(turn)

    def finished(self, turn: AgentTurn) -> None:
        turn.tool_ms = None

    @property
    def waiting(self) -> bool:
        """The caller waits for a function and says nothing."""
        agent = self._stage.agent
        waits = agent is not None and agent.tool_ms is not None and not agent.tool_quiet
        return waits and self._hearing.quiet

    def tick(self, now_ms: int) -> None:
        """Has the next phrase said when it is due."""
        agent = self._stage.agent
        if agent is None or agent.tool_ms is None or agent.tool_quiet:
            return
        if not self._due(agent, agent.tool_ms, now_ms):
            return
        agent.filled += 1
        agent.filled_ms = now_ms
        self._effects.interject(agent, self._phrases[self._next % len(self._phrases)])
        self._next += 1

    def _due(self, agent: AgentTurn, tool_ms: int, now_ms: int) -> bool:
        """The function, and the silence, have lasted `after_ms`."""
        if agent.filled >= len(self._phrases) or agent.playback.ready or not self._hearing.quiet:
            return False
        return now_ms - max(tool_ms, agent.last_frame_ms, agent.filled_ms) >= self._after_ms
