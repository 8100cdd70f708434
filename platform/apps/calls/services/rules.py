"""What is taken out of a call without anybody asking: the rules of the agents that it is given to."""

from __future__ import annotations

from apps.calls.models import Call
from media_workers.contract.agent import AgentConfig
from media_workers.contract.flow import CollectNode
from media_workers.contract.tools import CollectDigitsTool


def heeding(call: Call, config: AgentConfig) -> AgentConfig:
    """`config` as the node is to have it; `call` keeps its rules from now on, those of earlier agents too.

    With `keys` everything that is typed is sensitive: the node hides it already, in sound and words.
    """
    wanted = [rule for rule in config.redact if rule not in call.redact]
    if wanted:
        call.redact = sorted([*call.redact, *wanted])
        call.save(update_fields=["redact", "updated_at"])
    return _keys_are_secret(config) if "keys" in config.redact else config


def _keys_are_secret(config: AgentConfig) -> AgentConfig:
    tools = [
        tool.model_copy(update={"sensitive": True}) if isinstance(tool, CollectDigitsTool) else tool
        for tool in config.tools
    ]
    changes = {"keys": config.keys.model_copy(update={"sensitive": True}), "tools": tools}
    if config.flow is not None:
        nodes = {name: _secret(node) for name, node in config.flow.nodes.items()}
        changes["flow"] = config.flow.model_copy(update={"nodes": nodes})
    return config.model_copy(update=changes)


def _secret(node: object) -> object:
    """Figures that are asked for; a menu's choice is none."""
    if isinstance(node, CollectNode) and node.by != "voice" and node.type in ("digits", "number"):
        return node.model_copy(update={"sensitive": True})
    return node
