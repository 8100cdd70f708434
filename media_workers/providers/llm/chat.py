"""A chat model bound to one call: its history, its functions, its goodbye. One for every vendor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from media_workers.contract.acts import Retrieval
from media_workers.contract.agent import AgentConfig
from media_workers.contract.part import fill
from media_workers.contract.tools import KeyInput
from media_workers.providers.base import (
    Before,
    ChatMessage,
    Delta,
    LanguageModel,
    ProviderError,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
    UserInput,
)
from media_workers.providers.llm.chat_history import ChatHistory, Turn
from media_workers.providers.llm.passages import framed

log = logging.getLogger(__name__)

END_CALL = "end_call"
MAX_ROUNDS = 6
GOODBYE_TIMEOUT_S = 3.0

GUIDANCE = (
    "You are on a telephone call; what you write is spoken to the caller in the language {language}. "
    "Answer in one or two short sentences of plain speech, without lists, markup or emoji, and ask one "
    "thing at a time. A remark in brackets tells you what happened on the line. Say goodbye and call "
    "end_call when the conversation is over."
)
BRIEF = (
    "(You are about to hand the caller to a colleague. Write what the colleague must know of this call: who"
    " calls, what they want, what has been settled. Two short sentences of plain speech, nothing else.)"
)
SAY_GOODBYE = "The call ends now. Say goodbye in one short sentence, unless you have already."
_END_CALL_TOOL = Tool(END_CALL, "Hang up. Say goodbye first.", {"type": "object", "properties": {}})


def instructions(config: AgentConfig, variables: Mapping[str, str]) -> str:
    """The agent's prompt, its variables filled in, and what every model on a telephone must know."""
    filled = fill(config.prompt, {**config.variables, **variables})
    return f"{filled}\n\n{GUIDANCE.format(language=config.language)}".strip()


