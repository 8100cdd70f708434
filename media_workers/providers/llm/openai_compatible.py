"""Any endpoint that speaks OpenAI's chat completions protocol, streamed, by its base URL."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import httpx2  # what the SDK speaks through
import openai
from openai.types.chat import (
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageParam,
    ChatCompletionToolChoiceOptionParam,
)
from openai.types.shared_params import FunctionDefinition

from media_workers.contract.agent import AgentConfig, FunctionTool, OpenAICompatibleModel, fill
from media_workers.providers import sharing
from media_workers.providers.base import Delta, ProviderError, TextDelta, ToolCall, Usage, UserInput
from media_workers.providers.llm.chat_history import ChatHistory, Turn

log = logging.getLogger(__name__)

NAME = "openai_compatible"
END_CALL = "end_call"
MAX_ROUNDS = 6
CONNECT_TIMEOUT_MS = 5_000
KEEP_ALIVE_S = 120.0
"""How long an idle connection is kept: a turn must not wait for a TLS handshake."""

GOODBYE_TIMEOUT_MS = 3_000

GUIDANCE = (
    "You are on a telephone call; what you write is spoken to the caller in the language {language}. "
    "Answer in one or two short sentences of plain speech, without lists, markup or emoji, and ask one "
    "thing at a time. A remark in brackets tells you what happened on the line. Say goodbye and call "
    "end_call when the conversation is over."
)
SAY_GOODBYE = "The call ends now. Say goodbye in one short sentence, unless you have already."
_END_CALL_TOOL: ChatCompletionFunctionToolParam = {
    "type": "function",
    "function": {
        "name": END_CALL,
        "description": "Hang up. Say goodbye first.",
        "parameters": {"type": "object", "properties": {}},
    },
}
_WORDS = {
    400: "refused the request",
    401: "refused the API key",
    403: "does not allow this API key to do that",
    404: "does not know the model or the address",
    429: "is over its rate limit or quota",
}


class OpenAICompatibleDialogue:
    """A chat model bound to one call. `prompt` is complete: its variables are filled in."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        model: OpenAICompatibleModel,
        prompt: str,
        tools: Sequence[FunctionTool] = (),
    ) -> None:
        self._client = client
        self._model = model
        self._offered = tools
        self._history = ChatHistory(prompt)
        self._open: Turn | None = None

    async def reply(self, said: UserInput) -> AsyncGenerator[Delta, None]:
        """Text as it arrives; tool calls once complete, `end_call` last. Raises `ProviderError`."""
        turn = self._open = self._history.turn(said)
        spoken = False
        for _ in range(MAX_ROUNDS):
            answer = _Answer()
            async with aclosing(self._stream(turn, answer)) as deltas:
                async for delta in deltas:
                    yield delta
            calls, ending = _apart(answer.calls())
            turn.called(answer.text, [*calls, *ending])
            spoken = spoken or bool(answer.text.strip())
            for call in calls:
                yield call
            if ending:
                if not spoken:
                    async with aclosing(self._goodbye(turn, ending[0])) as deltas:
                        async for delta in deltas:
                            yield delta
                yield ending[0]
            if ending or not calls:
                return
        raise _error(f"asked for functions {MAX_ROUNDS} times without an answer", retryable=False)

    def commit(self) -> None:
        if self._open is not None:
            self._history.keep(self._open)
            self._open = None

    def heard(self, text: str, *, interrupted: bool) -> None:
        self._history.heard(text, interrupted=interrupted)

    def tool_result(self, call: ToolCall, result: str) -> None:
        self._history.result(self._open, call, result)

    def expected(self) -> Sequence[str]:
        return ()

    @property
    def slots(self) -> dict[str, str]:
        return {}

    async def close(self) -> None:
        """The connection pool is shared with other calls and stays."""

    async def _goodbye(self, turn: Turn, ending: ToolCall) -> AsyncGenerator[Delta, None]:
        """The last words of a model that hangs up without a word. It is asked once; that it has none,
        or fails, does not keep the call from ending."""
        turn.result(ending, SAY_GOODBYE)
        timeout_ms = min(self._model.timeout_ms, GOODBYE_TIMEOUT_MS)
        try:
            async with aclosing(self._stream(turn, _Answer(), timeout_ms, "none")) as deltas:
                async for delta in deltas:
                    yield delta
        except ProviderError as error:
            log.warning("the call ends without a goodbye: %s", error)

    async def _stream(
        self,
        turn: Turn,
        answer: _Answer,
        timeout_ms: int | None = None,
        tool_choice: ChatCompletionToolChoiceOptionParam | openai.Omit = openai.omit,
    ) -> AsyncGenerator[Delta, None]:
        """One request. Closing it closes the connection at once, so that the vendor stops too."""
        limit_ms = timeout_ms or self._model.timeout_ms
        failure: ProviderError | None = None
        try:
            stream = await self._client.chat.completions.create(
                messages=cast(list[ChatCompletionMessageParam], self._history.messages(turn)),
                model=self._model.model,
                temperature=self._model.temperature,
                max_tokens=self._model.max_tokens,
                tools=self._tools(),
                tool_choice=tool_choice,
                stream=True,
                stream_options={"include_usage": True},
                timeout=openai.Timeout(limit_ms / 1000, connect=min(limit_ms, CONNECT_TIMEOUT_MS) / 1000),
            )
            answer.begun = True
            async with stream:
                async for chunk in stream:
                    for delta in answer.add(chunk):
                        yield delta
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            failure = self._explained(error, answer, limit_ms)
        # Outside of the handler: what the vendor said may repeat the key, and is not chained.
        if failure is not None:
            raise failure
        if not answer.finished:
            raise _error(f"{self._host} ended the stream before the answer was complete")

    def _tools(self) -> list[ChatCompletionFunctionToolParam]:
        own = [
            ChatCompletionFunctionToolParam(
                type="function", function=cast(FunctionDefinition, tool.model_dump())
            )
            for tool in self._offered
            if tool.name != END_CALL
        ]
        return [_END_CALL_TOOL, *own]

    # --- what went wrong, in words ----------------------------------------------------------------

    @property
    def _host(self) -> str:
        return self._model.base_url.host or ""

    def _explained(self, error: Exception, answer: _Answer, limit_ms: int) -> ProviderError:
        host, cause = self._host, error.__cause__ or error
        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        if isinstance(cause, httpx2.ConnectTimeout):
            return _error(f"{host} could not be connected to in {min(limit_ms, CONNECT_TIMEOUT_MS)} ms")
        if isinstance(cause, httpx2.ConnectError):
            return _error(f"{host} cannot be reached: {cause}")
        if isinstance(cause, httpx2.TimeoutException):
            what = "fell silent in the middle of the answer, for" if answer.begun else "did not answer within"
            return _error(f"{host} {what} {limit_ms} ms")
        if isinstance(error, openai.APIConnectionError | httpx2.HTTPError):
            place = "in the middle of" if answer.begun else "before"
            return _error(f"{host} broke the connection {place} the answer")
        if isinstance(error, ValueError):
            return _error(f"{host} sent something that is not a chat completion stream")
        return _error(f"{host} reported an error: {self._quoted(error) or 'it does not say which'}")

    def _refused(self, error: openai.APIStatusError) -> ProviderError:
        code = error.status_code
        what = _WORDS.get(code, "has a fault of its own" if code >= 500 else "refused the request")
        # The body of a refused key may repeat the key, or a part of it.
        said = "" if code in (401, 403) else self._quoted(error)
        return _error(
            f"{self._host} {what} (HTTP {code}){': ' if said else ''}{said}",
            retryable=code in (408, 409, 429) or code >= 500,
        )

    def _quoted(self, error: Exception) -> str:
        """The vendor's own words, where they are words."""
        body = getattr(error, "body", None)
        text = body.get("message") or body.get("detail") if isinstance(body, dict) else body
        if not isinstance(text, str) or text.lstrip().startswith("<"):
            return ""
        key = self._model.api_key
        text = " ".join(text.split())
        return (text.replace(key, "***") if key else text)[:200]


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
    text: str = ""
    _calls: list[_Call] = field(default_factory=list)

    def add(self, chunk: Any) -> list[Delta]:
        """Raises ValueError. The library does not validate what endpoints send."""
        try:
            return list(self._deltas(chunk))
        except (AttributeError, TypeError) as error:
            raise ValueError("not a chunk of a chat completion") from error

    def calls(self) -> list[ToolCall]:
        """The complete calls. Arguments that are no JSON object become `{}`."""
        return [
            ToolCall(call.id or f"call_{uuid4().hex}", call.name, _object(call.name, call.arguments))
            for call in self._calls
            if call.name
        ]

    def _deltas(self, chunk: Any) -> Iterator[Delta]:
        if chunk.usage is not None:
            yield Usage(chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0)
        for choice in (chunk.choices or ())[:1]:
            self.finished = self.finished or choice.finish_reason is not None
            if choice.delta is None:
                continue
            if choice.delta.content:
                self.text += choice.delta.content
                yield TextDelta(choice.delta.content)
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
        call.arguments += (part.function.arguments if part.function else None) or ""


