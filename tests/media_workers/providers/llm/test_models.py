"""Every adapter keeps to the same contract, each against a server of its vendor's protocol on a real socket,
through the vendor's real SDK."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest

from media_workers.contract.agent import ChatModel
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import (
    ChatMessage,
    Delta,
    LanguageModel,
    ProviderError,
    TextDelta,
    Tool,
    ToolCall,
    Usage,
)
from tests.fakes.llm_anthropic import AnthropicServer
from tests.fakes.llm_google import GoogleServer
from tests.fakes.openai_server import (
    FOREVER,
    VANISH,
    Answer,
    Failure,
    OpenAIServer,
    Raw,
    answer,
    call,
)

KEY = "sk-a-key-that-nobody-may-see"
LOOK = Tool("look", "Free tables.", {"type": "object", "properties": {"day": {"type": "string"}}})
ASKED = [ChatMessage("system", "Be kind."), ChatMessage("user", "hello")]


@dataclass
class Vendor:
    """One adapter before its server. `functions` reads the names of the offered functions from a request;
    `key` where the key is; `error` is a refusal's body as this vendor words it."""

    provider: str
    model: str
    server: OpenAIServer
    path: str
    functions: Callable[[dict[str, Any]], list[str]]
    key: tuple[str, str]
    error: Callable[[str], dict[str, Any]]
    usage: tuple[tuple[int, ...], Usage]

    def model_of(self, **fields: Any) -> LanguageModel:
        choice = ChatModel.model_validate({"provider": self.provider, "model": self.model, **fields})
        credential = Credential(vendor=self.provider, api_key=KEY, base_url=self.server.url)
        return registry.build_model(choice, credential)


VENDORS: dict[str, Callable[[], Vendor]] = {
    "openai": lambda: Vendor(
        "openai",
        "gpt-4.1-mini",
        OpenAIServer(),
        "/v1/chat/completions",
        lambda body: [tool["function"]["name"] for tool in body["tools"]],
        ("authorization", f"Bearer {KEY}"),
        lambda text: {"error": {"message": text, "type": "a_type"}},
        ((30, 4, 20), Usage(30, 4, 20)),
    ),
    "anthropic": lambda: Vendor(
        "anthropic",
        "claude-haiku-5-5",
        AnthropicServer(),
        "/v1/messages",
        lambda body: [tool["name"] for tool in body["tools"]],
        ("authorization", f"Bearer {KEY}"),
        lambda text: {"type": "error", "error": {"type": "a_type", "message": text}},
        ((7, 4, 20, 3), Usage(30, 4, 20)),
    ),
    "google": lambda: Vendor(
        "google",
        "gemini-3.5-flash",
        GoogleServer(),
        "/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse",
        lambda body: [f["name"] for tool in body["tools"] for f in tool["functionDeclarations"]],
        ("x-goog-api-key", KEY),
        lambda text: {"error": {"code": 400, "message": text, "status": "A_STATUS"}},
        ((30, 3, 20, 1), Usage(30, 4, 20)),
    ),
}


@pytest.fixture(params=VENDORS, ids=list(VENDORS))
async def vendor(request: pytest.FixtureRequest) -> AsyncIterator[Vendor]:
    made = VENDORS[request.param]()
    async with made.server:
        yield made
        await registry.close()


async def answered(
    model: LanguageModel, messages: Sequence[ChatMessage] = ASKED, tools: Sequence[Tool] = (LOOK,)
) -> list[Delta]:
    return [delta async for delta in model.stream(messages, tools)]


async def error_of(model: LanguageModel) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await answered(model)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.component, caught.value.provider) == ("llm", model.name)
    return caught.value


def tagged(deltas: Sequence[Delta]) -> list[tuple[str, str]]:
    return [(d.name, d.arguments) for d in deltas if isinstance(d, ToolCall)]


# --- what is asked and answered ---------------------------------------------------------------------


async def test_a_request_goes_where_it_should_with_the_key(vendor: Vendor) -> None:
    vendor.server.will(answer("Hi."))
    await answered(vendor.model_of())
    (request,) = vendor.server.requests
    assert request.path == vendor.path
    name, value = vendor.key
    assert request.headers[name] == value
    assert vendor.functions(request.body) == ["look"]
    assert "Be kind." in json.dumps(request.body)


async def test_text_arrives_as_it_is_made(vendor: Vendor) -> None:
    vendor.server.will(answer("We are ", FOREVER, "open."))
    async with aclosing(vendor.model_of().stream(ASKED, ())) as stream:  # type: ignore[type-var]
        assert await anext(stream) == TextDelta("We are ")


