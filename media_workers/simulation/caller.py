"""Who calls: a script of steps, or a language model that plays a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from media_workers.contract.simulation import (
    HangUpStep,
    ModelCaller,
    PressStep,
    SayStep,
    SimulatedTurn,
    Step,
)
from media_workers.providers.base import (
    ChatMessage,
    LanguageModel,
    ProviderError,
    TextDelta,
    Tool,
    ToolCall,
)
from media_workers.providers.plain import plain
from media_workers.providers.streams import closing

LONGEST_LINE = 2_000
KEYS = "press_keys"
HANG_UP = "hang_up"
NOTHING_HEARD = "(You hear nothing.)"

_ROLE = (
    "You are a person on a telephone call; you have called a company, or it has called you, and somebody "
    "answers. You are not an assistant: never offer help. Say only what this person would say aloud, in one "
    "or two short sentences, in the language of the one you talk to.\n\nWho you are: {persona}\n\n"
    "What you want: {goal}\n\nCall hang_up as soon as you have what you want, or see that you will not get "
    "it, after you have said goodbye. Call press_keys when you are asked to press keys."
)
_NOTHING: dict[str, object] = {"type": "object", "properties": {}}
_TOOLS = (
    Tool(HANG_UP, "End the call.", _NOTHING),
    Tool(
        KEYS,
        "Press keys of the telephone.",
        {
            "type": "object",
            "properties": {"digits": {"type": "string", "pattern": "^[0-9*#]{1,32}$"}},
            "required": ["digits"],
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Move:
    """What the caller does: says `text`, presses `keys`, keeps silent (both empty), and then, or instead,
    hangs up."""

    text: str = ""
    keys: str = ""
    hangs_up: bool = False


class Caller(Protocol):
    async def move(self, transcript: Sequence[SimulatedTurn]) -> Move:
        """What comes next, now that the agent has finished. Raises `ProviderError`."""

    async def close(self) -> None: ...


class Script:
    """The steps of a scripted caller, one a turn."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)

    async def move(self, transcript: Sequence[SimulatedTurn]) -> Move:
        return _of(self._steps.pop(0)) if self._steps else Move(hangs_up=True)

    async def close(self) -> None:
        """Nothing is open."""


def _of(step: Step) -> Move:
    match step:
        case SayStep(text=text):
            return Move(text=text)
        case PressStep(digits=digits):
            return Move(keys=digits)
        case HangUpStep():
            return Move(hangs_up=True)
    return Move()


class Actor:
    """A language model that plays a person. Owns the model."""

    def __init__(self, caller: ModelCaller, model: LanguageModel) -> None:
        self._model = model
        self._left = caller.max_turns
        self._prompt = _ROLE.format(persona=caller.persona or "Anybody.", goal=caller.goal)

    async def move(self, transcript: Sequence[SimulatedTurn]) -> Move:
        if self._left <= 0:
            return Move(hangs_up=True)
        self._left -= 1
        text, calls = "", []
        async with closing(self._model.stream(self._messages(transcript), _TOOLS)) as deltas:
            async for delta in deltas:
                if isinstance(delta, TextDelta):
                    text += delta.text
                elif isinstance(delta, ToolCall):
                    calls.append(delta)
                if len(text) > LONGEST_LINE:
                    break
        return _decided(plain(text.strip()[:LONGEST_LINE]), calls)

    async def close(self) -> None:
        await self._model.close()

    def _messages(self, transcript: Sequence[SimulatedTurn]) -> list[ChatMessage]:
        """The same conversation from the other end: what the agent says is said to this model."""
        found = [ChatMessage("system", self._prompt)]
        if not transcript or transcript[0].speaker == "caller":
            found.append(ChatMessage("user", NOTHING_HEARD))
        for turn in transcript:
            text = f"(You press {turn.text}.)" if turn.keys else turn.text or "(You say nothing.)"
            role = found[-1].role
            if turn.speaker == "agent" and role == "user":
                found[-1] = ChatMessage("user", f"{found[-1].text}\n{text}")
            elif turn.speaker == "caller" and role == "assistant":
                found += [ChatMessage("user", NOTHING_HEARD), ChatMessage("assistant", text)]
            else:
                found.append(ChatMessage("user" if turn.speaker == "agent" else "assistant", text))
        if found[-1].role == "assistant":
            found.append(ChatMessage("user", NOTHING_HEARD))
        return found


def _decided(text: str, calls: Sequence[ToolCall]) -> Move:
    names = {call.name for call in calls}
    keys = next((_digits(call) for call in calls if call.name == KEYS), "")
    if not (text or keys or names):
        raise ProviderError("llm", "caller", "the model that plays the caller said nothing", retryable=False)
    return Move(text="" if keys else text, keys=keys, hangs_up=HANG_UP in names)


def _digits(call: ToolCall) -> str:
    try:
        given = json.loads(call.arguments or "{}")
    except ValueError:
        return ""
    digits = str(given.get("digits", "")) if isinstance(given, dict) else ""
    return "".join(c for c in digits if c in "0123456789*#")[:32]
