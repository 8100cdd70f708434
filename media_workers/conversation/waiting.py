"""What the agent says while a function takes its time."""

from __future__ import annotations

from media_workers.contract.agent import Fillers
from media_workers.conversation.speaking import AgentTurn


class ToolWait:
    """Hands the phrases out in turn, over the whole call. In one wait none comes twice."""

    def __init__(self, fillers: Fillers) -> None:
        self._phrases = fillers.phrases
        self._after_ms = fillers.after_ms
        self._next = 0

    def due(self, agent: AgentTurn, now_ms: int) -> str | None:
        """The phrase to say now: the function, and the silence, have lasted `after_ms`."""
        if agent.tool_ms is None or agent.filled >= len(self._phrases) or agent.playback.ready:
            return None
        since_ms = max(agent.tool_ms, agent.last_frame_ms, agent.filled_ms)
        if now_ms - since_ms < self._after_ms:
            return None
        agent.filled += 1
        agent.filled_ms = now_ms
        self._next += 1
        return self._phrases[(self._next - 1) % len(self._phrases)]
