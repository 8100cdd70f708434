"""What the model is told of an agent's tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import (
    AgentTool,
    CallbackTool,
    CollectDigitsTool,
    DoNotCallTool,
    HttpTool,
    KnowledgeTool,
    LeaveVoicemailTool,
    McpServer,
    SendDigitsTool,
    SmsTool,
    TransferTool,
)
from media_workers.contract.transfers import TransferTarget
from media_workers.providers.base import Tool

SWITCH_LANGUAGE = "switch_language"
NOTHING: dict[str, object] = {"type": "object", "properties": {}}


class Offers(Sequence[Tool]):
    """The tools of a call, in the agent's order; those of MCP servers come when their servers have told them,
    so that whoever offers them looks anew at each request."""

    def __init__(self, config: AgentConfig) -> None:
        self._tools = offers(config)

    def add(self, tools: Iterable[Tool]) -> None:
        """Tools that were not known before. One whose name is taken is left out."""
        names = {tool.name for tool in self._tools}
        self._tools.extend(tool for tool in tools if tool.name not in names)

    @overload
    def __getitem__(self, index: int) -> Tool: ...
    @overload
    def __getitem__(self, index: slice) -> list[Tool]: ...
    def __getitem__(self, index: int | slice) -> Tool | list[Tool]:
        return self._tools[index]

    def __len__(self) -> int:
        return len(self._tools)


def offers(config: AgentConfig) -> list[Tool]:
    """The tools of `config` whose arguments are known before the call."""
    found = [_offer(tool, config) for tool in config.tools if not isinstance(tool, McpServer)]
    if config.searches_itself and not any(isinstance(tool, KnowledgeTool) for tool in config.tools):
        found.append(_offer(KnowledgeTool(), config))
    if config.voicemail.navigate and not any(isinstance(tool, SendDigitsTool) for tool in config.tools):
        found.append(_offer(SendDigitsTool(), config))
    if config.languages:
        found.append(_switch_language(config))
    return found


def _switch_language(config: AgentConfig) -> Tool:
    """Works with every vendor: the model hears for itself in which language it is spoken to."""
    languages = dict.fromkeys([config.language, *(other.language for other in config.languages)])
    words = "Go on in another language, once the caller speaks it or asks for it."
    return Tool(SWITCH_LANGUAGE, words, _object({"language": {"type": "string", "enum": list(languages)}}))


def _offer(tool: AgentTool, config: AgentConfig) -> Tool:
    match tool:
        case HttpTool():
            return Tool(tool.name, tool.description, dict(tool.parameters))
        case TransferTool():
            return _transfer(tool, config.transfers)
        case SendDigitsTool():
            words = "Press keys on the telephone, for menus and extensions. `w` waits half a second."
            digits = {"type": "string", "pattern": "^[0-9*#A-Dw,]{1,32}$"}
            return Tool(tool.name, tool.description or words, _object({"digits": digits}))
        case CollectDigitsTool():
            words = "Have the caller type a number on the keys of the telephone."
            asks = f' The caller is asked: "{tool.prompt}"' if tool.prompt else ""
            return Tool(tool.name, (tool.description or words) + asks, NOTHING)
        case LeaveVoicemailTool():
            words = "An answering machine has taken the call: leave the message after the beep and hang up."
            return Tool(tool.name, tool.description or words, NOTHING)
        case CallbackTool():
            return _callback(tool)
        case SmsTool():
            words = "Send a text message to the other side of the call."
            text: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": 1000}
            parameters = NOTHING if tool.text else _object({"text": text})
            return Tool(tool.name, tool.description or words, parameters)
        case DoNotCallTool():
            words = (
                "The other side asks not to be called again: put their number on the do-not-call list at "
                "once. Then say that it is done, and do not try to change their mind."
            )
            return Tool(tool.name, tool.description or words, NOTHING)
        case KnowledgeTool():
            words = "Look something up in our documents. Ask in the words that stand in them."
            query: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": 2000}
            return Tool(tool.name, tool.description or words, _object({"query": query}))
        case McpServer():
            raise TypeError("the tools of an MCP server are known when it has been asked")


def allowed(tool: TransferTool, transfers: Sequence[TransferTarget]) -> list[TransferTarget]:
    """The targets that the model may choose from."""
    return [target for target in transfers if not tool.targets or target.name in tool.targets]


def _transfer(tool: TransferTool, transfers: Sequence[TransferTarget]) -> Tool:
    targets = allowed(tool, transfers)
    lines = [f"- {t.name}: {t.description}" if t.description else f"- {t.name}" for t in targets]
    words = tool.description or "Connect the caller with somebody else."
    choice: dict[str, object] = {"type": "string", "enum": [t.name for t in targets]}
    return Tool(tool.name, "\n".join([words, *lines]), _object({"target": choice}))


def _callback(tool: CallbackTool) -> Tool:
    words = tool.description or "Call the same person again later."
    limit = f" At most {tool.longest_days} days ahead."
    at: dict[str, object] = {
        "type": "string",
        "format": "date-time",
        "description": "ISO 8601 with the time zone, such as 2030-01-31T15:00:00+01:00.",
    }
    note: dict[str, object] = {"type": "string", "maxLength": 1000, "description": "What it is about."}
    parameters: dict[str, object] = {
        "type": "object",
        "properties": {"at": at, "note": note},
        "required": ["at"],
    }
    return Tool(tool.name, words + limit, parameters)


def _object(properties: dict[str, object]) -> dict[str, object]:
    """All of them required, nothing else allowed."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
