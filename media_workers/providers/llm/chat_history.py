"""The messages of a conversation with a chat model, as they were heard.

Chat templates of many models insist that a user speaks first and that turns alternate, and endpoints
that every tool call has its result: `messages` always keeps to that, whatever happened on the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from media_workers.providers.base import ChatMessage, ToolCall, UserInput
from media_workers.providers.plain import plain

CONNECTED = "(The call is connected.)"
OPENING = "(The caller is waiting for you to speak first.)"
SILENT = "(The caller says nothing.)"
UNCLEAR = "(The caller said something that could not be understood.)"
UNHEARD = "..."
NO_RESULT = "no result"
NOTES = "\nNotes that have reached you during the call. The caller does not hear them; heed them:"


class Turn:
    """A reply that has not been kept yet: what the caller did, and the functions called so far. `left_by`:
    the function that led out of the model's task. `asks`: the caller's own words, where they may be looked
    up. `passages`: what was found; they go with this question, and with none that follows."""

    def __init__(self, said: str, asks: str = "") -> None:
        self.left_by = ""
        self.asks = asks
        self.passages: str | None = None
        self.messages: list[ChatMessage] = [ChatMessage("user", plain(said))]

    def told(self) -> list[ChatMessage]:
        """Its messages, as long as it is the one to be answered."""
        first, *others = self.messages
        if not self.passages:
            return self.messages
        return [replace(first, text=f"{first.text}\n\n{self.passages}"), *others]

    def called(self, text: str, calls: Sequence[ToolCall]) -> None:
        """The model asked for functions after saying `text`; their results are to follow."""
        if calls:
            self.messages.append(ChatMessage("assistant", plain(text), tool_calls=tuple(calls)))
        self.messages += [ChatMessage("tool", NO_RESULT, tool_call_id=call.id) for call in calls]

    def leave(self, call: ToolCall) -> None:
        """The model goes on to another task."""
        self.left_by = call.name
        self.result(call, "ok")

    def remark(self, text: str) -> None:
        """Something that happened on the way, in words for the model."""
        self.messages.append(ChatMessage("user", plain(text)))

    def unsaid(self) -> None:
        """Forgets the model's words: what was heard of them is told apart."""
        self.messages = [replace(m, text="") if m.role == "assistant" else m for m in self.messages]

    def result(self, call: ToolCall, result: str) -> bool:
        """Whether the call belongs to this turn."""
        for at, message in reversed(list(enumerate(self.messages))):
            if message.role == "tool" and message.tool_call_id == call.id:
                self.messages[at] = replace(message, text=plain(result))
                return True
        return False


class ChatHistory:
    """What a chat model is told of its call. `before`: what was said before it came in."""

    def __init__(self, before: Sequence[ChatMessage] = ()) -> None:
        self._kept: list[Turn | ChatMessage] = list(before)
        self._notes: list[str] = []

    def note(self, text: str) -> None:
        """Something from outside, known from the next answer on."""
        self._notes.append(plain(text))

    def turn(self, said: UserInput) -> Turn:
        return Turn(told(said, begun=bool(self._kept)), said.text)

    def asked_before(self, turn: Turn) -> str:
        """What the caller said last before `turn`."""
        asked = [item.asks for item in self._kept if isinstance(item, Turn) and item is not turn]
        return next((text for text in reversed(asked) if text), "")

    def keep(self, turn: Turn) -> None:
        """Also what the turn, while its reply still runs, is going to add."""
        self._kept.append(turn)

    def heard(self, text: str, *, interrupted: bool) -> None:
        if self._kept and isinstance(turn := self._kept[-1], Turn):
            turn.unsaid()
        if text.strip():
            said = plain(text.strip()) + (" ..." if interrupted else "")
            self._kept.append(ChatMessage("assistant", said))

    def result(self, turn: Turn | None, call: ToolCall, result: str) -> None:
        """Store the result of `call`, made by the open `turn` or by the one kept last."""
        kept = [item for item in reversed(self._kept) if isinstance(item, Turn)]
        for candidate in [*([turn] if turn else []), *kept]:
            if candidate.result(call, result):
                return

    def messages(self, turn: Turn, prompt: str) -> list[ChatMessage]:
        """The model's instructions, and everything up to the end of `turn`."""
        kept = self._kept if turn in self._kept else [*self._kept, turn]
        found: list[ChatMessage] = [ChatMessage("user", CONNECTED)]
        for item in kept:
            for message in _messages(item, turn):
                if found[-1].role == "tool" and message.role == "user":
                    found.append(ChatMessage("assistant", UNHEARD))
                if _same_speaker(found[-1], message):
                    found[-1] = replace(message, text=f"{found[-1].text}\n{message.text}")
                else:
                    found.append(message)
        return [ChatMessage("system", "\n".join([plain(prompt), *self._noted()])), *found]

    def _noted(self) -> list[str]:
        return [NOTES, *(f"- {note}" for note in self._notes)] if self._notes else []


def told(said: UserInput, *, begun: bool) -> str:
    """What the caller did, in words for a model. `begun`: somebody has spoken before."""
    if said.text:
        return said.text
    if said.dtmf:
        return f"(The caller pressed {' '.join(said.dtmf)} on the keypad.)"
    if said.unclear:
        return UNCLEAR
    return SILENT if begun else OPENING


def _messages(item: Turn | ChatMessage, turn: Turn) -> Sequence[ChatMessage]:
    if isinstance(item, Turn):
        return item.told() if item is turn else item.messages
    return [item]


def _same_speaker(first: ChatMessage, second: ChatMessage) -> bool:
    texts = first.text and second.text and first.role != "tool"
    return bool(texts and first.role == second.role)
