"""Chat completions, streamed: OpenAI, and every vendor that speaks its protocol, through the `openai` SDK.

What differs between the vendors is data: `VENDORS`, and `QUIET` for models that would think before they
speak. https://developers.openai.com/api/reference/resources/chat
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import httpx2  # what the SDK speaks through
import openai
from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam

from media_workers.contract.agent import ChatModel, OpenAICompatibleModel
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
from media_workers.providers.llm.requests import a_call, extra_of, joined, key_of, regional, unusable
from media_workers.providers.outside import http_options

WHAT = "a chat completion stream"
COMPATIBLE = "openai_compatible"


@dataclass(frozen=True)
class Vendor:
    """How a vendor differs from OpenAI's own endpoint of ten years' habit.

    `url` may hold `{region}`; empty: there is none but the account's own. `limit`: the name of the limit of
    tokens. `usage`: whether usage has to be asked for (else the last chunk brings it unasked). `short_ids`:
    ids of tool calls must be nine letters or digits. `key_header`: instead of `Authorization: Bearer`.
    """

    url: str = ""
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    usage: bool = True
    short_ids: bool = False
    key_header: str = ""


VENDORS = {
    COMPATIBLE: Vendor(),
    "openai": Vendor("https://api.openai.com/v1", limit="max_completion_tokens"),
    "mistral": Vendor("https://api.mistral.ai/v1", usage=False, short_ids=True),
    "groq": Vendor("https://api.groq.com/openai/v1", limit="max_completion_tokens"),
    "together": Vendor("https://api.together.xyz/v1"),
    "cerebras": Vendor("https://api.cerebras.ai/v1", limit="max_completion_tokens"),
    "xai": Vendor("https://api.x.ai/v1", limit="max_completion_tokens"),
    "deepseek": Vendor("https://api.deepseek.com/v1"),
    "azure": Vendor(limit="max_completion_tokens", key_header="api-key"),
    "bedrock": Vendor(
        "https://bedrock-runtime.{region}.amazonaws.com/openai/v1", limit="max_completion_tokens"
    ),
}

_GPT = "openai|azure|bedrock"
_THINKS = {"temperature": None}
"""A model that always thinks takes no temperature."""

QUIET: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (_GPT, r"(openai\.)?gpt-5(-mini|-nano)?(-20\d\d.*)?$", {"reasoning_effort": "minimal", **_THINKS}),
    (_GPT, r"(openai\.)?(gpt-6-astra|gpt-6\.1-sol|o\d)", {"reasoning_effort": "low", **_THINKS}),
    (_GPT, r"(openai\.)?gpt-(5\.\d|[6-9])(?!.*chat)", {"reasoning_effort": "none"}),
    ("groq|together|cerebras|bedrock", r"(openai[/.])?gpt-oss", {"reasoning_effort": "low"}),
    ("groq", r"qwen/qwen3", {"reasoning_effort": "none"}),
    ("together", r"(?i)zai-org/glm|qwen/qwen3|deepseek-ai/|moonshotai/", {"reasoning": {"enabled": False}}),
    ("cerebras", r"zai-glm", {"disable_reasoning": True}),
    ("cerebras", r"qwen", {"reasoning_effort": "none"}),
    ("xai", r"grok-4\.5", {"reasoning_effort": "low"}),
    ("deepseek", r"deepseek", {"thinking": {"type": "disabled"}}),
)
"""Vendors, models, and what to send so that the first word comes at once. The first line that fits counts;
None takes a setting out of the request."""

_OURS = frozenset(
    {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "n"}
    | {"max_tokens", "max_completion_tokens"}
)
"""Not to be replaced by `extra`. How much may be written is the agent's own setting, which has a limit."""


