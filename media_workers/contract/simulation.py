"""Simulated callers: what a case of a test suite is, and what came of playing it.

The control plane validates and stores cases (`apps.suites`) and hands each to a media node as a
`SimulationPlan`; the node plays it, looks at its assertions and tells a `CaseResult`. Durations are integer
milliseconds unless the name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError, SchemaError

from media_workers.contract.agent import AgentConfig, SpokenModel
from media_workers.contract.message import Message
from media_workers.contract.part import Name, Part, Text, fill, misplaced
from media_workers.contract.tools import ToolName
from media_workers.contract.vendors import Credential

MOST_CASES = 100
"""Of a suite."""

TOLD_PHONE = "+12025550140"
"""The sandbox phone that asks the control plane whom it is to play (`PhoneScript`)."""

TOLD_BY = "X-Sandbox-Caller"
"""Header of the INVITE to that phone: a ticket to ask with, `GET /internal/v1/simulations/phone`."""

Line = Annotated[str, Field(min_length=1, max_length=1_000)]


def matcher(pattern: str) -> TypeAdapter[str]:
    """Accepts texts in which `pattern` occurs, whatever the case of letters; raises SchemaError for one that
    cannot be read. Rust's expressions: time is linear in the text, so that nobody's pattern holds a node up;
    no look-around, no references back."""
    return TypeAdapter(Annotated[str, StringConstraints(pattern=f"(?i){pattern}")])


def _readable(pattern: str) -> str:
    try:
        matcher(pattern)
    except SchemaError as error:
        why = str(error).rpartition("error:")[2].strip() or "it cannot be read"
        raise PydanticCustomError("bad_pattern", "{why}", {"why": f"This is no pattern: {why}"}) from error
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_readable)]
"""A regular expression (see `matcher`)."""


# --- the caller -----------------------------------------------------------------------------------


class SayStep(Part):
    """Waits until the agent has finished and says `text`. Over audio with `interrupt` it speaks over the
    agent instead; over text that is the same as waiting."""

    do: Literal["say"] = "say"
    text: Line
    interrupt: bool = False


class PressStep(Part):
    """Waits until the agent has finished and presses keys."""

    do: Literal["press"] = "press"
    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]


class SilentStep(Part):
    """Says nothing until the agent speaks again by itself."""

    do: Literal["silent"] = "silent"


class HangUpStep(Part):
    do: Literal["hang_up"] = "hang_up"


Step = Annotated[SayStep | PressStep | SilentStep | HangUpStep, Field(discriminator="do")]


class ScriptedCaller(Part):
    """Does `steps` in turn, each when the agent has finished, and hangs up after the answer to the last one,
    unless the agent has."""

    kind: Literal["script"] = "script"
    steps: Annotated[list[Step], Field(min_length=1, max_length=100)]

    def filled(self, variables: Mapping[str, str]) -> list[Step]:
        """The steps with ``{{variables}}`` in place."""
        return [
            step.model_copy(update={"text": fill(step.text, variables)}) if step.do == "say" else step
            for step in self.steps
        ]


class ModelCaller(Part):
    """A language model that plays `persona` and wants `goal`; it hangs up when that is reached or hopeless.
    Its key is the tenant's or the platform's; one of `openai_compatible` must need none."""

    kind: Literal["model"] = "model"
    persona: Text = ""
    goal: Annotated[str, Field(min_length=1, max_length=4_000)]
    max_turns: Annotated[int, Field(ge=1, le=60)] = 20
    model: SpokenModel

    @model_validator(mode="after")
    def _no_key(self) -> ModelCaller:
        _without_key(self.model)
        return self


def _without_key(model: SpokenModel) -> None:
    if getattr(model, "api_key", None):
        raise misplaced("model.api_key", "keys are not kept in test cases: take a vendor that has its own")


Caller = Annotated[ScriptedCaller | ModelCaller, Field(discriminator="kind")]


# --- what must be true afterwards -----------------------------------------------------------------


class _Words(Part):
    """Exactly one of `text` (these words, in this order, whatever their case and punctuation) and
    `pattern`."""

    text: Line | None = None
    pattern: Pattern | None = None

    @model_validator(mode="after")
    def _one(self) -> _Words:
        if (self.text is None) == (self.pattern is None):
            raise misplaced("text", "give exactly one of text and pattern")
        return self


class Said(_Words):
    """The agent said it, in one of its turns."""

    kind: Literal["said"] = "said"


class NeverSaid(_Words):
    """The agent did not, in none of its turns."""

    kind: Literal["never_said"] = "never_said"


class Match(Part):
    """How a value must be; as text, whatever the case of its letters. `set`: there is one."""

    is_: Literal["equal", "contains", "matches", "set"] = Field("equal", alias="is")
    value: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _pattern(self) -> Match:
        if self.is_ == "matches":
            _readable(self.value)
        return self


class ToolCalled(Part):
    """A call of `tool` whose arguments fit all of `arguments` (by name, dotted inside objects). `times`:
    exactly so many calls that fit; None: at least one."""

    kind: Literal["tool_called"] = "tool_called"
    tool: ToolName
    arguments: Annotated[dict[Annotated[str, Field(min_length=1, max_length=200)], Match], Field()] = {}
    times: Annotated[int, Field(ge=1, le=50)] | None = None


class ToolNotCalled(Part):
    kind: Literal["tool_not_called"] = "tool_not_called"
    tool: ToolName


class EndedBy(Part):
    """Who ended the call. `nobody`: the case came to its limit first."""

    kind: Literal["ended_by"] = "ended_by"
    by: Literal["agent", "caller", "nobody"]


class SlotIs(Part):
    """What the agent has collected."""

    kind: Literal["slot"] = "slot"
    name: Name
    is_: Literal["equal", "contains", "matches", "set"] = Field("equal", alias="is")
    value: Annotated[str, Field(max_length=1_000)] = ""

    @model_validator(mode="after")
    def _pattern(self) -> SlotIs:
        if self.is_ == "matches":
            _readable(self.value)
        return self


class OutcomeIs(Part):
    """The outcome of the flow's end node (the slot `outcome`)."""

    kind: Literal["outcome"] = "outcome"
    value: Annotated[str, Field(min_length=1, max_length=80)]


