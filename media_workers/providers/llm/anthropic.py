"""Claude through the `anthropic` SDK: on Anthropic's own platform and on Amazon Bedrock.

https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import anthropic
import httpx2  # what the SDK speaks through

from media_workers.contract.agent import ChatModel
from media_workers.contract.vendors import Credential
from media_workers.providers.base import (
    ChatMessage,
    Delta,
    ProviderError,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
    Usage,
)
from media_workers.providers.llm.failures import CONNECT_TIMEOUT_MS, Failures
from media_workers.providers.llm.pool import LIMITS, Pool, shared_pool
from media_workers.providers.llm.requests import a_call, extra_of, joined, key_of, regional
from media_workers.providers.outside import http_options

URL = "https://api.anthropic.com"
BEDROCK_URL = "https://bedrock-mantle.{region}.api.aws/anthropic"
WHAT = "a stream of Claude's"

Client = anthropic.AsyncAnthropic | anthropic.AsyncAnthropicBedrockMantle

QUIET: tuple[tuple[str, dict[str, Any]], ...] = (
    (r"fable|mythos|opus-5-[5-9]", {"output_config": {"effort": "low"}}),
    (r"sonnet-5-[5-9]", {"thinking": {"type": "between_tools"}}),
    (r"", {"thinking": {"type": "disabled"}}),
)
"""What to send so that the first word comes at once; the first line found in the model's name counts.
https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting"""

_SAMPLED = re.compile(r"-(3|4-[0-6]|[a-z]+-4-[0-6])(?!\d)")
"""Models that still take a temperature."""

_OURS = frozenset({"model", "messages", "system", "stream", "tools", "tool_choice", "max_tokens"})


class AnthropicModel:
    """A `LanguageModel`. `pool.client` belongs to all calls with the same address and key."""

    def __init__(self, pool: Pool[Client], choice: ChatModel, key: str) -> None:
        self.name: str = choice.provider
        self.model = choice.model
        self._pool = pool
        self._max_tokens = choice.max_tokens
        self._timeout = anthropic.Timeout(
            choice.timeout_ms / 1000, connect=min(choice.timeout_ms, CONNECT_TIMEOUT_MS) / 1000
        )
        self._body = _body(choice)
        self._failures = Failures(self.name, pool.host, key, choice.timeout_ms, WHAT)

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncGenerator[Delta, None]:
        answer = _Answer()
        failure: ProviderError | None = None
        self._pool.used()
        try:
            stream: Any = await self._pool.client.messages.create(
                model=self.model,
                system=_system(messages),
                messages=_messages(messages),
                tools=[_tool(tool) for tool in tools] or anthropic.omit,
                tool_choice={"type": "none"} if tool_choice == "none" and tools else anthropic.omit,
                max_tokens=self._max_tokens,
                stream=True,
                extra_body=self._body,
                timeout=self._timeout,
            )
            answer.begun = True
            async with stream:
                async for event in stream:
                    for delta in answer.add(event):
                        yield delta
        except (anthropic.AnthropicError, httpx2.HTTPError, ValueError) as error:
            failure = self._explained(error, answer)
        # Outside of the handler: what the vendor said may repeat the key, and is not chained.
        if failure is not None:
            raise failure
        if answer.stopped == "refusal":
            raise self._failures.error(f"{self._pool.host} declined to answer", retryable=False)
        if not answer.stopped:
            raise self._failures.unfinished()
        for call in answer.calls():
            yield call
        yield answer.usage()

    async def warm_up(self) -> None:
        await self._pool.warm_up("/v1/models")

    async def close(self) -> None:
        """The connections are shared with other calls and stay."""

    def _explained(self, error: Exception, answer: _Answer) -> ProviderError:
        if isinstance(error, anthropic.APIStatusError):
            if error.status_code >= 400:
                return self._failures.refused(error.status_code, error.body)
            return self._failures.reported(error.body)
        if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
            return self._failures.broke(error, begun=answer.begun)
        if isinstance(error, ValueError):
            return self._failures.garbage()
        return self._failures.reported(getattr(error, "body", None))


@dataclass(slots=True)
class _Answer:
    """What a stream has brought so far. `begun`: the request was accepted; `stopped`: why the model says
    that this is all."""

    begun: bool = False
    stopped: str = ""
    _blocks: dict[int, Any] = field(default_factory=dict)
    _arguments: dict[int, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, event: Any) -> list[Delta]:
        """Raises ValueError. The library does not validate what it is sent."""
        try:
            return list(self._deltas(event))
        except (AttributeError, TypeError) as error:
            raise ValueError("not an event of a message") from error

    def _deltas(self, event: Any) -> Iterator[Delta]:
        if event.type == "message_start":
            self._count(event.message.usage)
        elif event.type == "content_block_start":
            self._blocks[event.index] = event.content_block
            if event.content_block.type == "text" and event.content_block.text:
                yield TextDelta(_text(event.content_block.text))
        elif event.type == "content_block_delta":
            if event.delta.type == "text_delta":
                yield TextDelta(_text(event.delta.text))
            elif event.delta.type == "input_json_delta":
                known = self._arguments.get(event.index, "")
                self._arguments[event.index] = joined(known, event.delta.partial_json)
        elif event.type == "message_delta":
            self.stopped = event.delta.stop_reason or self.stopped
            self._count(event.usage)

    def _count(self, usage: Any) -> None:
        """The later count stands for all that was counted before."""
        for name in _COUNTS:
            if (count := getattr(usage, name, None)) is not None:
                self._counts[name] = int(count)

    def calls(self) -> list[ToolCall]:
        """The complete calls."""
        return [
            a_call(block.id, block.name, self._arguments.get(index, ""))
            for index, block in sorted(self._blocks.items())
            if block.type == "tool_use"
        ]

    def usage(self) -> Usage:
        """Anthropic counts what was read from the cache, or written to it, apart from the input."""
        fresh, read, written, output = (self._counts.get(name, 0) for name in _COUNTS)
        return Usage(fresh + read + written, output, read)


_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("a delta of text is text")
    return text


def _body(choice: ChatModel) -> dict[str, object]:
    """The settings of the request: the agent's, the model's, and the tenant's own above all."""
    body: dict[str, object] = dict(next(quiet for found, quiet in QUIET if re.search(found, choice.model)))
    if _SAMPLED.search(choice.model):
        body["temperature"] = min(choice.temperature, 1.0)
    body |= extra_of(choice, _OURS)
    return {name: value for name, value in body.items() if value is not None}