class OpenAIModel:
    """A `LanguageModel`. `pool.client` belongs to all calls with the same address and key."""

    def __init__(
        self, pool: Pool[openai.AsyncOpenAI], choice: ChatModel | OpenAICompatibleModel, key: str
    ) -> None:
        self.name: str = choice.provider
        self.model = choice.model
        self._pool = pool
        self._vendor = VENDORS[choice.provider]
        self._timeout = openai.Timeout(
            choice.timeout_ms / 1000, connect=min(choice.timeout_ms, CONNECT_TIMEOUT_MS) / 1000
        )
        self._body = _body(self._vendor, choice)
        header = self._vendor.key_header
        self._headers: dict[str, str | openai.Omit] = (
            {header: key, "Authorization": openai.omit} if header else {}
        )
        self._failures = Failures(self.name, pool.host, key, choice.timeout_ms, WHAT)

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncGenerator[Delta, None]:
        answer = _Answer()
        failure: ProviderError | None = None
        self._pool.used()
        try:
            stream = await self._pool.client.chat.completions.create(
                messages=[_message(m, self._vendor.short_ids) for m in messages],
                model=self.model,
                tools=[_function(tool) for tool in tools] or openai.omit,
                tool_choice="none" if tool_choice == "none" and tools else openai.omit,
                stream=True,
                stream_options={"include_usage": True} if self._vendor.usage else openai.omit,
                extra_body=self._body,
                extra_headers=self._headers,
                timeout=self._timeout,
            )
            answer.begun = True
            async with stream:
                async for chunk in stream:
                    for delta in answer.add(chunk):
                        yield delta
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            failure = self._explained(error, answer)
        # Outside of the handler: what the vendor said may repeat the key, and is not chained.
        if failure is not None:
            raise failure
        if not answer.finished:
            raise self._failures.unfinished()
        for call in answer.calls():
            yield call
        if answer.usage is not None:
            yield answer.usage

    async def warm_up(self) -> None:
        await self._pool.warm_up("/models")

    async def close(self) -> None:
        """The connections are shared with other calls and stay."""

    def _explained(self, error: Exception, answer: _Answer) -> ProviderError:
        if isinstance(error, openai.APIStatusError):
            return self._failures.refused(error.status_code, error.body)
        if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
            return self._failures.broke(error, begun=answer.begun)
        if isinstance(error, ValueError):
            return self._failures.garbage()
        return self._failures.reported(getattr(error, "body", None))


@dataclass(slots=True)
class _Call:
    """A tool call of which all pieces so far are joined."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class _Answer:
    """What a stream has brought so far. `begun`: the request was accepted; `finished`: the model says
    that this is all."""

    begun: bool = False
    finished: bool = False
    usage: Usage | None = None
    _calls: list[_Call] = field(default_factory=list)

    def add(self, chunk: Any) -> list[Delta]:
        """Raises ValueError. The library does not validate what endpoints send."""
        try:
            return list(self._deltas(chunk))
        except (AttributeError, TypeError) as error:
            raise ValueError("not a chunk of a chat completion") from error

    def calls(self) -> list[ToolCall]:
        """The complete calls."""
        return [a_call(call.id, call.name, call.arguments) for call in self._calls if call.name]

    def _deltas(self, chunk: Any) -> Iterator[Delta]:
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        for choice in (chunk.choices or ())[:1]:
            self.finished = self.finished or choice.finish_reason is not None
            if choice.delta is None:
                continue
            if choice.delta.content:
                yield TextDelta(_text(choice.delta.content))
            for part in choice.delta.tool_calls or ():
                self._piece(part)

    def _piece(self, part: Any) -> None:
        """Endpoints differ: some number nothing, some give every call the same number and an id of
        its own, some repeat id and name with every piece."""
        name = (part.function.name if part.function else None) or ""
        call = next((c for c in reversed(self._calls) if part.index in (None, c.index)), None)
        another_id = call is not None and part.id and call.id and part.id != call.id
        another_name = call is not None and part.index is None and not part.id and name and call.name
        if call is None or another_id or another_name:
            call = _Call(part.index)
            self._calls.append(call)
        call.id = call.id or part.id or ""
        call.name += name if name != call.name else ""
        more = (part.function.arguments if part.function else None) or ""
        call.arguments = joined(call.arguments, more)


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise TypeError("the content of a delta is text")
    return content


def _usage(told: Any) -> Usage:
    """DeepSeek tells what came from its cache beside OpenAI's details."""
    details = getattr(told, "prompt_tokens_details", None)
    cached = getattr(details, "cached_tokens", None) or getattr(told, "prompt_cache_hit_tokens", None)
    return Usage(told.prompt_tokens or 0, told.completion_tokens or 0, cached or 0)