class Transferred(Part):
    """The caller was handed over to the transfer target `target` (None: to any)."""

    kind: Literal["transferred"] = "transferred"
    target: Name | None = None


class LatencyUnder(Part):
    """95 of 100 answers begin within `ms`: over text the model's time to its first words, over audio from
    the caller's last word to the first sound."""

    kind: Literal["latency_under"] = "latency_under"
    ms: Annotated[int, Field(ge=1, le=60_000)]


class MaxTurns(Part):
    """The agent speaks `turns` times at most, its greeting included."""

    kind: Literal["max_turns"] = "max_turns"
    turns: Annotated[int, Field(ge=1, le=200)]


class Judged(Part):
    """A language model reads the conversation and answers `question` with yes or no."""

    kind: Literal["judged"] = "judged"
    question: Annotated[str, Field(min_length=1, max_length=2_000)]
    expect: Literal["yes", "no"] = "yes"
    model: SpokenModel

    @model_validator(mode="after")
    def _no_key(self) -> Judged:
        _without_key(self.model)
        return self


Assertion = Annotated[
    Said
    | NeverSaid
    | ToolCalled
    | ToolNotCalled
    | EndedBy
    | SlotIs
    | OutcomeIs
    | Transferred
    | LatencyUnder
    | MaxTurns
    | Judged,
    Field(discriminator="kind"),
]


# --- a case ---------------------------------------------------------------------------------------


class Case(Part):
    """One conversation and what must be true of it. `over`: `text` is fast and has no voices; `audio` is a
    real call to a sandbox phone. `mocks`: results of tools that are not really called then (text only).
    `transfers`: what comes of a transfer to the target of that name; others are taken."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    over: Literal["text", "audio"] = "text"
    caller: Caller
    variables: Annotated[dict[Name, Annotated[str, Field(max_length=2_000)]], Field(max_length=100)] = {}
    mocks: Annotated[dict[ToolName, Annotated[str, Field(max_length=20_000)]], Field(max_length=64)] = {}
    transfers: Annotated[dict[Name, Literal["taken", "declined", "no_answer"]], Field(max_length=20)] = {}
    assertions: Annotated[list[Assertion], Field(min_length=1, max_length=50)]
    limit_s: Annotated[int, Field(ge=5, le=300)] = 60

    @model_validator(mode="after")
    def _fits(self) -> Case:
        if self.over == "audio" and self.caller.kind == "model":
            raise misplaced("caller.kind", "over audio the caller is a script")
        if self.over == "audio" and self.mocks:
            raise misplaced("mocks", "tools are really called over audio")
        if self.over == "audio" and self.transfers:
            raise misplaced("transfers", "over audio a transfer really happens")
        return self


# --- what happened --------------------------------------------------------------------------------


class SimulatedTurn(Message):
    """One turn. `keys`: pressed, not said. `response_ms` of an agent's turn that answers something: how long
    its first words took. `sources`: titles of the documents that it was made from."""

    speaker: Literal["caller", "agent"]
    text: str
    keys: bool = False
    response_ms: int | None = None
    interrupted: bool = False
    sources: list[str] = []


class SimulatedTool(Message):
    """One call of a tool, in the agent's turn number `turn` of the transcript (from 0). `mocked`: the case
    gave its result."""

    name: str
    arguments: dict[str, object] = {}
    result: str = ""
    mocked: bool = False
    trouble: str = ""
    took_ms: int = 0
    turn: int = 0


class CaseRecord(Message):
    """What happened in a conversation. `problem`: why it could not be held, in words; then nothing else is
    looked at. `path`: the nodes of a flow, in order."""

    transcript: list[SimulatedTurn] = []
    tools: list[SimulatedTool] = []
    slots: dict[str, str] = {}
    path: list[str] = []
    ended_by: Literal["agent", "caller", "nobody"] = "nobody"
    end_reason: str = ""
    transferred: list[str] = []
    troubles: list[str] = []
    problem: str = ""
    took_ms: int = 0


class Failure(Message):
    """An assertion that does not hold: its place in the case, why, and the turn at fault where one is."""

    assertion: int
    kind: str
    detail: str
    turn: int | None = None


class CaseResult(Message):
    passed: bool
    record: CaseRecord
    failures: list[Failure] = []


# --- between the planes ---------------------------------------------------------------------------


class SimulationPlan(Message):
    """Everything a node needs for a case. With a `record` (of a call) only its assertions are looked at.
    `attempt` is told back, so that a node that was given up cannot tell of a case anew. `allow_private`: as
    in a CallPlan."""

    id: UUID
    attempt: int
    tenant_id: UUID
    agent: AgentConfig
    case: Case
    record: CaseRecord | None = None
    allow_private: bool = True
    credentials: dict[str, Credential] = Field({}, repr=False)


class PhoneScript(Message):
    """What the caller of a case over audio does, for the sandbox phone that plays it; variables filled in."""

    steps: list[Step]


class SimulationClaim(Message):
    """`POST /internal/v1/simulations/claim`: a SimulationPlan, or 409."""

    node: str
    ticket: str = Field(repr=False)


class SimulationReport(Message):
    """`POST /internal/v1/simulations/{id}/result`: 204, also when it was told before or comes too late."""

    node: str
    attempt: int
    result: CaseResult