def _system(messages: Sequence[ChatMessage]) -> Any:
    """The prompt, which is the same in every request of a call (as the functions before it are): cached."""
    text = "\n\n".join(m.text for m in messages if m.role == "system" and m.text.strip())
    return (
        [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}] if text else anthropic.omit
    )


def _messages(messages: Sequence[ChatMessage]) -> Any:
    """The results of one round of functions go into one message of the user's."""
    found: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        if found and found[-1]["role"] == role:
            found[-1]["content"] += _blocks(message)
        else:
            found.append({"role": role, "content": _blocks(message)})
    return found


def _blocks(message: ChatMessage) -> list[dict[str, Any]]:
    if message.role == "tool":
        id = _known(message.tool_call_id)
        return [{"type": "tool_result", "tool_use_id": id, "content": message.text or "(nothing)"}]
    blocks: list[dict[str, Any]] = [
        {"type": "tool_use", "id": _known(c.id), "name": c.name, "input": json.loads(c.arguments)}
        for c in message.tool_calls
    ]
    if message.text.strip() or not blocks:
        # Empty text is refused.
        blocks.insert(0, {"type": "text", "text": message.text if message.text.strip() else "..."})
    return blocks


def _known(id: str) -> str:
    """An id of another vendor's, as Anthropic takes it."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", id)


def _tool(tool: Tool) -> Any:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}


def build(choice: ChatModel, credential: Credential | None) -> AnthropicModel:
    """The model of one call; calls with the same address and key share their connections.
    Raises `ProviderError` without a key, or a region where Bedrock needs one."""
    key = key_of(choice, credential)
    own = credential.base_url if credential else ""
    url = own or regional(BEDROCK_URL if choice.provider == "bedrock" else URL, choice, credential)
    url = url.rstrip("/")
    public = credential is not None and credential.public_only
    shared_as = (choice.provider, "claude", url, key, public)
    pool = shared_pool(shared_as, url, lambda: _client(choice.provider, url, key, public))
    return AnthropicModel(pool, choice, key)


def _client(provider: str, url: str, key: str, public_only: bool) -> tuple[Client, httpx2.AsyncClient]:
    """No retries: who asks knows what has been spoken already, and who else can be asked."""
    http = anthropic.DefaultAsyncHttpxClient(**http_options(LIMITS, public_only=public_only))
    client: Client
    if provider == "bedrock":
        client = anthropic.AsyncAnthropicBedrockMantle(
            base_url=url, api_key=key, aws_region="", max_retries=0, http_client=http, open_telemetry=False
        )
    else:
        client = anthropic.AsyncAnthropic(
            base_url=url,
            api_key=key,
            webhook_key="",
            max_retries=0,
            http_client=http,
            open_telemetry=False,
        )
    # The SDK reads these from the node's environment; a tenant's vendor must not see them.
    client._custom_headers = {}
    return client, http
