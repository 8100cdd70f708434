"""What tests of the chat model's dialogue share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media_workers.contract.agent import AgentConfig, OpenAICompatibleModel
from media_workers.providers.base import Delta, TextDelta, Tool, ToolCall, UserInput
from media_workers.providers.llm.chat import ChatDialogue, instructions
from media_workers.providers.llm.openai import build
from tests.fakes.openai_server import OpenAIServer

KEY = "sk-a-key-that-nobody-may-see"
HELLO = UserInput("hello")


def dialogue(
    server: OpenAIServer, *, slash: str = "", prompt: str = "", tools: Sequence[Any] = (), **model: Any
) -> ChatDialogue:
    fields = {
        "provider": "openai_compatible",
        "base_url": server.url + slash,
        "model": "small-talk",
        "api_key": KEY,
        **model,
    }
    agent = {"model": fields, "prompt": prompt, "variables": {"name": "Ada"}}
    offered = [Tool(tool["name"], tool["description"], tool.get("parameters", {})) for tool in tools]
    config = AgentConfig.model_validate(agent)
    assert isinstance(config.model, OpenAICompatibleModel)
    return ChatDialogue(build(config.model, None), instructions(config, {"day": "Friday"}), offered)


async def replied(
    mind: ChatDialogue, said: UserInput = HELLO, results: dict[str, str] | None = None
) -> list[Delta]:
    """The whole reply; functions are answered at once, as the conversation does."""
    deltas = []
    async for delta in mind.reply(said):
        deltas.append(delta)
        if isinstance(delta, ToolCall):
            mind.tool_result(delta, (results or {}).get(delta.name, "ok"))
    return deltas


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(d.text for d in deltas if isinstance(d, TextDelta))


def calls_of(deltas: Sequence[Delta]) -> list[tuple[str, str, str]]:
    return [(d.id, d.name, d.arguments) for d in deltas if isinstance(d, ToolCall)]
