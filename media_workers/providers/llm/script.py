"""The `script` model: a dialogue of expected phrases, replies and actions from the configuration.

The same words always get the same answer. The opening is the start node's `say`; an agent that has a
`first_message` is opened by the conversation with that instead, and the node's `say` is heard only
when a branch leads back to it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from media_workers.contract.flow import ScriptBranch
from media_workers.contract.part import SLOT, VARIABLE, fill
from media_workers.contract.tools import KeyInput
from media_workers.providers.base import Delta, TextDelta, ToolCall, UserInput
from media_workers.providers.llm.phrases import MAX_EXPANSIONS, Match, Phrase, expand
from media_workers.providers.words import words

log = logging.getLogger(__name__)

END_CALL = "end_call"
_PLACEHOLDER = re.compile(f"{VARIABLE.pattern}|{SLOT.pattern}")


@dataclass(frozen=True, slots=True)
class _State:
    """Where a dialogue stands; replaced as a whole, so that an abandoned reply changes nothing."""

    node: str
    misunderstood: int = 0
    turn: int = 0
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """What an input leads to."""

    state: _State
    text: str
    ends: bool = False


class ScriptDialogue:
    """A `ScriptModel` bound to one call."""

    def __init__(self, model: ScriptModel, variables: Mapping[str, str]) -> None:
        self._model = model
        self._variables = dict(variables)
        self._slots = {
            name: [fill(value, self._variables) for value in values] for name, values in model.slots.items()
        }
        self._phrases: dict[str, list[list[Phrase]]] = {}
        self._expected: dict[str, list[str]] = {}
        self._state = _State(model.start)
        self._open: _Step | None = None

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        """The reply as one text, then `end_call` if the script ends the call here."""
        step = self._step(said)
        self._open = step
        if step.text:
            yield TextDelta(step.text)
        if step.ends:
            yield ToolCall(f"{END_CALL}_{step.state.turn}", END_CALL, "{}")

    def commit(self) -> None:
        if self._open is not None:
            self._state, self._open = self._open.state, None

    def heard(self, text: str, *, interrupted: bool) -> None:
        """Nothing to keep: a script does not look back at what was heard of it."""

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None:
        """Nothing to keep: a script's only call ends the dialogue."""

    def expected(self) -> Sequence[str]:
        name = self._state.node
        if name not in self._expected:
            patterns = [fill(p, self._variables) for b in self._model.nodes[name].expect for p in b.phrases]
            phrases = [phrase for pattern in patterns for phrase in expand(pattern, self._slots)]
            if len(phrases) > MAX_EXPANSIONS:
                log.warning(
                    "node %s expects %d phrases; %d are listened for", name, len(phrases), MAX_EXPANSIONS
                )
            self._expected[name] = phrases[:MAX_EXPANSIONS]
        return self._expected[name]

    def key_input(self) -> KeyInput | None:
        return None

    def note(self, text: str) -> bool:
        return False

    async def brief(self) -> str:
        return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in self.slots.items())

    @property
    def slots(self) -> dict[str, str]:
        return dict(self._state.slots)

    def keep(self, name: str, value: str) -> None:
        self._state = replace(self._state, slots={**self._state.slots, name: value})
        if self._open is not None:
            state = self._open.state
            self._open = replace(self._open, state=replace(state, slots={**state.slots, name: value}))

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...

    def _step(self, said: UserInput) -> _Step:
        node = self._model.nodes[self._state.node]
        if not (said.text or said.dtmf or said.unclear):
            return _Step(self._state, self._render(node.say, self._state.slots))
        found = self._pressed(node, said.dtmf) if said.dtmf else self._spoken(node, said.text)
        return self._follow(*found) if found else self._otherwise(node)

    @staticmethod
    def _pressed(node: ScriptNode, digits: str) -> tuple[ScriptBranch, Mapping[str, str]] | None:
        branches = {branch.dtmf: branch for branch in reversed(node.expect)}
        return next(((branches[digit], {}) for digit in digits if digit in branches), None)

    def _spoken(self, node: ScriptNode, text: str) -> tuple[ScriptBranch, Mapping[str, str]] | None:
        """The branch that fits best; of equals the first."""
        heard = words(text)
        best: tuple[ScriptBranch, Match] | None = None
        for branch, phrases in zip(node.expect, self._compiled(self._state.node), strict=True):
            for phrase in phrases:
                match = phrase.match(heard)
                if match and (best is None or match.score > best[1].score):
                    best = branch, match
        return (best[0], best[1].slots) if best else None

    def _compiled(self, name: str) -> list[list[Phrase]]:
        if name not in self._phrases:
            self._phrases[name] = [
                [Phrase(fill(phrase, self._variables), self._slots) for phrase in branch.phrases]
                for branch in self._model.nodes[name].expect
            ]
        return self._phrases[name]

    def _follow(self, branch: ScriptBranch, heard: Mapping[str, str]) -> _Step:
        slots = {**self._state.slots, **heard}
        slots |= {name: self._render(value, slots) for name, value in branch.set.items()}
        say = self._model.nodes[branch.goto].say if branch.goto else ""
        return _Step(
            _State(branch.goto or self._state.node, 0, self._state.turn + 1, slots),
            self._render(f"{branch.reply} {say}", slots),
            branch.action == END_CALL,
        )

    def _otherwise(self, node: ScriptNode) -> _Step:
        before = self._state
        count = before.misunderstood + 1
        if count < node.otherwise_limit:
            state = _State(before.node, count, before.turn + 1, before.slots)
            return _Step(state, self._render(node.otherwise, before.slots))
        if node.otherwise_goto is None:
            state = _State(before.node, count, before.turn + 1, before.slots)
            return _Step(state, self._render(node.otherwise, before.slots), ends=True)
        say = self._model.nodes[node.otherwise_goto].say
        state = _State(node.otherwise_goto, 0, before.turn + 1, before.slots)
        return _Step(state, self._render(say or node.otherwise, before.slots))

    def _render(self, text: str, slots: Mapping[str, str]) -> str:
        """Variables and slots in one pass: a value that looks like a placeholder is spoken as it is."""

        def value(match: re.Match[str]) -> str:
            variable, slot = match.groups()
            return self._variables.get(variable, "") if variable else slots.get(slot, "")

        return " ".join(_PLACEHOLDER.sub(value, text).split())


def build(config: AgentConfig, variables: Mapping[str, str]) -> ScriptDialogue:
    """The dialogue of an agent whose model is a script."""
    if not isinstance(config.model, ScriptModel):
        raise TypeError(f"the agent's model is {config.model.provider}, not a script")
    return ScriptDialogue(config.model, variables)