def _body(vendor: Vendor, choice: ChatModel | OpenAICompatibleModel) -> dict[str, Any]:
    """The settings of the request: the agent's, the vendor's, and the tenant's own above all."""
    body: dict[str, Any] = {vendor.limit: choice.max_tokens, "temperature": choice.temperature}
    for vendors, models, quiet in QUIET:
        if choice.provider in vendors.split("|") and re.match(models, choice.model):
            body |= quiet
            break
    body |= extra_of(choice, _OURS)
    return {name: value for name, value in body.items() if value is not None}


def _function(tool: Tool) -> ChatCompletionFunctionToolParam:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return cast(ChatCompletionFunctionToolParam, {"type": "function", "function": function})


def _message(message: ChatMessage, short_ids: bool) -> ChatCompletionMessageParam:
    known = _short if short_ids else str
    found: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.tool_calls:
        found["content"] = message.text or None
        found["tool_calls"] = [
            {
                "id": known(call.id),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.role == "tool":
        found["tool_call_id"] = known(message.tool_call_id)
    return cast(ChatCompletionMessageParam, found)


def _short(id: str) -> str:
    """Nine letters or digits that stand for `id`: itself, if it is so already."""
    return id if re.fullmatch(r"[a-zA-Z0-9]{9}", id) else hashlib.sha256(id.encode()).hexdigest()[:9]


def build(choice: ChatModel | OpenAICompatibleModel, credential: Credential | None) -> OpenAIModel:
    """The model of one call; calls with the same address and key share their connections.
    Raises `ProviderError` without a key, an address or a region that the vendor needs."""
    if isinstance(choice, OpenAICompatibleModel):
        key = choice.api_key or "none"
    else:
        key = key_of(choice, credential)
    url = _address(choice, credential).rstrip("/")
    public = credential is not None and credential.public_only
    pool = shared_pool((choice.provider, url, key, public), url, lambda: _client(url, key, public))
    return OpenAIModel(pool, choice, key)


def _address(choice: ChatModel | OpenAICompatibleModel, credential: Credential | None) -> str:
    if isinstance(choice, OpenAICompatibleModel):
        return str(choice.base_url)
    if credential is not None and (own := credential.base_url):
        return f"{own.rstrip('/')}/openai/v1" if choice.provider == "azure" and _bare(own) else own
    if choice.provider == "openai" and credential is not None:
        return openai_address(credential)
    url = VENDORS[choice.provider].url
    if not url:
        raise unusable(choice, "has no address: give the base URL of your resource with the key")
    return regional(url, choice, credential)


def openai_address(credential: Credential) -> str:
    """OpenAI's own address for the region that the key's project keeps its data in.
    https://developers.openai.com/api/docs/guides/your-data#data-residency-controls"""
    region = credential.region.lower()
    known = re.fullmatch(r"[a-z]{2}", region)
    return f"https://{region}.api.openai.com/v1" if known else VENDORS["openai"].url


def _bare(url: str) -> bool:
    """The address of an Azure resource without the path of its API."""
    return urlsplit(url).path in ("", "/")


def _client(url: str, key: str, public_only: bool) -> tuple[openai.AsyncOpenAI, httpx2.AsyncClient]:
    """No retries: who asks knows what has been spoken already, and who else can be asked."""
    http = openai.DefaultAsyncHttpx2Client(**http_options(LIMITS, public_only=public_only))
    client = openai.AsyncOpenAI(
        base_url=url, api_key=key, admin_api_key="", webhook_secret="", max_retries=0, http_client=http
    )
    # The SDK reads these from the node's environment; a tenant's vendor must not see them.
    client.organization = client.project = None
    client._custom_headers = {}
    return client, http
