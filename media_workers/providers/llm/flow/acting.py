"""The calls that nodes make: of tools, transfers, hand-overs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from media_workers.contract.flow import HandOverNode, ToolNode, TransferNode
from media_workers.providers.base import HAND_OVER_CALL, TRANSFER_CALL, Tool, ToolCall
from media_workers.providers.llm.flow.values import filled


def call_of(
    id: str,
    node: ToolNode | TransferNode | HandOverNode,
    *,
    tools: Sequence[Tool],
    variables: Mapping[str, str],
    slots: Mapping[str, str],
) -> ToolCall:
    if isinstance(node, TransferNode):
        return ToolCall(id, TRANSFER_CALL, json.dumps({"target": node.target}))
    if isinstance(node, HandOverNode):
        return ToolCall(id, HAND_OVER_CALL, json.dumps({"agent": node.agent}))
    schema = next((tool.parameters for tool in tools if tool.name == node.tool), {})
    texts = {name: filled(text, variables, slots) for name, text in node.arguments.items()}
    return ToolCall(id, node.tool, json.dumps({name: _typed(schema, name, t) for name, t in texts.items()}))


def _typed(schema: Mapping[str, object], name: str, text: str) -> object:
    """`text` as what the tool's schema asks for, where it is such a thing."""
    properties = schema.get("properties")
    about = properties.get(name) if isinstance(properties, dict) else None
    kind = about.get("type") if isinstance(about, dict) else None
    if kind in (None, "string"):
        return text
    if kind == "boolean":
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.strip().lower(), text)
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if kind not in ("integer", "number") or isinstance(found, int | float) else text
