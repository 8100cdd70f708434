"""A graph bound to one call: the engine behind flows and scripts.

A node either waits for the caller (prompt, collect, listen) or acts and goes on; a reply walks from node to
node until one waits or the call ends. Where the dialogue stands is a value, replaced as a whole when the
reply is committed. A node that was interrupted while it acted is taken up again with the next reply; a tool
that has given its result is not run twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from media_workers.contract.tools import KeyInput
from media_workers.providers.base import Before, Delta, LanguageModel, TextDelta, Tool, ToolCall, UserInput
from media_workers.providers.llm.chat import BRIEF, Chat, LookUp, Task, nothing
from media_workers.providers.llm.chat_history import ChatHistory, Turn
from media_workers.providers.llm.flow.graph import Graph
from media_workers.providers.llm.flow.state import Draft, Place, State
from media_workers.providers.llm.flow.walking import Walker

HIDDEN = "(The caller gave a value that is kept secret.)"


def nobody(*_: str) -> None:
    """For who does not care."""


class FlowDialogue:
    """`model` speaks in the prompt nodes, where there are any, with `instructions` and `tools`; it is the
    dialogue's own. `greeting` is said before all else, in the place of what a start node that waits says.

    `on_moved(node, came_from, by)`: a node has been entered. `secret(slot, value)`: nobody is to read it.
    """

    def __init__(
        self,
        graph: Graph,
        variables: Mapping[str, str],
        *,
        language: str = "en-US",
        greeting: str = "",
        model: LanguageModel | None = None,
        instructions: str = "",
        tools: Sequence[Tool] = (),
        before: Before | None = None,
        on_moved: Callable[[str, str, str], None] = nobody,
        secret: Callable[[str, str], None] = nobody,
        look_up: LookUp = nothing,
    ) -> None:
        before = before or Before()
        self._history = ChatHistory(before.messages)
        self._chat = Chat(model, self._history, look_up) if model is not None else None
        self._instructions = instructions
        self._walker = Walker(
            graph,
            variables,
            language=language,
            greeting=greeting,
            chat=self._chat,
            instructions=instructions,
            tools=tools,
            secret=secret,
        )
        self._place = Place(State(graph.start, slots=dict(before.slots)), on_moved)
        self._open: Draft | None = None
        self._kept: Draft | None = None

    async def reply(self, said: UserInput) -> AsyncGenerator[Delta, None]:
        """The nodes' words, joined where nothing comes between; `end_call` last. Raises `ProviderError`."""
        draft = self._open = Draft(self._place.state, self._turn(said))
        own: list[str] = []
        begun = False
        async with aclosing(self._walker.answer(draft, said)) as items:
            async for item in items:
                if isinstance(item, str):
                    own += [item] if item else []
                    continue
                if own:
                    yield TextDelta(f"{' ' * begun}{' '.join(own)}{' ' * isinstance(item, TextDelta)}")
                    own.clear()
                yield item
                begun = begun or isinstance(item, TextDelta)
        if own:
            yield TextDelta(f"{' ' * begun}{' '.join(own)}")

    def _turn(self, said: UserInput) -> Turn:
        hidden = (said.text or said.dtmf) and self._walker.hides(self._place.state)
        turn = self._history.turn(UserInput(text=HIDDEN) if hidden else said)
        if hidden:
            turn.asks = ""
        return turn

    def commit(self) -> None:
        draft, self._open = self._open, None
        if draft is None:
            return
        self._history.keep(draft.turn)
        if self._kept is not None:
            self._kept.leave()
        self._kept = draft
        draft.commit(self._place)

    def heard(self, text: str, *, interrupted: bool) -> None:
        self._history.heard(text, interrupted=interrupted)

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None:
        self._walker.results[call.id] = (result, failed)
        self._history.result(self._open.turn if self._open else None, call, result)

    def expected(self) -> Sequence[str]:
        return self._walker.expected(self._place.state)

    def key_input(self) -> KeyInput | None:
        return self._walker.key_input(self._place.state)

    def note(self, text: str) -> bool:
        self._history.note(text)
        return self._chat is not None

    async def brief(self) -> str:
        """By the model, where there is one; else what has been collected."""
        if self._chat is not None:
            return await self._chat.ask(BRIEF, Task(self._instructions))
        hidden = self._walker.secret_slots
        told = {name: value for name, value in self.slots.items() if name not in hidden}
        return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in told.items())

    @property
    def slots(self) -> dict[str, str]:
        return dict(self._place.state.slots)

    def keep(self, name: str, value: str) -> None:
        for draft in (self._kept, self._open):
            if draft is not None:
                draft.state = draft.state.with_slots({name: value})
        self._place.state = self._place.state.with_slots({name: value})

    async def warm_up(self) -> None:
        if self._chat is not None:
            await self._chat.warm_up()

    async def close(self) -> None:
        if self._chat is not None:
            await self._chat.close()
