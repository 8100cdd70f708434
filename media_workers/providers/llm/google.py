"""Gemini through the `google-genai` SDK, by the Gemini API's key.

https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2  # what the SDK is told to speak through
from google import genai
from google.genai import errors, types

from media_workers.contract.agent import ChatModel
from media_workers.contract.vendors import Credential
from media_workers.providers import trust
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
from media_workers.providers.llm.requests import NO_ACCOUNT, an_id, extra_of, key_of, unusable
from media_workers.providers.outside import http_options

log = logging.getLogger(__name__)

URL = "https://generativelanguage.googleapis.com"
WHAT = "a stream of Gemini's"

QUIET: tuple[tuple[str, dict[str, Any]], ...] = (
    (r"gemini-2\.5-flash", {"thinking_budget": 0}),
    (r"gemini-2\.5-pro", {"thinking_budget": 128}),
    (r"gemini-3(\.[1-6])?-flash|flash-lite|gemma-4", {"thinking_level": "minimal"}),
    (r"gemini-[3-9]", {"thinking_level": "low"}),
)
"""What to send so that the first word comes at once; the first line found in the model's name counts.
https://ai.google.dev/gemini-api/docs/thinking"""

_NO_SIGNATURE = b"skip_thought_signature_validator"
"""Stands for the signature of a call that another model made.
https://ai.google.dev/gemini-api/docs/thought-signatures"""

