"""The graph that a dialogue walks: a flow as it is configured, or a script, whose nodes all listen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from media_workers.contract.agent import ScriptModel
from media_workers.contract.flow import Flow, ListenNode, Node


@dataclass(frozen=True, slots=True)
class Graph:
    """`slots`: the values that the slots in the phrases of listen nodes may take."""

    start: str
    nodes: Mapping[str, Node]
    slots: Mapping[str, Sequence[str]]


def of_flow(flow: Flow) -> Graph:
    return Graph(flow.start, flow.nodes, flow.slots)


def of_script(script: ScriptModel) -> Graph:
    nodes = {
        name: ListenNode(
            say=node.say,
            expect=node.expect,
            otherwise=node.otherwise,
            otherwise_limit=node.otherwise_limit,
            otherwise_goto=node.otherwise_goto,
        )
        for name, node in script.nodes.items()
    }
    return Graph(script.start, nodes, script.slots)
