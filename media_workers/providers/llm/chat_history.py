"""The messages of a conversation with a chat model, as they were heard.

Chat templates of many models insist that a user speaks first and that turns alternate, and endpoints
that every tool call has its result: `messages` always keeps to that, whatever happened on the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media_workers.providers.base import ToolCall, UserInput

Message = dict[str, Any]

CONNECTED = "(The call is connected.)"
OPENING = "(The caller is waiting for you to speak first.)"
SILENT = "(The caller says nothing.)"
UNCLEAR = "(The caller said something that could not be understood.)"
UNHEARD = "..."
NO_RESULT = "no result"


class Turn:
    """A reply that has not been kept yet: what the caller did, and the functions called so far."""

    def __init__(self, said: str) -> None:
        self.messages: list[Message] = [{"role": "user", "content": said}]

    def called(self, text: str, calls: Sequence[ToolCall]) -> None:
        """The model asked for functions after saying `text`; their results are to follow."""
        if calls:
            asked = [_as_message(call) for call in calls]
            self.messages.append({"role": "assistant", "content": text or None, "tool_calls": asked})
        self.messages += [{"role": "tool", "tool_call_id": call.id, "content": NO_RESULT} for call in calls]

    def unsaid(self) -> None:
        """Forgets the model's words: what was heard of them is told apart."""
        for message in self.messages:
            if message["role"] == "assistant":
                message["content"] = None

    def result(self, call: ToolCall, result: str) -> bool:
        """Whether the call belongs to this turn."""
        for message in reversed(self.messages):
            if message["role"] == "tool" and message["tool_call_id"] == call.id:
                message["content"] = result
                return True
        return False


class ChatHistory:
    """What a chat model is told of its call."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt
        self._kept: list[Turn | Message] = []

    def turn(self, said: UserInput) -> Turn:
        if said.text:
            return Turn(said.text)
        if said.dtmf:
            return Turn(f"(The caller pressed {' '.join(said.dtmf)} on the keypad.)")
        if said.unclear:
            return Turn(UNCLEAR)
        return Turn(SILENT if self._kept else OPENING)

    def keep(self, turn: Turn) -> None:
        """Also what the turn, while its reply still runs, is going to add."""
        self._kept.append(turn)

    def heard(self, text: str, *, interrupted: bool) -> None:
        if self._kept and isinstance(turn := self._kept[-1], Turn):
            turn.unsaid()
        if text.strip():
            self._kept.append(
                {"role": "assistant", "content": text.strip() + (" ..." if interrupted else "")}
            )

    def result(self, turn: Turn | None, call: ToolCall, result: str) -> None:
        """Store the result of `call`, made by the open `turn` or by the one kept last."""
        kept = [item for item in reversed(self._kept) if isinstance(item, Turn)]
        for candidate in [*([turn] if turn else []), *kept]:
            if candidate.result(call, result):
                return

    def messages(self, turn: Turn) -> list[Message]:
        """Everything up to the end of `turn`, in the form of the protocol."""
        kept = self._kept if turn in self._kept else [*self._kept, turn]
        found: list[Message] = [{"role": "user", "content": CONNECTED}]
        for item in kept:
            for message in item.messages if isinstance(item, Turn) else [item]:
                if found[-1]["role"] == "tool" and message["role"] == "user":
                    found.append({"role": "assistant", "content": UNHEARD})
                if _same_speaker(found[-1], message):
                    found[-1] = {**message, "content": f"{found[-1]['content']}\n{message['content']}"}
                else:
                    found.append(message)
        return [{"role": "system", "content": self._prompt}, *found]


def _same_speaker(first: Message, second: Message) -> bool:
    texts = first["content"] and second["content"] and first["role"] != "tool"
    return bool(texts and first["role"] == second["role"])


def _as_message(call: ToolCall) -> Message:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}
