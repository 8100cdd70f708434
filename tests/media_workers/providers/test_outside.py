"""What a tenant's address may lead to, and how much may come from there."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from media_workers.contract.agent import (
    ChatModel,
    OpenAICompatibleModel,
    RealtimeModel,
    Transcriber,
    TurnTaking,
    Voice,
)
from media_workers.contract.vendors import HOSTED_STT, HOSTED_TTS, LOCAL, Credential
from media_workers.providers import outside, registry
from media_workers.providers.base import ChatMessage, ProviderError, VoiceSettings
from media_workers.providers.outside import http_options
from media_workers.providers.realtime.base import Settings

LIMIT_S = 30.0


class Listener:
    """Counts who comes, and says `answer` to each."""

    def __init__(self, answer: bytes = b"") -> None:
        self.visits = 0
        self.answer = answer
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Listener:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        await registry.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://localhost:{self._server.sockets[0].getsockname()[1]}"

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        if self.answer:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.answer)
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Listener]:
    """A server of our own network, behind a name."""
    async with Listener() as listener:
        yield listener


def key_for(vendor: str, url: str) -> Credential:
    return Credential(
        vendor=vendor, api_key="secret-key", region="us-east-1", base_url=url, own=True, public_only=True
    )


async def listens(choice: Transcriber, credential: Credential) -> None:
    ears = registry.build_stt(choice, credential, "en-US")
    await ears.open(language="en-US", phrases=(), on_transcript=print, on_error=print)


async def speaks(choice: Voice, credential: Credential) -> None:
    voice = registry.build_tts(choice, credential, "en-US")
    await voice.warm_up()
    try:
        async for _ in voice.speak("Hello.", VoiceSettings(choice.voice)):
            pass
    finally:
        await voice.close()


async def thinks(choice: ChatModel | OpenAICompatibleModel, credential: Credential) -> None:
    model = registry.build_model(choice, credential)
    await model.warm_up()
    async for _ in model.stream([ChatMessage("system", "Hi"), ChatMessage("user", "Hello")], []):
        pass


async def converses(choice: RealtimeModel, credential: Credential) -> None:
    settings = Settings("Hi", (), "en-US", TurnTaking())
    model = registry.build_speaking_model(choice, credential)
    await model.open(settings, on_event=print, on_error=print)


EARS = [(vendor, "") for vendor in registry.STT if vendor not in LOCAL | {"pipecat"}]
EARS += [("deepgram", "flux-general-en"), *(("pipecat", vendor) for vendor in HOSTED_STT)]
VOICES = [(vendor, "") for vendor in registry.TTS if vendor not in LOCAL | {"pipecat"}]
VOICES += [("pipecat", vendor) for vendor in HOSTED_TTS]
VOICE_IDS = {"google": ["Kore", "en-US-Neural2-A"]}


@pytest.mark.parametrize(("vendor", "model"), EARS)
async def test_no_transcriber_goes_inside(vendor: str, model: str, inside: Listener) -> None:
    choice = Transcriber.model_validate({"provider": vendor, "model": model, "extra": {"project": "p"}})
    with pytest.raises(ProviderError, match=r"public internet|of your own"):
        await listens(choice, key_for(vendor, inside.url))
    assert inside.visits == 0


@pytest.mark.parametrize(("vendor", "model"), VOICES)
async def test_no_voice_goes_inside(vendor: str, model: str, inside: Listener) -> None:
    for voice in VOICE_IDS.get(vendor, ["any"]):
        choice = Voice.model_validate({"provider": vendor, "model": model, "voice": voice})
        with pytest.raises(ProviderError, match=r"public internet|of your own|cannot be reached"):
            await speaks(choice, key_for(vendor, inside.url))
    assert inside.visits == 0


@pytest.mark.parametrize("vendor", registry.LLM)
async def test_no_model_goes_inside(vendor: str, inside: Listener) -> None:
    settings = {"provider": vendor, "model": "any"}
    choice: ChatModel | OpenAICompatibleModel
    if vendor == "openai_compatible":
        choice = OpenAICompatibleModel.model_validate({**settings, "base_url": inside.url})
    else:
        choice = ChatModel.model_validate(settings)
    with pytest.raises(ProviderError, match="is not on the public internet"):
        await thinks(choice, key_for(vendor, inside.url))
    assert inside.visits == 0


async def test_no_claude_of_bedrock_goes_inside(inside: Listener) -> None:
    choice = ChatModel(provider="bedrock", model="anthropic.claude-haiku-4-5")
    with pytest.raises(ProviderError, match="is not on the public internet"):
        await thinks(choice, key_for("bedrock", inside.url))
    assert inside.visits == 0


@pytest.mark.parametrize("vendor", registry.REALTIME)
async def test_no_speaking_model_goes_inside(vendor: str, inside: Listener) -> None:
    choice = RealtimeModel.model_validate({"provider": vendor, "model": "gpt-realtime"})
    with pytest.raises(ProviderError, match="is not on the public internet"):
        await converses(choice, key_for(vendor, inside.url))
    assert inside.visits == 0


async def test_what_is_public_is_spoken_to_at_the_address_that_was_looked_at(
    inside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ProviderError, match="broke the connection"):
        await thinks(ChatModel(provider="groq", model="any"), key_for("groq", inside.url))
    with pytest.raises(ProviderError, match=r"websocket|broke"):
        await listens(Transcriber(provider="deepgram"), key_for("deepgram", inside.url))
    assert inside.visits >= 2


def answered(status: str, *headers: str, body: bytes = b"") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "google"])
async def test_a_redirect_is_not_followed(vendor: str, inside: Listener) -> None:
    moved = answered("307 Temporary Redirect", f"Location: {inside.url}/v1/messages")
    async with Listener(moved) as outer:
        credential = key_for(vendor, outer.url).model_copy(update={"public_only": False})
        with pytest.raises(ProviderError):
            await thinks(ChatModel.model_validate({"provider": vendor, "model": "any"}), credential)
        assert outer.visits > 0
    assert inside.visits == 0


async def test_a_packed_answer_is_refused() -> None:
    body = gzip.compress(b"\0" * 10_000_000)
    packed = answered("200 OK", "Content-Encoding: gzip", body=body)
    async with Listener(packed) as server, httpx2.AsyncClient(**http_options(httpx2.Limits())) as client:
        with pytest.raises(httpx2.DecodingError):
            await client.get(server.url)


async def test_an_answer_without_end_is_ended() -> None:
    lines = b"data: " + b"x" * 9_000_000
    async with Listener(answered("200 OK", "Content-Type: text/event-stream", body=lines)) as server:
        credential = key_for("groq", server.url).model_copy(update={"public_only": False})
        with pytest.raises(ProviderError, match="in the middle of"):
            await thinks(ChatModel(provider="groq", model="any"), credential)
