"""What has happened in a simulated call so far. Plain state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from media_workers.contract.simulation import CaseRecord, SimulatedTool, SimulatedTurn
from media_workers.conversation.secrecy import Secrecy

Side = Literal["agent", "caller", "nobody"]
REASONS = {"agent": "agent_hung_up", "caller": "caller_hung_up", "nobody": ""}


@dataclass
class Story:
    """`clock` in seconds."""

    clock: Callable[[], float]
    turns: list[SimulatedTurn] = field(default_factory=list)
    tools: list[SimulatedTool] = field(default_factory=list)
    slots: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    transferred: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    problem: str = ""
    secrecy: Secrecy = field(default_factory=Secrecy)
    over: bool = False
    _ended_by: Side = "nobody"
    _reason: str = ""

    def __post_init__(self) -> None:
        self._began = self.clock()

    def end(self, by: Side, reason: str = "") -> None:
        """The first end counts."""
        if not self.over:
            self.over, self._ended_by, self._reason = True, by, reason or REASONS[by]

    def moved(self, node: str, came_from: str, by: str) -> None:
        """The dialogue has entered a node of its flow."""
        self.path.append(node)

    def since_ms(self, began: float) -> int:
        return round((self.clock() - began) * 1000)

    def record(self) -> CaseRecord:
        """With stars in place of what is secret."""
        found = CaseRecord(
            transcript=self.turns,
            tools=self.tools,
            slots=self.slots,
            path=self.path,
            ended_by=self._ended_by,
            end_reason=self._reason,
            transferred=self.transferred,
            troubles=self.troubles,
            problem=self.problem,
            took_ms=self.since_ms(self._began),
        )
        return self.secrecy.masked(found)