async def test_text_functions_usage_in_this_order(vendor: Vendor) -> None:
    tokens, usage = vendor.usage
    steps = ["One ", "moment.", *call("look", '{"day": ', '"friday"}', id="a")]
    steps += call("look", "{}", id="b", index=1)
    vendor.server.will(Answer(steps, finish="tool_calls", usage=tokens))
    deltas = await answered(vendor.model_of())
    assert "".join(d.text for d in deltas if isinstance(d, TextDelta)) == "One moment."
    assert [(d.id, d.name, json.loads(d.arguments)) for d in deltas if isinstance(d, ToolCall)] == [
        ("a", "look", {"day": "friday"}),
        ("b", "look", {}),
    ]
    assert deltas[-1] == usage


async def test_functions_can_be_forbidden(vendor: Vendor) -> None:
    vendor.server.will(answer("Bye."))
    deltas = [d async for d in vendor.model_of().stream(ASKED, (LOOK,), tool_choice="none")]
    assert TextDelta("Bye.") in deltas
    assert "none" in json.dumps(vendor.server.requests[0].body).lower()


async def test_what_functions_gave_is_sent_back(vendor: Vendor) -> None:
    made = (ToolCall("call-1!", "look", '{"day": "friday"}'), ToolCall("call_2", "look", "{}"))
    history = [
        *ASKED,
        ChatMessage("assistant", "", tool_calls=made),
        ChatMessage("tool", "one table", tool_call_id="call-1!"),
        ChatMessage("tool", "", tool_call_id="call_2"),
        ChatMessage("assistant", ""),
        ChatMessage("user", "well?"),
    ]
    vendor.server.will(answer("Free."))
    assert TextDelta("Free.") in await answered(vendor.model_of(), history)
    sent = json.dumps(vendor.server.requests[0].body)
    assert all(words in sent for words in ("friday", "one table", "well?"))


async def test_a_huge_prompt(vendor: Vendor) -> None:
    vendor.server.will(answer("Hi."))
    history = [ChatMessage("system", "prompt \u20ac " * 300_000), ChatMessage("user", "hello")]
    assert TextDelta("Hi.") in await answered(vendor.model_of(timeout_ms=60_000), history)
    assert len(json.dumps(vendor.server.requests[0].body, ensure_ascii=False)) > 2_700_000


async def test_the_node_s_own_accounts_are_not_shown(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_ADMIN_KEY",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "GOOGLE_API_KEY",
        "GEMINI_API_KEY",
        "GOOGLE_CLOUD_PROJECT",
    ):
        monkeypatch.setenv(name, "ours")
    for name in ("OPENAI_CUSTOM_HEADERS", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "X-Gateway: ours")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/ours")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    vendor.server.will(answer("Hi."))
    await answered(vendor.model_of())
    (request,) = vendor.server.requests
    assert "ours" not in json.dumps([request.headers, request.body, request.path])
    assert request.path == vendor.path


# --- connections --------------------------------------------------------------------------------------


async def test_calls_with_the_same_key_share_a_connection_that_was_made_ahead(vendor: Vendor) -> None:
    vendor.server.will(answer("One."), answer("Two."))
    model = vendor.model_of()
    await model.warm_up()
    await model.warm_up()
    assert len(vendor.server.greetings) == 1
    await answered(model)
    await model.close()
    await answered(vendor.model_of())
    assert [r.connection for r in vendor.server.requests] == [1, 1]


async def test_warming_up_never_fails(vendor: Vendor) -> None:
    await vendor.server.stop()
    await vendor.model_of().warm_up()


async def test_closing_the_stream_closes_the_request(vendor: Vendor) -> None:
    vendor.server.will(answer("We are ", FOREVER), answer("Yes?"))
    model = vendor.model_of()
    async with aclosing(model.stream(ASKED, ())) as stream:  # type: ignore[type-var]
        await anext(stream)
    await asyncio.wait_for(vendor.server.requests[0].dropped.wait(), 30)
    assert TextDelta("Yes?") in await answered(model)


