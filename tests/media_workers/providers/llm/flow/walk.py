"""A flow walked without a telephone: what is said, what is called, where it stands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from media_workers.contract.flow import Flow
from media_workers.providers.base import ChatMessage, Delta, TextDelta, Tool, ToolCall, ToolChoice, UserInput
from media_workers.providers.llm.flow.dialogue import FlowDialogue
from media_workers.providers.llm.flow.graph import of_flow

END = {"kind": "end", "say": "Bye."}
ON = [{"goto": "end"}]

Answer = str | tuple[str, str]
"""Text, or a function and its arguments."""


class Model:
    """Answers in the order of `answers`, each a list of texts and calls. Keeps what it was asked."""

    name = "model"
    model = "m"

    def __init__(self, *answers: list[Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[ChatMessage]] = []
        self.offered: list[dict[str, str]] = []
        self.closed = False

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncIterator[Delta]:
        self.asked.append(list(messages))
        self.offered.append({tool.name: tool.description for tool in tools})
        for number, item in enumerate(self.answers.pop(0)):
            if isinstance(item, str):
                yield TextDelta(item)
            else:
                yield ToolCall(f"m{len(self.asked)}_{number}", item[0], item[1])

    async def warm_up(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    @property
    def prompt(self) -> str:
        """The instructions of the last request."""
        return self.asked[-1][0].text


class Walk:
    """`results` of functions by name: text, or an exception's for a failure."""

    def __init__(
        self, nodes: dict[str, Any], *, model: Model | None = None, start: str = "start", **more: Any
    ) -> None:
        flow = Flow.model_validate({"start": start, "nodes": nodes, "slots": more.pop("slots", {})})
        variables = more.pop("variables", {})
        self.moves: list[tuple[str, str, str]] = []
        self.secrets: list[tuple[str, str]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.results: dict[str, str | Exception] = {}
        self.dialogue = FlowDialogue(
            of_flow(flow),
            variables,
            model=model,
            on_moved=lambda *move: self.moves.append(move),
            secret=lambda name, value: self.secrets.append((name, value)),
            **more,
        )

    async def turn(self, text: str = "", *, kept: bool = True, **more: Any) -> str:
        """What is said; `!` after it when the call ends."""
        said, ends = "", False
        async with aclosing(self.dialogue.reply(UserInput(text, **more))) as reply:
            async for delta in reply:
                if isinstance(delta, TextDelta):
                    said += delta.text
                elif isinstance(delta, ToolCall):
                    ends = ends or delta.name == "end_call"
                    self._call(delta)
        if kept:
            self.dialogue.commit()
            self.dialogue.heard(said, interrupted=False)
        return said + "!" * ends

    def _call(self, call: ToolCall) -> None:
        if call.name == "end_call":
            return
        self.calls.append((call.name, json.loads(call.arguments)))
        result = self.results.get(call.name, "ok")
        failed = isinstance(result, Exception)
        self.dialogue.tool_result(call, str(result), failed=failed)

    @property
    def slots(self) -> dict[str, str]:
        return self.dialogue.slots


Make = Callable[..., Walk]
