"""What is Rime's own: its address, and connections that it lets go of in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Voice
from media_workers.providers.tts import rime
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_rime import RimeServer
from tests.media_workers.providers.tts.vendors import HELLO, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "rime")


@pytest.fixture
async def server() -> AsyncIterator[RimeServer]:
    async with RimeServer() as server:
        yield server


async def test_the_address_names_voice_model_language_and_settings(server: RimeServer) -> None:
    extra = {"reduce_latency": "true", "segment": "never", "unknown": "x"}
    tts, settings = VENDOR.voice(server.url, voice=Voice().voice, language="es-MX", speed=1.25, extra=extra)
    await hear(tts, HELLO, settings)
    connection = await server.connection()
    assert connection.path == "/ws3"
    assert connection.query == {
        "speaker": ["cove"],
        "modelId": ["mistv3"],
        "audioFormat": ["pcm"],
        "samplingRate": ["8000"],
        "lang": ["spa"],
        "speedAlpha": ["1.25"],
        "reduceLatency": ["true"],
        "segment": ["never"],
    }
    await tts.close()


def test_an_older_models_speed_is_a_length_and_an_unknown_language_is_left_out() -> None:
    tts, settings = VENDOR.voice("http://127.0.0.1:1", model="mistv2", language="fi", speed=2.0)
    address = tts.address(settings)  # type: ignore[attr-defined]
    assert "speedAlpha=0.5" in address
    assert "lang=" not in address


async def test_a_long_text_is_sent_in_parts(server: RimeServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    text = "A sentence of some length. " * 40
    heard = await hear(tts, text, settings)
    assert heard.pcm == pcm_of(text.strip())
    texts = [message["text"] for message in (await server.connection()).messages if "text" in message]
    assert max(map(len, texts)) <= 500
    assert len(heard.words) == 200
    await tts.close()


async def test_after_a_clear_nothing_is_waited_for(server: RimeServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(size=1))
    speech = tts.speak(HELLO, settings)
    await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")
    assert len(server.connections) == 1
    await tts.close()


async def test_a_connection_idle_for_long_is_not_trusted(
    server: RimeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tts, settings = VENDOR.voice(server.url)
    await hear(tts, HELLO, settings)
    monkeypatch.setattr(rime.RimeTextToSpeech, "most_idle_s", 0.0)
    await hear(tts, HELLO, settings)
    assert len(server.connections) == 2
    await tts.close()