@pytest.mark.parametrize("steps", [[FOREVER], ["We ", FOREVER]], ids=["before the answer", "in its middle"])
async def test_cancelling_closes_the_request(vendor: Vendor, steps: list[str | float]) -> None:
    vendor.server.will(answer(*steps))
    reading = asyncio.create_task(answered(vendor.model_of()))
    request = await vendor.server.request(1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(request.dropped.wait(), 30)


# --- what goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words", "retryable"),
    [
        (400, "refused the request: too odd", False),
        (404, "does not know what was asked for: too odd", False),
        (429, "is over its rate limit or quota: too odd", True),
        (500, "has a fault of its own (500): too odd", True),
        (529, "has a fault of its own (529): too odd", True),
    ],
)
async def test_a_refusal_is_told_in_the_vendor_s_words(
    vendor: Vendor, status: int, words: str, retryable: bool
) -> None:
    vendor.server.will(Failure(status, vendor.error("too odd")))
    error = await error_of(vendor.model_of())
    assert error.detail == f"127.0.0.1 {words}"
    assert error.retryable is retryable
    assert len(vendor.server.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_what_is_said_of_a_refused_key_is_not_repeated(vendor: Vendor, status: int) -> None:
    vendor.server.will(Failure(status, vendor.error(f"bad key {KEY[:9]}...{KEY[-4:]}")))
    error = await error_of(vendor.model_of())
    assert "API key" in error.detail
    assert KEY[:9] not in error.detail
    assert not error.retryable


async def test_a_page_instead_of_an_error(vendor: Vendor) -> None:
    vendor.server.will(Failure(502, "<html><body>Bad Gateway</body></html>"))
    assert (await error_of(vendor.model_of())).retryable


GARBAGE = [b"data: {not json\n\n", b"data: \xff\xfe\n\n", b"data: 5\n\n", b'data: {"candidates": 7}\n\n']


@pytest.mark.parametrize("garbage", GARBAGE, ids=[repr(g) for g in GARBAGE])
async def test_garbage_is_an_error_that_names_the_vendor(vendor: Vendor, garbage: bytes) -> None:
    named = b"event: message_start\n" if vendor.provider == "anthropic" else b""
    vendor.server.will(Answer(["Hi. ", Raw(named + garbage)], finish=None))
    error = await error_of(vendor.model_of())
    assert "127.0.0.1" in error.detail
    assert error.retryable


async def test_an_error_inside_the_stream(vendor: Vendor) -> None:
    named = b"event: error\n" if vendor.provider == "anthropic" else b""
    body = json.dumps(vendor.error(f"overloaded, {KEY}")).replace('"code": 400', '"code": 503')
    vendor.server.will(Answer(["Hi. ", Raw(named + b"data: " + body.encode() + b"\n\n")]))
    error = await error_of(vendor.model_of())
    assert "overloaded, [key]" in error.detail
    assert error.retryable


async def test_a_stream_that_ends_too_soon(vendor: Vendor) -> None:
    vendor.server.will(Answer(["We are "], finish=None))
    error = await error_of(vendor.model_of())
    assert error.detail == "127.0.0.1 ended the stream before the answer was complete"
    assert error.retryable


async def test_a_connection_that_breaks(vendor: Vendor) -> None:
    vendor.server.will(answer("We are ", VANISH))
    error = await error_of(vendor.model_of())
    assert error.detail == "127.0.0.1 broke the connection in the middle of the answer"
    assert error.retryable


async def test_nobody_listens(vendor: Vendor) -> None:
    await vendor.server.stop()
    error = await error_of(vendor.model_of())
    assert error.detail.startswith("127.0.0.1 cannot be reached: ")
    assert error.retryable


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([FOREVER], "did not answer within 500 ms"),
        (["We are ", FOREVER], "fell silent in the middle of the answer, for 500 ms"),
    ],
)
async def test_a_vendor_that_is_slow(vendor: Vendor, steps: list[str | float], words: str) -> None:
    vendor.server.will(answer(*steps))
    error = await error_of(vendor.model_of(timeout_ms=500))
    assert error.detail == f"127.0.0.1 {words}"
    assert error.retryable
    await asyncio.wait_for(vendor.server.requests[0].dropped.wait(), 30)


async def test_without_a_key_nothing_is_built(vendor: Vendor) -> None:
    choice = ChatModel.model_validate({"provider": vendor.provider, "model": "m"})
    for credential in (None, Credential(vendor=vendor.provider, api_key="")):
        with pytest.raises(ProviderError, match="has no key") as caught:
            registry.build_model(choice, credential)
        assert not caught.value.retryable


async def test_nothing_is_left_to_the_garbage_collector(vendor: Vendor) -> None:
    """Of ours; the SDKs' own generators are their business."""
    vendor.server.will(answer("We are ", FOREVER))
    left: list[str] = []
    usual = sys.get_asyncgen_hooks()

    def finalize(generator: Any) -> None:
        left.append(generator.__qualname__)
        if usual.finalizer is not None:
            usual.finalizer(generator)

    sys.set_asyncgen_hooks(usual.firstiter, finalize)
    try:
        async with aclosing(vendor.model_of().stream(ASKED, ())) as stream:  # type: ignore[type-var]
            await anext(stream)
        del stream
    finally:
        sys.set_asyncgen_hooks(*usual)
    assert not [name for name in left if name.endswith("Model.stream")]
