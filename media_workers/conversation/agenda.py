"""What is to be said later: answers to pressed keys, live commands, the warning before the end."""

from __future__ import annotations

from collections import deque

from media_workers.conversation.latency import Timing
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.providers.base import UserInput


class Agenda:
    """Keys come before commands, each in their order. Plain state."""

    def __init__(self) -> None:
        self._digits: deque[tuple[str, int]] = deque()
        self._commands: deque[str] = deque()

    @property
    def pressed(self) -> bool:
        """A key waits for its answer."""
        return bool(self._digits)

    def press(self, digit: str, now_ms: int) -> None:
        self._digits.append((digit, now_ms))

    def say(self, text: str) -> None:
        self._commands.append(text)

    @property
    def commands(self) -> bool:
        """Something is still to be said."""
        return bool(self._commands)

    def put_back(self, agent: AgentTurn) -> None:
        """A command that was dropped before it was heard is said later."""
        if agent.kind is Kind.COMMAND:
            self._commands.appendleft(agent.text)

    def clear(self) -> None:
        self._digits.clear()
        self._commands.clear()

    def next_digit(self) -> AgentTurn | None:
        """The answer to the key pressed first."""
        if not self._digits:
            return None
        digit, pressed_ms = self._digits.popleft()
        return AgentTurn(Kind.REPLY, said=UserInput(dtmf=digit), timing=Timing(pressed_ms), pressed=True)

    def next_command(self) -> AgentTurn | None:
        return AgentTurn(Kind.COMMAND, text=self._commands.popleft()) if self._commands else None
