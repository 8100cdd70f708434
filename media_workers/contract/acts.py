"""Events of what an agent does in a call beside talking: tools, transfers, the way through a flow."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from media_workers.contract.message import Message


class ToolUsed(Message):
    """`kind`: the tool's type; `trouble`: what went wrong with it, in words, empty when nothing did.
    Values of sensitive slots are masked in all of it."""

    type: Literal["tool"] = "tool"
    name: str
    kind: str = ""
    arguments: dict[str, object] = {}
    result: str = ""
    trouble: str = ""
    at_ms: int
    took_ms: int = 0


class Source(Message):
    """A piece of a document that an answer was made from. `score`: 0 to 1, for ordering."""

    document_id: str
    title: str
    heading: str = ""
    url: str = ""
    text: str = ""
    score: float = 0.0


class Retrieval(Message):
    """What was looked up for a turn. `trouble`: why nothing came (late, failed), in words."""

    query: str
    took_ms: int
    sources: list[Source] = []
    trouble: str = ""


class FlowMoved(Message):
    """The dialogue has entered a node. `by`: condition, model, always, phrase, keys, failure."""

    type: Literal["flow"] = "flow"
    node: str
    came_from: str = ""
    by: str = ""
    at_ms: int


TransferState = Literal[
    "asked",
    "dialing",
    "ringing",
    "answered",
    "briefing",
    "accepted",
    "declined",
    "joined",
    "referred",
    "left",
    "failed",
]


class Transfer(Message):
    """A step of a transfer or a conference. `target`: its name, else the number or URI; `leg`: that of the
    human, where there is one. `failed` and `declined`: the caller is with the agent again; `left`: the human
    is out of the conference, and the agent goes on."""

    type: Literal["transfer"] = "transfer"
    state: TransferState
    target: str
    mode: str = ""
    leg: int | None = None
    detail: str = ""
    sip_code: int | None = None
    at_ms: int


class HandedOver(Message):
    """Another agent goes on with the call."""

    type: Literal["handed_over"] = "handed_over"
    agent: str
    agent_name: str = ""
    version: int | None = None
    at_ms: int


class AnsweredBy(Message):
    """Who answered an outbound call, as far as one can tell. `confidence` 0 to 1; `signals`: what spoke for
    it, in words. A later one corrects an earlier."""

    type: Literal["answered_by"] = "answered_by"
    verdict: Literal["human", "machine", "screening", "menu", "unknown"]
    confidence: Annotated[float, Field(ge=0, le=1)]
    signals: list[str] = []
    beep: bool = Field(False, description="The beep of a machine has just been heard.")
    at_ms: int


class LanguageChanged(Message):
    """The agent speaks `language` from here on."""

    type: Literal["language"] = "language"
    language: str
    before: str
    at_ms: int


class LiveControl(Message):
    """Somebody took a hand in the call from outside. `by`: as the audit list names them."""

    type: Literal["control"] = "control"
    action: Literal["mute", "unmute", "whisper", "say", "take_over", "give_back", "transfer"]
    text: str = ""
    by: str = ""
    at_ms: int