def offered(tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The agent's functions and `end_call`, which nobody can replace."""
    return (_END_CALL_TOOL, *(tool for tool in tools if tool.name != END_CALL))


LookUp = Callable[[str, str], Awaitable[Retrieval | None]]
"""What documents hold on the caller's words (the first); the second is what the caller said before. None:
nothing was looked up. Raises nothing."""


async def nothing(text: str, before: str) -> None:
    """For who has no documents."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is to do now: its complete instructions (see `instructions`), its functions, which are
    looked at anew for each request, and those of them that lead out of here (`exits`)."""

    prompt: str
    tools: Sequence[Tool] = ()
    exits: frozenset[str] = frozenset()


class ChatDialogue:
    """`model` for one call. Owns the model: `close` closes it."""

    def __init__(
        self,
        model: LanguageModel,
        prompt: str,
        tools: Sequence[Tool] = (),
        before: Before | None = None,
        look_up: LookUp = nothing,
    ) -> None:
        before = before or Before()
        self._task = Task(prompt, tools)
        self._history = ChatHistory(before.messages)
        self._chat = Chat(model, self._history, look_up)
        self._slots = dict(before.slots)
        self._open: Turn | None = None

    async def reply(self, said: UserInput) -> AsyncGenerator[Delta, None]:
        """Text as it arrives; tool calls once complete, `end_call` last. Raises `ProviderError`."""
        turn = self._open = self._history.turn(said)
        async with aclosing(self._chat.answer(turn, self._task)) as deltas:
            async for delta in deltas:
                yield delta

    def commit(self) -> None:
        if self._open is not None:
            self._history.keep(self._open)
            self._open = None

    def heard(self, text: str, *, interrupted: bool) -> None:
        self._history.heard(text, interrupted=interrupted)

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None:
        self._history.result(self._open, call, result)

    def expected(self) -> Sequence[str]:
        return ()

    def key_input(self) -> KeyInput | None:
        return None

    def note(self, text: str) -> bool:
        self._history.note(text)
        return True

    async def brief(self) -> str:
        """Asked of the model beside the conversation, which knows nothing of it."""
        return await self._chat.ask(BRIEF, self._task)

    @property
    def slots(self) -> dict[str, str]:
        return dict(self._slots)

    def keep(self, name: str, value: str) -> None:
        self._slots[name] = value

    async def warm_up(self) -> None:
        await self._chat.warm_up()

    async def close(self) -> None:
        await self._chat.close()


class Chat:
    """Answers of `model`, whatever its task is at the moment. Owns the model."""

    def __init__(self, model: LanguageModel, history: ChatHistory, look_up: LookUp = nothing) -> None:
        self._model = model
        self._history = history
        self._look_up = look_up

    async def answer(self, turn: Turn, task: Task) -> AsyncGenerator[Delta, None]:
        """What was looked up, if anything was; text as it arrives; tool calls once complete, `end_call` last.
        One of the `exits` is not given out: it ends the answer, and is in `turn.left_by`. Raises
        `ProviderError`."""
        if turn.asks and turn.passages is None:
            found = await self._look_up(turn.asks, self._history.asked_before(turn))
            turn.passages = framed(found.sources) if found else ""
            if found:
                yield found
        spoken = False
        for _ in range(MAX_ROUNDS):
            answer = _Answer()
            async with aclosing(self._stream(turn, task, answer)) as deltas:
                async for delta in deltas:
                    yield delta
            calls, leaving, ending = _apart(answer.calls, task.exits)
            turn.called(answer.text, [*calls, *leaving, *ending])
            spoken = spoken or bool(answer.text.strip())
            for number, call in enumerate(calls, 1):
                yield replace(call, more=number < len(calls))
            if ending:
                if not spoken:
                    async with aclosing(self._goodbye(turn, task, ending[0])) as deltas:
                        async for delta in deltas:
                            yield delta
                yield ending[0]
            elif leaving:
                turn.leave(leaving[0])
            if ending or leaving or not calls:
                return
        detail = f"asked for functions {MAX_ROUNDS} times without an answer"
        raise ProviderError("llm", self._model.name, detail, retryable=False)

    async def ask(self, question: str, task: Task) -> str:
        """The answer to `question`, on one line; the conversation knows nothing of it."""
        answer = _Answer()
        turn = self._history.turn(UserInput(text=question))
        async with aclosing(self._stream(turn, task, answer, "none")) as deltas:
            async for _ in deltas:
                pass
        return " ".join(answer.text.split())

    async def warm_up(self) -> None:
        await self._model.warm_up()

    async def close(self) -> None:
        await self._model.close()

    async def _goodbye(self, turn: Turn, task: Task, ending: ToolCall) -> AsyncGenerator[Delta, None]:
        """The last words of a model that hangs up without a word. It is asked once; that it has none,
        or fails, does not keep the call from ending."""
        turn.result(ending, SAY_GOODBYE)
        try:
            async with aclosing(self._stream(turn, task, _Answer(), "none")) as deltas:
                while True:
                    async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                        delta = await anext(deltas, None)
                    if delta is None:
                        return
                    yield delta
        except (ProviderError, TimeoutError) as error:
            log.warning("the call ends without a goodbye: %s", error)

    async def _stream(
        self, turn: Turn, task: Task, answer: _Answer, tool_choice: ToolChoice = "auto"
    ) -> AsyncGenerator[Delta, None]:
        """One request; tool calls stay in `answer`."""
        messages = self._history.messages(turn, task.prompt)
        async with _closing(self._model, messages, offered(task.tools), tool_choice) as deltas:
            async for delta in deltas:
                if isinstance(delta, ToolCall):
                    answer.calls.append(delta)
                    continue
                if isinstance(delta, TextDelta):
                    answer.text += delta.text
                yield delta


class _Answer:
    """What one request has brought so far."""

    def __init__(self) -> None:
        self.text = ""
        self.calls: list[ToolCall] = []


@asynccontextmanager
async def _closing(
    model: LanguageModel, messages: Sequence[ChatMessage], tools: Sequence[Tool], tool_choice: ToolChoice
) -> AsyncIterator[AsyncIterator[Delta]]:
    """The model's stream, closed at the end of the block, at once and in this task."""
    stream = model.stream(messages, tools, tool_choice=tool_choice)
    try:
        yield stream
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()


def _apart(
    calls: Sequence[ToolCall], exits: Set[str]
) -> tuple[list[ToolCall], list[ToolCall], list[ToolCall]]:
    """Calls to answer, those that lead on, and the one that ends the call, if there is one."""
    leaving = [call for call in calls if call.name in exits]
    others = [call for call in calls if call.name != END_CALL and call.name not in exits]
    return others, leaving, [call for call in calls if call.name == END_CALL][:1]