_WELL = frozenset({"STOP", "MAX_TOKENS"})
_BROKEN = frozenset({"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "OTHER"})
_OURS = frozenset(
    {"system_instruction", "tools", "tool_config", "automatic_function_calling", "http_options"}
    | {"max_output_tokens", "candidate_count"}
)

_NOT_A_CHUNK = (ValueError, TypeError, AttributeError, KeyError)
"""The SDK validates nothing before it looks into it."""

_response: ContextVar[list[httpx2.Response] | None] = ContextVar("_response", default=None)


class GoogleModel:
    """A `LanguageModel`. `pool.client` belongs to all calls with the same address and key. Of its own calls
    of functions it keeps the signatures, which Gemini wants back and nobody else understands."""

    def __init__(self, pool: Pool[Client], choice: ChatModel, key: str) -> None:
        self.name: str = choice.provider
        self.model = choice.model
        self._pool = pool
        self._timeout_ms = choice.timeout_ms
        self._settings = _settings(choice)
        self._signatures: dict[str, bytes] = {}
        self._failures = Failures(self.name, pool.host, key, choice.timeout_ms, WHAT)

    async def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncGenerator[Delta, None]:
        answer = _Answer()
        failure: ProviderError | None = None
        self._pool.used()
        responses: list[httpx2.Response] = []
        _response.set(responses)
        try:
            chunks = await self._pool.client.genai.aio.models.generate_content_stream(
                model=self.model,
                contents=_contents(messages, self._signatures),
                config=self._config(messages, tools, tool_choice),
            )
            async for chunk in chunks:
                for delta in answer.add(chunk):
                    yield delta
        except (errors.APIError, httpx2.HTTPError, *_NOT_A_CHUNK) as error:
            failure = self._explained(error, begun=bool(responses))
        finally:
            # The SDK leaves its generators to the garbage collector, and the request with them.
            for response in responses:
                await response.aclose()
        # Outside of the handler: what the vendor said may repeat the key, and is not chained.
        if failure is not None:
            raise failure
        if not answer.stopped:
            raise self._failures.unfinished()
        if answer.stopped not in _WELL:
            detail = f"{self._pool.host} gave no answer: {answer.stopped}"
            raise self._failures.error(detail, retryable=answer.stopped in _BROKEN)
        self._signatures |= answer.signatures
        for call in answer.calls:
            yield call
        if answer.usage is not None:
            yield answer.usage

    async def warm_up(self) -> None:
        await self._pool.warm_up("/v1beta/models")

    async def close(self) -> None:
        """The connections are shared with other calls and stay."""

    def _config(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], tool_choice: ToolChoice
    ) -> types.GenerateContentConfig:
        prompt = "\n\n".join(m.text for m in messages if m.role == "system" and m.text.strip())
        mode = types.FunctionCallingConfigMode.NONE if tool_choice == "none" else None
        calling = types.FunctionCallingConfig(mode=mode) if mode and tools else None
        return types.GenerateContentConfig(
            system_instruction=prompt or None,
            tools=[types.Tool(function_declarations=[_function(t) for t in tools])] if tools else None,
            tool_config=types.ToolConfig(function_calling_config=calling) if calling else None,
            http_options=types.HttpOptions(timeout=self._timeout_ms),
            **self._settings,
        )

    def _explained(self, error: Exception, *, begun: bool) -> ProviderError:
        if isinstance(error, errors.APIError):
            if isinstance(error.code, int) and error.code >= 400:
                return self._failures.refused(error.code, error.details)
            return self._failures.reported(error.details)
        if isinstance(error, httpx2.HTTPError):
            return self._failures.broke(error, begun=begun)
        log.warning("not a chunk of an answer: %s", type(error).__name__)
        return self._failures.garbage()


@dataclass(slots=True)
class _Answer:
    """What a stream has brought so far. `stopped`: why the model says that this is all."""

    stopped: str = ""
    usage: Usage | None = None
    calls: list[ToolCall] = field(default_factory=list)
    signatures: dict[str, bytes] = field(default_factory=dict)

    def add(self, chunk: types.GenerateContentResponse) -> Iterator[Delta]:
        if (counts := chunk.usage_metadata) is not None:
            self.usage = _usage(counts)
        if (feedback := chunk.prompt_feedback) is not None and feedback.block_reason is not None:
            self.stopped = feedback.block_reason.value
        for candidate in (chunk.candidates or ())[:1]:
            if candidate.finish_reason is not None:
                self.stopped = candidate.finish_reason.value
            for part in (candidate.content.parts if candidate.content else None) or ():
                if part.function_call is not None:
                    self._call(part.function_call, part.thought_signature)
                elif part.text and not part.thought:
                    yield TextDelta(part.text)

    def _call(self, call: types.FunctionCall, signature: bytes | None) -> None:
        if not call.name:
            return
        made = ToolCall(an_id(call.id), call.name, json.dumps(call.args or {}))
        self.calls.append(made)
        if signature:
            self.signatures[made.id] = signature


def _usage(counts: types.GenerateContentResponseUsageMetadata) -> Usage:
    return Usage(
        (counts.prompt_token_count or 0) + (counts.tool_use_prompt_token_count or 0),
        (counts.candidates_token_count or 0) + (counts.thoughts_token_count or 0),
        counts.cached_content_token_count or 0,
    )


def _settings(choice: ChatModel) -> dict[str, Any]:
    """The settings of the request: the agent's, the model's, and the tenant's own above all."""
    settings: dict[str, Any] = {"temperature": choice.temperature, "max_output_tokens": choice.max_tokens}
    thinking = next((quiet for found, quiet in QUIET if re.search(found, choice.model)), {})
    own = extra_of(choice, _OURS)
    thinking |= {name: own.pop(name) for name in ("thinking_budget", "thinking_level") if name in own}
    if thinking:
        settings["thinking_config"] = thinking
    known = types.GenerateContentConfig.model_fields
    return settings | {name: value for name, value in own.items() if name in known}


def _contents(messages: Sequence[ChatMessage], signatures: dict[str, bytes]) -> list[types.Content]:
    """The results of one round of functions go into one message of the user's."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    found: list[types.Content] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _parts(message, names, signatures)
        if found and found[-1].role == role:
            found[-1].parts = [*(found[-1].parts or ()), *parts]
        else:
            found.append(types.Content(role=role, parts=parts))
    return found


def _parts(message: ChatMessage, names: dict[str, str], signatures: dict[str, bytes]) -> list[types.Part]:
    if message.role == "tool":
        id = message.tool_call_id
        result = types.FunctionResponse(id=id, name=names.get(id, id), response={"result": message.text})
        return [types.Part(function_response=result)]
    parts = [
        types.Part(
            function_call=types.FunctionCall(id=call.id, name=call.name, args=json.loads(call.arguments)),
            # Of calls made at once the first is signed.
            thought_signature=signatures.get(call.id) or (_NO_SIGNATURE if index == 0 else None),
        )
        for index, call in enumerate(message.tool_calls)
    ]
    if message.text.strip() or not parts:
        parts.insert(0, types.Part(text=message.text or "..."))
    return parts


def _function(tool: Tool) -> types.FunctionDeclaration:
    return types.FunctionDeclaration(
        name=tool.name, description=tool.description or tool.name, parameters_json_schema=tool.parameters
    )


def build(choice: ChatModel, credential: Credential | None) -> GoogleModel:
    """The model of one call; calls with the same address and key share their connections.
    Raises `ProviderError` without a key."""
    key = key_of(choice, credential)
    if key.lstrip().startswith("{"):
        raise unusable(choice, NO_ACCOUNT)
    url = ((credential.base_url if credential else "") or URL).rstrip("/")
    public = credential is not None and credential.public_only
    pool = shared_pool(("google", url, key, public), url, lambda: _client(url, key, public))
    return GoogleModel(pool, choice, key)


class Client:
    """The SDK's client with its connections."""

    def __init__(self, genai: genai.Client, http: httpx2.AsyncClient) -> None:
        self.genai = genai
        self._http = http

    async def close(self) -> None:
        await self._http.aclose()


def _client(url: str, key: str, public_only: bool) -> tuple[Client, httpx2.AsyncClient]:
    """No retries: who asks knows what has been spoken already, and who else can be asked. Nothing is read
    from the node's environment: what would be, is given."""
    http = httpx2.AsyncClient(**http_options(LIMITS, public_only=public_only))
    hooks = http.event_hooks
    http.event_hooks = {
        "request": [*hooks["request"], _connect_soon],
        "response": [_note, *hooks["response"]],
    }
    options = types.HttpOptions(
        base_url=url,
        api_version="v1beta",
        httpx_async_client=http,
        # Neither is used; but the SDK would make its own, reading certificates each time.
        httpx_client=httpx2.Client(verify=trust.context()),
        async_client_args={"ssl": trust.context()},
        retry_options=types.HttpRetryOptions(attempts=1),
    )
    return Client(genai.Client(vertexai=False, api_key=key, http_options=options), http), http


async def _connect_soon(request: httpx2.Request) -> None:
    """The SDK has one time for everything."""
    limits = request.extensions.get("timeout", {})
    limits["connect"] = min(limits.get("connect") or CONNECT_TIMEOUT_MS / 1000, CONNECT_TIMEOUT_MS / 1000)


async def _note(response: httpx2.Response) -> None:
    if (responses := _response.get()) is not None:
        responses.append(response)
