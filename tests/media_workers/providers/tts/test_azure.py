"""What is Azure's own: where its resources are, its SSML, and that it is stopped by closing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.azure import read_binary
from media_workers.providers.base import ProviderError, VoiceSettings
from media_workers.providers.tts import azure
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_azure import AzureVoiceServer
from tests.media_workers.providers.tts.vendors import HELLO, KEY, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "azure")


@pytest.fixture
async def server() -> AsyncIterator[AzureVoiceServer]:
    async with AzureVoiceServer() as server:
        yield server


@pytest.mark.parametrize(
    ("base_url", "region", "address"),
    [
        ("", "westeurope", "wss://westeurope.tts.speech.microsoft.com/cognitiveservices/websocket/v1"),
        ("https://x.openai.azure.com", "eastus", "wss://eastus.tts.speech.microsoft.com/cognitiveservices/websocket/v1"),
        ("https://x.cognitiveservices.azure.com/", "", "wss://x.cognitiveservices.azure.com/tts/cognitiveservices/websocket/v1"),
        ("http://127.0.0.1:8", "eastus", "ws://127.0.0.1:8/cognitiveservices/websocket/v1"),
    ],
)  # fmt: skip
def test_a_resource_is_found_by_its_region_or_its_domain(base_url: str, region: str, address: str) -> None:
    credential = Credential(vendor="azure", api_key=KEY, region=region, base_url=base_url)
    tts = azure.build(Voice(provider="azure", voice="v"), credential, "en-US")
    assert tts.address(VoiceSettings("v")) == address


@pytest.mark.parametrize("base_url", ["", "https://x.openai.azure.com"])
def test_without_a_region_nothing_is_built(base_url: str) -> None:
    credential = Credential(vendor="azure", api_key=KEY, base_url=base_url)
    with pytest.raises(ProviderError, match="needs the region") as caught:
        azure.build(Voice(provider="azure", voice="v"), credential, "en-US")
    assert not caught.value.retryable


async def test_voice_speed_and_style_stand_in_the_ssml(server: AzureVoiceServer) -> None:
    extra = {"style": 'cheerful"'}
    tts, settings = VENDOR.voice(server.url, voice=Voice().voice, speed=1.25, language="de-DE", extra=extra)
    await hear(tts, "1 < 2 & 3 > 2", settings)
    said = await server.book.sentence()
    assert said.text == "1 < 2 & 3 > 2"
    assert said.asked["voice"] == {"name": "en-US-AvaMultilingualNeural"}
    assert said.asked["prosody"] == {"rate": "1.25"}
    assert said.asked["express-as"] == {"style": 'cheerful"'}
    assert said.asked["synthesis"]["audio"]["outputFormat"] == "raw-8khz-16bit-mono-pcm"
    await tts.close()


async def test_what_was_cut_short_has_its_connection_closed_and_the_next_is_up_before_it_is_needed(
    server: AzureVoiceServer,
) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(fault="hang"))
    speech = tts.speak(HELLO, settings)
    await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    await (await server.connection()).closed.wait()
    await server.connection(2)
    assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")
    assert len(server.connections) == 2
    await tts.close()


async def test_after_the_call_no_connection_is_made_any_more(server: AzureVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(fault="hang"))
    speech = tts.speak(HELLO, settings)
    await anext(speech)
    closing = asyncio.ensure_future(tts.close())
    await speech.aclose()  # type: ignore[attr-defined]
    await closing
    await tts.warm_up()
    with pytest.raises(ProviderError, match="the call is over"):
        await hear(tts, "Next.", settings)
    assert all([await connection.closed.wait() for connection in server.connections])


@pytest.mark.parametrize("message", [b"", b"\x00", b"\x00\x09abc", b"\xff\xff"])
def test_half_a_message_is_none(message: bytes) -> None:
    with pytest.raises(ValueError):
        read_binary(message)
