"""What the model is to do in a prompt node: its instructions there, its tools, the functions that lead on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from media_workers.contract.flow import Edge, PromptNode
from media_workers.providers.base import Tool
from media_workers.providers.llm.chat import Task
from media_workers.providers.llm.flow.values import all_hold, filled

GO_TO = "go_to_"
STEP = (
    "This is one step of the call, with a task of its own. Functions whose names begin with go_to_ lead to "
    "the next step: call one as soon as its description is true, without announcing it."
)
KNOWN = "What is known so far:"


def task(
    node: PromptNode,
    *,
    instructions: str,
    tools: Sequence[Tool],
    variables: Mapping[str, str],
    slots: Mapping[str, str],
    secret: Set[str],
) -> Task:
    """`instructions`: those of the agent. Slots whose names are `secret` are not told to the model."""
    ways = _ways(node.edges, {**variables, **slots})
    known = [f"- {name}: {value}" for name, value in slots.items() if name not in secret]
    hidden = dict.fromkeys(secret, "(secret)")
    parts = [
        instructions,
        filled(node.prompt, variables, {**slots, **hidden}).strip(),
        STEP if ways else "",
        "\n".join([KNOWN, *known]) if known else "",
    ]
    chosen = [tool for tool in tools if node.tools is None or tool.name in node.tools]
    names = frozenset(way.name for way in ways)
    others = [tool for tool in chosen if tool.name not in names]
    return Task("\n\n".join(part for part in parts if part), [*others, *ways], names)


def target(function: str) -> str:
    """The node that the function leads to."""
    return function.removeprefix(GO_TO)


def _ways(edges: Sequence[Edge], known: Mapping[str, str]) -> list[Tool]:
    """A function for each node that the model may go to now."""
    reasons: dict[str, list[str]] = {}
    for edge in edges:
        if edge.when and all_hold(edge, known):
            reasons.setdefault(edge.goto, []).append(edge.when.strip())
    return [
        Tool(f"{GO_TO}{goto}", " Or: ".join(whens), {"type": "object", "properties": {}})
        for goto, whens in reasons.items()
    ]
