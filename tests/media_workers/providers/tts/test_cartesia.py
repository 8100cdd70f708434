"""What is Cartesia's own: its request, and errors of one context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Voice
from media_workers.providers.base import ProviderError
from media_workers.providers.tts import cartesia
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_cartesia import CartesiaServer
from tests.media_workers.providers.tts.vendors import HELLO, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "cartesia")


@pytest.fixture
async def server() -> AsyncIterator[CartesiaServer]:
    async with CartesiaServer() as server:
        yield server


async def test_a_request_asks_for_telephone_audio_with_times(server: CartesiaServer) -> None:
    tts, settings = VENDOR.voice(server.url, language="nb-NO")
    await hear(tts, HELLO, settings)
    asked = (await server.book.sentence()).asked
    assert len(asked.pop("context_id")) == 32
    assert asked == {
        "transcript": HELLO,
        "continue": False,
        "model_id": "sonic-3.6",
        "voice": {"mode": "id", "id": "anna"},
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
        "language": "no",
        "add_timestamps": True,
        "use_normalized_timestamps": False,
        "max_buffer_delay_ms": 0,
    }
    connection = await server.connection()
    assert connection.path == "/tts/websocket"
    assert connection.headers["cartesia-version"] == cartesia.VERSION
    await tts.close()


async def test_the_voice_is_told_how_to_speak(server: CartesiaServer) -> None:
    extra = {"emotion": "calm", "volume": "9", "pronunciation_dict_id": "d1"}
    tts, settings = VENDOR.voice(server.url, speed=0.5, model="sonic-3", voice=Voice().voice, extra=extra)
    await hear(tts, HELLO, settings)
    asked = (await server.book.sentence()).asked
    assert asked["generation_config"] == {"speed": 0.6, "volume": 2.0, "emotion": "calm"}
    assert asked["pronunciation_dict_id"] == "d1"
    assert asked["model_id"] == "sonic-3"
    assert asked["voice"]["id"] == cartesia.CartesiaTextToSpeech.default_voice
    await tts.close()


async def test_an_error_of_one_context_leaves_the_others_alone(server: CartesiaServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.usual = Manner(size=1)
    server.book.next(Manner(fault="error", status=400, error="No such voice."))
    bad, good = await asyncio.gather(
        hear(tts, "Bad one.", settings), hear(tts, HELLO, settings), return_exceptions=True
    )
    assert isinstance(bad, ProviderError)
    assert bad.detail == "refused the request: No such voice."
    assert not bad.retryable
    assert not isinstance(good, BaseException)
    assert good.pcm == pcm_of(HELLO)
    assert len(server.connections) == 1
    await tts.close()


async def test_an_error_without_a_context_is_the_connections(server: CartesiaServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    said = '{"type": "error", "status_code": 402, "message": "No credits left."}'
    server.book.next(Manner(fault="garbage", garbage=said))
    with pytest.raises(ProviderError, match=r"asks for payment: No credits left\."):
        await hear(tts, HELLO, settings)
    assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")
    assert len(server.connections) == 2
    await tts.close()