def _apart(calls: Sequence[ToolCall]) -> tuple[list[ToolCall], list[ToolCall]]:
    """Calls to answer, and the one that ends the call, if there is one."""
    others = [call for call in calls if call.name != END_CALL]
    return others, [call for call in calls if call.name == END_CALL][:1]


def _object(name: str, arguments: str) -> str:
    try:
        if isinstance(json.loads(arguments or "{}"), dict):
            return arguments or "{}"
    except ValueError:
        pass
    log.warning("the model called %s with arguments that are no JSON object", name)
    return "{}"


def _error(detail: str, *, retryable: bool = True) -> ProviderError:
    return ProviderError("llm", NAME, detail, retryable=retryable)


def _client(url: str, key: str) -> openai.AsyncOpenAI:
    """The conversation retries, once, and knows what has been spoken already; so the client does not."""
    limits = httpx2.Limits(keepalive_expiry=KEEP_ALIVE_S)
    transport = openai.DefaultAsyncHttpx2Client(limits=limits)
    client = openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0, http_client=transport)
    # The SDK reads these from the node's environment; a tenant's vendor must not see them.
    client.organization = client.project = None
    client._custom_headers = {}
    return client


def build(config: AgentConfig, variables: Mapping[str, str]) -> OpenAICompatibleDialogue:
    """The dialogue of an agent; calls with the same address and key share their connections."""
    model = config.model
    if not isinstance(model, OpenAICompatibleModel):
        raise TypeError(f"the agent's model is {model.provider}, not {NAME}")
    url, key = str(model.base_url).rstrip("/"), model.api_key or "none"
    client = sharing.shared((NAME, url, key), lambda: _client(url, key))
    guidance = GUIDANCE.format(language=config.language)
    prompt = f"{fill(config.prompt, dict(variables))}\n\n{guidance}".strip()
    return OpenAICompatibleDialogue(client, model, prompt, config.tools)
