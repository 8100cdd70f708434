"""What differs between vendors: addresses, keys, names of settings, models that would think first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import ChatModel
from media_workers.contract.vendors import Credential
from media_workers.providers import registry, trust
from media_workers.providers.base import ChatMessage, LanguageModel, ProviderError, Tool, ToolCall
from media_workers.providers.llm.anthropic import AnthropicModel
from media_workers.providers.llm.google import GoogleModel
from media_workers.providers.llm.openai import OpenAIModel
from media_workers.providers.llm.pool import KEEP_ALIVE_S
from tests.fakes.llm_anthropic import AnthropicServer
from tests.fakes.llm_google import SIGNATURE, GoogleServer
from tests.fakes.openai_server import Answer, OpenAIServer, Request, answer, call

HELLO = [ChatMessage("system", "Be kind."), ChatMessage("user", "hello")]
LOOK = Tool("look", "", {"type": "object", "properties": {}})


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    await registry.close()


def built(provider: str, model: str, base_url: str = "", region: str = "", **fields: Any) -> LanguageModel:
    choice = ChatModel.model_validate({"provider": provider, "model": model, **fields})
    credential = Credential(vendor=provider, api_key="secret", region=region, base_url=base_url)
    return registry.build_model(choice, credential)


async def sent(
    server: OpenAIServer, provider: str, model: str, *messages: ChatMessage, **fields: Any
) -> Request:
    """The request that `provider` would get."""
    server.will(answer("Hi."))
    async for _ in built(provider, model, server.url, **fields).stream([*HELLO, *messages], [LOOK]):
        pass
    return server.requests[-1]


@pytest.mark.parametrize("provider", ["openai", "mistral"])
async def test_how_much_may_be_written_is_not_for_extra_to_say(provider: str) -> None:
    extra = {"max_tokens": "100000", "max_completion_tokens": "null", "n": "8"}
    async with OpenAIServer() as server:
        body = (await sent(server, provider, "m", max_tokens=99, extra=extra)).body
    assert [body.get(name) for name in ("max_tokens", "max_completion_tokens")].count(99) == 1
    assert {"n"}.isdisjoint(body)
    assert 100_000 not in body.values()


@pytest.mark.parametrize(
    ("provider", "model", "expected", "missing"),
    [
        ("openai", "gpt-4.1-mini", {"max_completion_tokens": 99, "temperature": 0.5}, {"reasoning_effort"}),
        ("openai", "gpt-6-luna", {"reasoning_effort": "none", "temperature": 0.5}, {"max_tokens"}),
        ("openai", "gpt-6.1-terra", {"reasoning_effort": "none"}, set()),
        ("openai", "gpt-6.1-sol", {"reasoning_effort": "low"}, {"temperature"}),
        ("openai", "gpt-5-mini", {"reasoning_effort": "minimal"}, {"temperature"}),
        ("openai", "o4-mini", {"reasoning_effort": "low"}, {"temperature"}),
        ("mistral", "mistral-small-latest", {"max_tokens": 99}, {"stream_options"}),
        ("groq", "llama-3.3-70b-versatile", {"max_completion_tokens": 99}, {"reasoning_effort"}),
        ("groq", "openai/gpt-oss-20b", {"reasoning_effort": "low"}, set()),
        ("groq", "qwen/qwen3-32b", {"reasoning_effort": "none"}, set()),
        ("together", "zai-org/GLM-5.2", {"reasoning": {"enabled": False}, "max_tokens": 99}, set()),
        ("cerebras", "gpt-oss-120b", {"reasoning_effort": "low", "max_completion_tokens": 99}, set()),
        ("xai", "grok-4.20-non-reasoning", {"max_completion_tokens": 99}, {"reasoning_effort"}),
        ("xai", "grok-4.5", {"reasoning_effort": "low"}, set()),
        ("cerebras", "qwen-3.8-27b", {"reasoning_effort": "none"}, set()),
        ("deepseek", "deepseek-flash", {"thinking": {"type": "disabled"}, "max_tokens": 99}, set()),
        ("azure", "gpt-4.1", {"max_completion_tokens": 99}, set()),
        ("bedrock", "openai.gpt-oss-120b-1:0", {"reasoning_effort": "low"}, set()),
    ],
)
async def test_each_vendor_gets_the_settings_by_its_names(
    provider: str, model: str, expected: dict[str, Any], missing: set[str]
) -> None:
    async with OpenAIServer() as server:
        body = (await sent(server, provider, model, max_tokens=99, temperature=0.5)).body
    assert {name: body.get(name) for name in expected} == expected
    assert not missing & body.keys()
    assert body["stream"] is True
    assert body.get("stream_options", {"include_usage": True}) == {"include_usage": True}


async def test_a_tenant_s_own_settings_go_before_all_but_the_request_itself() -> None:
    extra = {
        "reasoning_effort": "low",
        "temperature": "null",
        "top_p": "0.9",
        "model": "other",
        "stream": "false",
    }
    async with OpenAIServer() as server:
        body = (await sent(server, "openai", "gpt-6-luna", extra=extra)).body
    assert (body["reasoning_effort"], body["top_p"]) == ("low", 0.9)
    assert (body["model"], body["stream"]) == ("gpt-6-luna", True)
    assert "temperature" not in body


@pytest.mark.parametrize(
    ("provider", "model", "region", "address"),
    [
        ("openai", "gpt-4.1", "", "https://api.openai.com/v1"),
        ("openai", "gpt-4.1", "eu", "https://eu.api.openai.com/v1"),
        ("mistral", "m", "", "https://api.mistral.ai/v1"),
        ("groq", "m", "", "https://api.groq.com/openai/v1"),
        ("together", "m", "", "https://api.together.xyz/v1"),
        ("cerebras", "m", "", "https://api.cerebras.ai/v1"),
        ("xai", "m", "", "https://api.x.ai/v1"),
        ("deepseek", "m", "", "https://api.deepseek.com/v1"),
        ("bedrock", "openai.x", "eu-west-1", "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1"),
        ("bedrock", "anthropic.x", "us-east-1", "https://bedrock-mantle.us-east-1.api.aws/anthropic"),
        ("anthropic", "claude-haiku-5-5", "", "https://api.anthropic.com"),
        ("google", "gemini-3.5-flash", "", "https://generativelanguage.googleapis.com"),
    ],
)
async def test_each_vendor_has_its_address(provider: str, model: str, region: str, address: str) -> None:
    found = built(provider, model, region=region)
    assert isinstance(found, OpenAIModel | AnthropicModel | GoogleModel)
    assert found._pool.url == address
    if not isinstance(found, GoogleModel):
        assert str(found._pool.client.base_url).rstrip("/") == address


async def test_idle_connections_outlive_a_long_answer_of_the_caller() -> None:
    found = built("openai", "gpt-4.1")
    assert isinstance(found, OpenAIModel)
    transport: Any = found._pool.http._transport
    assert transport._pool._keepalive_expiry == KEEP_ALIVE_S >= 60


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-4.1"), ("anthropic", "claude-haiku-5-5"), ("google", "gemini-3.5-flash")],
)
async def test_certificates_are_not_read_again_with_every_key(provider: str, model: str) -> None:
    found: Any = built(provider, model)
    assert found._pool.http._transport._pool._ssl_context is trust.context()


async def test_azure_is_asked_at_its_resource_with_its_own_header() -> None:
    async with OpenAIServer() as server:
        bare = server.url.removesuffix("/v1")
        server.will(answer("Hi."))
        async for _ in built("azure", "gpt-4.1", bare).stream(HELLO, []):
            pass
    (request,) = server.requests
    assert request.path == "/openai/v1/chat/completions"
    assert request.headers["api-key"] == "secret"
    assert "authorization" not in request.headers
    with pytest.raises(ProviderError, match="has no address"):
        built("azure", "gpt-4.1")


@pytest.mark.parametrize("region", ["", "evil.example/#", "US"])
@pytest.mark.parametrize("model", ["openai.gpt-oss-20b-1:0", "anthropic.claude-haiku-5-5"])
async def test_bedrock_needs_a_region(model: str, region: str) -> None:
    with pytest.raises(ProviderError, match="has no region"):
        built("bedrock", model, region=region)


async def test_claude_on_bedrock_speaks_anthropic_s_protocol() -> None:
    async with AnthropicServer() as server:
        request = await sent(server, "bedrock", "anthropic.claude-haiku-5-5")
    assert (request.path, request.body["model"]) == ("/v1/messages", "anthropic.claude-haiku-5-5")
    assert request.headers["authorization"] == "Bearer secret"


async def test_mistral_gets_ids_of_nine_letters_that_fit_each_other() -> None:
    made = [ToolCall("call_0123456789", "look", "{}"), ToolCall("abcDEF123", "look", "{}")]
    history = [ChatMessage("assistant", "", tool_calls=tuple(made))]
    history += [ChatMessage("tool", "ok", tool_call_id=m.id) for m in made]
    async with OpenAIServer() as server:
        asked, first, second = (await sent(server, "mistral", "mistral-small-latest", *history)).messages[2:]
    ids = [c["id"] for c in asked["tool_calls"]]
    assert ids == [first["tool_call_id"], second["tool_call_id"]]
    assert [len(id) for id in ids] == [9, 9]
    assert ids[1] == "abcDEF123"


# --- Anthropic ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "expected", "temperature"),
    [
        ("claude-haiku-5-5", {"thinking": {"type": "disabled"}}, None),
        ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}}, None),
        ("claude-sonnet-5", {"thinking": {"type": "disabled"}}, None),
        ("claude-opus-5-5", {"output_config": {"effort": "low"}}, None),
        ("claude-opus-4-8", {"thinking": {"type": "disabled"}}, None),
        ("claude-haiku-4-5-20251001", {"thinking": {"type": "disabled"}}, 1.0),
    ],
)
async def test_claude_does_not_think_before_it_speaks(
    model: str, expected: dict[str, Any], temperature: float | None
) -> None:
    async with AnthropicServer() as server:
        body = (await sent(server, "anthropic", model, temperature=1.4, max_tokens=77)).body
    assert {name: body.get(name) for name in ("thinking", "output_config") if name in body} == expected
    assert body.get("temperature") == temperature
    assert body["max_tokens"] == 77


async def test_claude_s_prompt_and_functions_are_cached() -> None:
    async with AnthropicServer() as server:
        body = (await sent(server, "anthropic", "claude-haiku-5-5")).body
    cache = {"type": "ephemeral"}
    assert body["system"] == [{"type": "text", "text": "Be kind.", "cache_control": cache}]
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]


async def test_results_for_claude_stand_in_one_message_with_ids_it_takes() -> None:
    made = [ToolCall("a!b", "look", '{"x": 1}'), ToolCall("c", "look", "{}")]
    history = [ChatMessage("assistant", "", tool_calls=tuple(made))]
    history += [ChatMessage("tool", "one", tool_call_id="a!b"), ChatMessage("tool", "", tool_call_id="c")]
    async with AnthropicServer() as server:
        asked, results = (await sent(server, "anthropic", "claude-haiku-5-5", *history)).messages[1:]
    assert [(b["type"], b["id"], b["input"]) for b in asked["content"]] == [
        ("tool_use", "a_b", {"x": 1}),
        ("tool_use", "c", {}),
    ]
    assert results["role"] == "user"
    assert [(b["tool_use_id"], b["content"]) for b in results["content"]] == [
        ("a_b", "one"),
        ("c", "(nothing)"),
    ]


async def test_claude_declines() -> None:
    async with AnthropicServer() as server:
        server.will(Answer([], finish="refusal"))
        with pytest.raises(ProviderError, match="declined to answer") as caught:
            _ = [d async for d in built("anthropic", "claude-haiku-5-5", server.url).stream(HELLO, [])]
    assert not caught.value.retryable


# --- Gemini -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gemini-2.5-flash-lite", {"thinking_budget": 0}),
        ("gemini-3.5-flash", {"thinking_level": "MINIMAL"}),
        ("gemini-3.1-flash-lite", {"thinking_level": "MINIMAL"}),
        ("gemini-3.8-flash", {"thinking_level": "LOW"}),
        ("gemini-2.0-flash", None),
    ],
)
async def test_gemini_does_not_think_before_it_speaks(model: str, expected: dict[str, Any] | None) -> None:
    async with GoogleServer() as server:
        body = (await sent(server, "google", model, temperature=0.5, max_tokens=77)).body
    settings = body["generationConfig"]
    assert settings.get("thinkingConfig") == expected
    assert (settings["temperature"], settings["maxOutputTokens"]) == (0.5, 77)
    assert body["systemInstruction"]["parts"] == [{"text": "Be kind."}]


async def test_gemini_gets_the_signature_of_its_own_calls_back() -> None:
    async with GoogleServer() as server:
        model = built("google", "gemini-3.5-flash", server.url)
        server.will(answer(*call("look", "{}", id="a")), answer("Free."))
        made = [d async for d in model.stream(HELLO, [LOOK]) if isinstance(d, ToolCall)]
        other = ToolCall("of-another-model", "look", "{}")
        history = [
            *HELLO,
            ChatMessage("assistant", "", tool_calls=tuple(made)),
            ChatMessage("tool", "one", tool_call_id="a"),
            ChatMessage("assistant", "", tool_calls=(other,)),
            ChatMessage("tool", "two", tool_call_id=other.id),
        ]
        _ = [d async for d in model.stream(history, [LOOK])]
    parts = [part for content in server.requests[1].body["contents"] for part in content["parts"]]
    signed = [p["thoughtSignature"] for p in parts if "functionCall" in p]
    assert signed[0] == SIGNATURE
    assert signed[1] != SIGNATURE
    results = [p["functionResponse"] for p in parts if "functionResponse" in p]
    assert [(r["name"], r["response"]) for r in results] == [
        ("look", {"result": "one"}),
        ("look", {"result": "two"}),
    ]


async def test_gemini_takes_no_service_account() -> None:
    choice = ChatModel.model_validate({"provider": "google", "model": "gemini-3.5-flash"})
    with pytest.raises(ProviderError, match="not a service account"):
        registry.build_model(choice, Credential(vendor="google", api_key='{"type": "service_account"}'))


@pytest.mark.parametrize(("reason", "retryable"), [("SAFETY", False), ("MALFORMED_FUNCTION_CALL", True)])
async def test_gemini_gives_no_answer(reason: str, retryable: bool) -> None:
    async with GoogleServer() as server:
        server.will(Answer([], finish=reason))
        with pytest.raises(ProviderError, match=reason) as caught:
            _ = [d async for d in built("google", "gemini-3.5-flash", server.url).stream(HELLO, [])]
    assert caught.value.retryable is retryable


async def test_gemini_s_own_settings() -> None:
    extra = {"thinking_level": "high", "top_k": "4", "seed": "7", "nonsense": "1", "tools": "[]"}
    async with GoogleServer() as server:
        body = (await sent(server, "google", "gemini-3.5-flash", extra=extra)).body
    settings = body["generationConfig"]
    assert settings["thinkingConfig"] == {"thinking_level": "HIGH"}
    assert (settings["topK"], settings["seed"]) == (4, 7)
    assert "nonsense" not in json.dumps(body)
    assert [f["name"] for f in body["tools"][0]["functionDeclarations"]] == ["look"]
