"""What the model is told of an agent's tools."""

from __future__ import annotations

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import HttpTool
from media_workers.providers.base import Tool


def offers(config: AgentConfig) -> list[Tool]:
    """The tools of `config` whose arguments are known before the call."""
    return [
        Tool(tool.name, tool.description, dict(tool.parameters))
        for tool in config.tools
        if isinstance(tool, HttpTool)
    ]
