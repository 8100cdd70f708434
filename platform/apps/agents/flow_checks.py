"""Whether a flow can work: what no agent can be saved with, and what is only worth a word.

Paths are dotted places in the configuration (`flow.nodes.ask.edges.0.goto`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from apps.agents.checks import Remark
from media_workers.contract.agent import AgentConfig, ScriptModel
from media_workers.contract.flow import (
    CollectNode,
    ConditionNode,
    Edge,
    EndNode,
    Flow,
    HandOverNode,
    ListenNode,
    Node,
    PromptNode,
    SayNode,
    ToolNode,
    TransferNode,
)
from media_workers.contract.part import SLOT
from media_workers.contract.tools import KnowledgeTool, McpServer
from media_workers.contract.vendors import RealtimeVendor

FLOW = "flow"
NODES = f"{FLOW}.nodes"
NO_EXIT = (
    "From here no way leads to an exit: to an end, a transfer, a hand-over, or a phrase that ends the call."
)
NO_EXIT_AT_ALL = (
    "A flow without an exit: add a node that ends the call, transfers it or hands it over, and a way there."
)
NO_WAY_ON = "Give a last way without conditions: none of these may hold, and the caller would be stranded."
UNHEARD = "Only a prompt node has a model that could decide by words: give conditions instead."


def flow_faults(config: AgentConfig) -> Iterator[Remark]:
    """What no agent can be saved with."""
    model, flow = config.model, config.flow
    if flow is None:
        if isinstance(model, ScriptModel) and not model.nodes:
            yield Remark("model.nodes", "missing", "A script needs nodes, unless the agent has a flow.")
        return
    if model.provider in get_args(RealtimeVendor):
        words = "A model that hears and speaks itself takes no flow: choose one that answers in text."
        yield Remark(FLOW, "realtime", words)
    broken = list(_unknown(config, flow))
    yield from broken
    for name, node in flow.nodes.items():
        yield from _node_faults(config, flow, f"{NODES}.{name}", node)
    if not broken:
        yield from _no_exit(flow)


def flow_warnings(config: AgentConfig) -> Iterator[Remark]:
    """What is worth a look. Of a flow without faults."""
    flow = config.flow
    if flow is None:
        return
    reached = _reached(flow)
    for name, node in flow.nodes.items():
        place = f"{NODES}.{name}"
        if name not in reached:
            yield Remark(place, "unreachable", "No way leads to this node.")
        yield from _never_taken(place, node)
        if isinstance(node, CollectNode) and _deaf(config, node):
            words = "pocketsphinx hears only what it expects, and this may be anything: ask for keys."
            yield Remark(f"{place}.type", "not_heard", words)
    for name in sorted(_circle(flow) & reached):
        words = "From here the flow may come back without waiting for the caller; it is stopped then."
        yield Remark(f"{NODES}.{name}", "circle", words)


def unknown_agents(config: AgentConfig, known: Callable[[str], bool]) -> Iterator[Remark]:
    """Agents that the caller may be handed to and that are not there, by their ids."""
    named = [(f"transfers.{n}.agent", target.agent) for n, target in enumerate(config.transfers)]
    if config.flow is not None:
        named += [
            (f"{NODES}.{name}.agent", node.agent)
            for name, node in config.flow.nodes.items()
            if isinstance(node, HandOverNode)
        ]
    for place, agent in named:
        if agent is not None and not known(agent):
            yield Remark(place, "unknown_agent", "There is no such agent.")


# --- names ----------------------------------------------------------------------------------------


def targets_of(node: Node) -> list[tuple[str, str]]:
    """All nodes that `node` may lead to, each with its place inside it."""
    found = [(f"edges.{n}.goto", edge.goto) for n, edge in enumerate(edges_of(node))]
    if isinstance(node, ListenNode):
        found += [(f"expect.{n}.goto", branch.goto) for n, branch in enumerate(node.expect) if branch.goto]
    for field in ("otherwise_goto", "failed_goto"):
        if goto := getattr(node, field, None):
            found.append((field, goto))
    return found


def edges_of(node: Node) -> list[Edge]:
    return list(getattr(node, "edges", []))


def _unknown(config: AgentConfig, flow: Flow) -> Iterator[Remark]:
    """Nodes, tools and targets that are named and not there."""
    if flow.start not in flow.nodes:
        yield Remark(f"{FLOW}.start", "unknown_node", f"There is no node {flow.start!r} to begin with.")
    tools = {tool.name for tool in config.tools if not isinstance(tool, McpServer)}
    if config.knowledge.bases and config.knowledge.mode == "tool":
        tools.add(KnowledgeTool().name)
    # What the tools of an MCP server are called is known when it is asked.
    open_end = any(isinstance(tool, McpServer) for tool in config.tools)
    transfers = {target.name for target in config.transfers}
    for name, node in flow.nodes.items():
        place = f"{NODES}.{name}"
        for field, goto in targets_of(node):
            if goto not in flow.nodes:
                yield Remark(f"{place}.{field}", "unknown_node", f"There is no node {goto!r}.")
        named = [("tool", node.tool)] if isinstance(node, ToolNode) else []
        if isinstance(node, PromptNode):
            named = [(f"tools.{n}", tool) for n, tool in enumerate(node.tools or [])]
        for field, tool in named:
            if tool not in tools and not open_end:
                yield Remark(f"{place}.{field}", "unknown_tool", f"The agent has no tool {tool!r}.")
        if isinstance(node, TransferNode) and node.target not in transfers:
            words = f"The agent has no transfer target {node.target!r}."
            yield Remark(f"{place}.target", "unknown_target", words)


# --- single nodes ---------------------------------------------------------------------------------


def _node_faults(config: AgentConfig, flow: Flow, place: str, node: Node) -> Iterator[Remark]:
    match node:
        case PromptNode():
            if isinstance(config.model, ScriptModel):
                words = "A prompt node needs a language model; the agent's is a script."
                yield Remark(place, "needs_model", words)
            return
        case ListenNode():
            yield from _phrases(flow, place, node)
            return
        case CollectNode():
            yield from _collect(place, node)
    if isinstance(node, SayNode | CollectNode | ConditionNode | ToolNode):
        if not _always_leads_on(node.edges):
            yield Remark(f"{place}.edges", "no_way_on", NO_WAY_ON)
        for number, edge in enumerate(node.edges):
            if edge.when:
                yield Remark(f"{place}.edges.{number}.when", "unheard", UNHEARD)


def _phrases(flow: Flow, place: str, node: ListenNode) -> Iterator[Remark]:
    keys: set[str] = set()
    for number, branch in enumerate(node.expect):
        for slot in SLOT.findall(" ".join(branch.phrases)):
            if slot not in flow.slots:
                words = f"The slot {slot!r} is not declared in the flow's slots."
                yield Remark(f"{place}.expect.{number}.phrases", "unknown_slot", words)
        if branch.dtmf and branch.dtmf in keys:
            yield Remark(
                f"{place}.expect.{number}.dtmf", "duplicate", f"The key {branch.dtmf} is taken already."
            )
        keys |= {branch.dtmf} if branch.dtmf else set()


def _collect(place: str, node: CollectNode) -> Iterator[Remark]:
    if node.type == "choice" and not node.choices:
        yield Remark(f"{place}.choices", "missing", "Give the choices.")
    if node.type != "choice" and node.choices:
        yield Remark(f"{place}.choices", "useless", "Choices are for the type `choice`.")
    for number, choice in enumerate(node.choices):
        if choice.casefold() in (other.casefold() for other in node.choices[:number]):
            yield Remark(f"{place}.choices.{number}", "duplicate", "This choice is there already.")
    if node.min_digits > node.max_digits:
        words = "At least more digits than at most cannot be given."
        yield Remark(f"{place}.min_digits", "range", words)


def _always_leads_on(edges: list[Edge]) -> bool:
    """Without conditions, or by two that cannot both fail: set and unset."""
    if any(not edge.conditions and not edge.when for edge in edges):
        return True
    alone = [edge.conditions[0] for edge in edges if len(edge.conditions) == 1 and not edge.when]
    found = {(condition.name, condition.is_) for condition in alone}
    return any((name, "unset") in found for name, how in found if how == "set")


def _never_taken(place: str, node: Node) -> Iterator[Remark]:
    always = False
    for number, edge in enumerate(edges_of(node)):
        if edge.when:
            continue
        if always:
            words = "This way is never taken: the one before it always applies."
            yield Remark(f"{place}.edges.{number}", "never_taken", words)
        always = always or not edge.conditions


def _deaf(config: AgentConfig, node: CollectNode) -> bool:
    return (
        config.transcriber.provider == "pocketsphinx"
        and node.by != "keys"
        and node.type in ("text", "number")
        and not config.transcriber.hints
    )


# --- the whole graph ------------------------------------------------------------------------------


def _no_exit(flow: Flow) -> Iterator[Remark]:
    reached = _reached(flow)
    saved = {name for name in flow.nodes if _is_exit(flow.nodes[name])}
    if not saved & reached:
        yield Remark(FLOW, "no_exit", NO_EXIT_AT_ALL)
        return
    before: dict[str, set[str]] = {}
    for name, node in flow.nodes.items():
        for _, goto in targets_of(node):
            before.setdefault(goto, set()).add(name)
    safe = _closure(saved, before)
    for name in flow.nodes:
        if name in reached and name not in safe:
            yield Remark(f"{NODES}.{name}", "no_exit", NO_EXIT)


def _is_exit(node: Node) -> bool:
    if isinstance(node, ListenNode):
        return any(branch.action == "end_call" for branch in node.expect)
    return isinstance(node, EndNode | TransferNode | HandOverNode)


def _reached(flow: Flow) -> set[str]:
    after = {name: {goto for _, goto in targets_of(node)} for name, node in flow.nodes.items()}
    return _closure({flow.start}, after) & set(flow.nodes)


def _circle(flow: Flow) -> set[str]:
    """Nodes that can be entered again without the caller doing anything, and without a deed between."""
    after = {
        name: {edge.goto for edge in edges_of(node)}
        for name, node in flow.nodes.items()
        if isinstance(node, SayNode | ConditionNode)
    }
    return {name for name, ways in after.items() if name in _closure(ways, after)}


def _closure(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    """`start` and all that can be reached from it."""
    found, ahead = set(start), list(start)
    while ahead:
        for name in ways.get(ahead.pop(), set()) - found:
            found.add(name)
            ahead.append(name)
    return found
