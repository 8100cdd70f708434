"""An agent as a graph: nodes that say, ask, decide and act, and the ways between them.

The `script` model is the deterministic form of the same thing: its nodes are `listen` nodes, and one engine
(`providers.llm.flow`) runs both. A condition compares slots and variables; the model decides by `when`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from media_workers.contract.part import AgentId, Name, Part, Phrase, Text
from media_workers.contract.tools import ToolName


class ScriptBranch(Part):
    """One thing the caller may say or press in a node, and what happens then.

    `phrases` may hold slots in braces (``table for {party}``), declared in `ScriptModel.slots`;
    parts in square brackets are optional. `dtmf` matches one pressed digit. Exactly what matched
    is stored in the slots; `set` stores fixed values beside them.
    """

    phrases: list[Annotated[str, Field(min_length=1, max_length=200)]] = []
    dtmf: Annotated[str, Field(pattern=r"^[0-9*#A-D]$")] | None = None
    set: dict[Name, str] = {}
    reply: Text = ""
    goto: Name | None = Field(None, description="Next node; none stays in this one.")
    action: Literal["none", "end_call"] = "none"

    @model_validator(mode="after")
    def _something_to_match(self) -> ScriptBranch:
        if not self.phrases and self.dtmf is None:
            raise ValueError("give at least one phrase or a dtmf digit to match")
        return self


class Condition(Part):
    """Holds when the slot (or variable) `name` compares so with `value`; numbers as numbers, else as text
    without regard to case."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    name: Name
    is_: Literal["set", "unset", "equal", "different", "greater", "less", "contains"] = Field(
        "equal", alias="is"
    )
    value: Annotated[str, Field(max_length=200)] = ""


class Edge(Part):
    """A way to the node `goto`, taken when all of `conditions` hold; with `when` (words) the model decides
    whether it is time. The first that applies is taken; without either it always applies."""

    goto: Name
    conditions: Annotated[list[Condition], Field(max_length=10)] = []
    when: Text = ""


class Position(Part):
    """Where the node stands on the canvas; for people."""

    x: Annotated[float, Field(ge=-100_000, le=100_000)] = 0
    y: Annotated[float, Field(ge=-100_000, le=100_000)] = 0


class _Node(Part):
    label: Annotated[str, Field(max_length=80)] = ""
    position: Position = Position()


class PromptNode(_Node):
    """The language model talks, by `prompt` beside the agent's own, with `tools` of the agent's (None: all),
    until an edge is taken. `say` is spoken on entering; empty: the model begins."""

    kind: Literal["prompt"] = "prompt"
    prompt: Annotated[str, Field(max_length=20_000)]
    say: Text = ""
    tools: Annotated[list[ToolName], Field(max_length=64)] | None = None
    edges: Annotated[list[Edge], Field(max_length=20)] = []


class SayNode(_Node):
    """Says `text` and goes on."""

    kind: Literal["say"] = "say"
    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    edges: Annotated[list[Edge], Field(max_length=20)] = []


class CollectNode(_Node):
    """Asks until the slot `save_as` holds a value of `type`, by voice or keys; after `attempts` in vain
    `otherwise_goto`; none ends the call. `sensitive` values are masked everywhere. By keys 1 is yes and 2 is
    no, and a choice is given by its number. A number is kept as figures, yes and no as these words, a choice
    as it is written in `choices`."""

    kind: Literal["collect"] = "collect"
    ask: Annotated[str, Field(min_length=1, max_length=4_000)]
    save_as: Name
    type: Literal["text", "digits", "number", "yes_no", "choice"] = "text"
    choices: Annotated[list[Phrase], Field(max_length=40)] = []
    by: Literal["voice", "keys", "both"] = "both"
    min_digits: Annotated[int, Field(ge=1, le=40)] = 1
    max_digits: Annotated[int, Field(ge=1, le=40)] = 20
    terminator: Annotated[str, Field(pattern=r"^[#*]?$")] = "#"
    sensitive: bool = False
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    again: Text = "Sorry, I did not understand that."
    otherwise_goto: Name | None = None
    edges: Annotated[list[Edge], Field(max_length=20)] = []


class ListenNode(_Node):
    """A state of a script: what is said on entering it and what is expected next (see `ScriptNode`)."""

    kind: Literal["listen"] = "listen"
    say: Text = ""
    expect: list[ScriptBranch] = []
    otherwise: Text = "Sorry, I did not understand that."
    otherwise_limit: Annotated[int, Field(ge=1, le=20)] = 3
    otherwise_goto: Name | None = None


class ConditionNode(_Node):
    """Decides at once, without a word: the first edge whose conditions hold."""

    kind: Literal["condition"] = "condition"
    edges: Annotated[list[Edge], Field(min_length=1, max_length=20)]


class ToolNode(_Node):
    """Runs a tool of the agent's with `arguments` (texts with variables and slots). `failed_goto`: when it
    gives an error."""

    kind: Literal["tool"] = "tool"
    tool: ToolName
    arguments: Annotated[dict[str, Text], Field(max_length=40)] = {}
    save_as: Name | None = None
    failed_goto: Name | None = None
    edges: Annotated[list[Edge], Field(max_length=20)] = []


class TransferNode(_Node):
    """Hands the caller to one of the agent's transfer targets; `failed_goto` when nobody takes the call; none
    ends it."""

    kind: Literal["transfer"] = "transfer"
    target: Name
    failed_goto: Name | None = None


class HandOverNode(_Node):
    """Another agent goes on with the call, knowing what was said."""

    kind: Literal["hand_over"] = "hand_over"
    agent: AgentId


class EndNode(_Node):
    """Says `say` and hangs up. `outcome` is kept as the slot `outcome`."""

    kind: Literal["end"] = "end"
    say: Text = ""
    outcome: Annotated[str, Field(max_length=80)] = ""


Node = Annotated[
    PromptNode
    | SayNode
    | CollectNode
    | ListenNode
    | ConditionNode
    | ToolNode
    | TransferNode
    | HandOverNode
    | EndNode,
    Field(discriminator="kind"),
]


class Flow(Part):
    """The graph. It has an exit that can be reached from every node (`end`, `transfer`, `hand_over`, or a
    listen node that ends the call). The agent's first message is said by it: before the start node's words,
    or, where that waits for the caller with words of its own (prompt, listen), in their place."""

    start: Name = "start"
    nodes: Annotated[dict[Name, Node], Field(min_length=1, max_length=200)]
    slots: dict[Name, list[Annotated[str, Field(min_length=1, max_length=80)]]] = {}
