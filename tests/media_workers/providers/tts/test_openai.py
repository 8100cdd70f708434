"""What is OpenAI's own: its request, and 24 kHz that are resampled as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Voice
from media_workers.providers import registry
from media_workers.providers.base import ProviderError
from tests.fakes.speech import Manner, Said
from tests.fakes.tts_openai import OpenAIVoiceServer
from tests.media_workers.providers.tts.vendors import HELLO, VENDORS, hear, until

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "openai")


class OddServer(OpenAIVoiceServer):
    """A chunk ends in the middle of a sample, and the next begins there."""

    held = b""

    def audio(self, said: Said, text: str) -> bytes:
        audio = self.held + super().audio(said, text)
        last = said.text.endswith(text)
        audio, self.held = (audio, b"") if last else (audio[:-1], audio[-1:])
        return audio


@pytest.fixture
async def server() -> AsyncIterator[OpenAIVoiceServer]:
    async with OddServer() as server:
        yield server
    await registry.close()


async def test_a_request_asks_for_pcm(server: OpenAIVoiceServer) -> None:
    tts, settings = VENDOR.voice(
        server.url, voice=Voice().voice, speed=1.5, extra={"instructions": "Be calm."}
    )
    await hear(tts, HELLO, settings)
    assert (await server.book.sentence()).asked == {
        "model": "gpt-4o-mini-tts",
        "voice": "marin",
        "input": HELLO,
        "response_format": "pcm",
        "speed": 1.5,
        "instructions": "Be calm.",
    }


async def test_chunks_that_end_within_a_sample_leave_no_seam(server: OpenAIVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    assert VENDOR.says(HELLO, (await hear(tts, HELLO, settings)).pcm)


async def test_warming_up_connects_once(server: OpenAIVoiceServer) -> None:
    for _ in range(3):
        tts, settings = VENDOR.voice(server.url)
        await tts.warm_up()
    await hear(tts, HELLO, settings)
    assert len(server.connections) == 1
    assert server.connections[0].requests == ["HEAD /audio/speech", "POST /audio/speech"]


async def test_what_was_cut_short_has_its_connection_replaced(server: OpenAIVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(size=20, fault="hang"))
    speech = tts.speak(HELLO, settings)
    await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    await server.connection(2)
    await until(lambda: server.connections[1].requests == ["HEAD /audio/speech"])
    await hear(tts, HELLO, settings)
    assert len(server.connections) == 2
    await tts.close()


async def test_audio_without_end_is_stopped(
    server: OpenAIVoiceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.providers.tts.line.MOST_AUDIO", 10_000)
    tts, settings = VENDOR.voice(server.url)
    with pytest.raises(ProviderError, match="without end"):
        await hear(tts, "word " * 50, settings)
    await tts.close()


async def test_an_address_that_is_none_is_told() -> None:
    tts, settings = VENDOR.voice("nonsense://[")
    await tts.warm_up()
    with pytest.raises(ProviderError, match="no address") as caught:
        await hear(tts, HELLO, settings)
    assert not caught.value.retryable
    await registry.close()
