"""Where a dialogue stands, and the draft of a reply, which may be dropped without a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from media_workers.providers.llm.chat_history import Turn


@dataclass(frozen=True, slots=True)
class State:
    """Replaced as a whole. `begun`: the start node has been entered; `tries`: how often the caller was not
    understood in this node; `visit`: nodes entered so far."""

    node: str
    begun: bool = False
    tries: int = 0
    visit: int = 0
    slots: Mapping[str, str] = field(default_factory=dict)

    def at(self, node: str) -> State:
        return State(node, True, 0, self.visit + 1, self.slots)

    def with_slots(self, slots: Mapping[str, str]) -> State:
        return replace(self, slots={**self.slots, **slots})


@dataclass(frozen=True, slots=True)
class Way:
    """To the node `goto`. `by`: what decided on it, as `FlowMoved` names it."""

    goto: str
    by: str


@dataclass(frozen=True, slots=True)
class Move:
    node: str
    came_from: str
    by: str


class Place:
    """Where the dialogue stands for good. `on_moved(node, came_from, by)` is told of each node entered."""

    def __init__(self, state: State, on_moved: Callable[[str, str, str], None]) -> None:
        self.state = state
        self._on_moved = on_moved

    def moved(self, move: Move) -> None:
        self._on_moved(move.node, move.came_from, move.by)


class Draft:
    """A reply on its way. `next`: where the node entered last leads; None: it waits for the caller. From its
    commit on what it does stands at once."""

    def __init__(self, state: State, turn: Turn) -> None:
        self.state = state
        self.turn = turn
        self.next: Way | None = None
        self._moves: list[Move] = []
        self._place: Place | None = None

    def wait(self) -> None:
        """For the caller, unless the node says otherwise."""
        self.next = None

    def set(self, state: State) -> None:
        self.state = state
        if self._place is not None:
            self._place.state = state

    def keep(self, slots: Mapping[str, str]) -> None:
        self.set(self.state.with_slots(slots))

    def move(self, way: Way) -> None:
        move = Move(way.goto, self.state.node if self.state.begun else "", way.by)
        self.set(self.state.at(way.goto))
        if self._place is not None:
            self._place.moved(move)
        else:
            self._moves.append(move)

    def commit(self, place: Place) -> None:
        self._place = place
        place.state = self.state
        for move in self._moves:
            place.moved(move)

    def leave(self) -> None:
        """Another reply has been committed: nothing that is still done here counts."""
        self._place = None
