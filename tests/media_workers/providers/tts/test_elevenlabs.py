"""What is ElevenLabs' own: its address, its contexts of which five may be open, its keep-alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError, VoiceSettings
from media_workers.providers.tts import elevenlabs
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_elevenlabs import MOST_CONTEXTS, ElevenLabsServer
from tests.media_workers.providers.tts.vendors import HELLO, KEY, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "elevenlabs")


@pytest.fixture
async def server() -> AsyncIterator[ElevenLabsServer]:
    async with ElevenLabsServer() as server:
        yield server


async def _first_audio(tts: Any, settings: VoiceSettings) -> Any:
    """A speech that has begun."""
    speech = tts.speak(HELLO, settings)
    async for item in speech:
        if isinstance(item, bytes):
            return speech
    raise AssertionError("no audio")


async def test_the_address_names_voice_model_format_and_language(server: ElevenLabsServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice="a b", language="de-DE")
    await hear(tts, HELLO, settings)
    connection = await server.connection()
    assert connection.path == "/v1/text-to-speech/a%20b/multi-stream-input"
    assert connection.query == {
        "model_id": ["eleven_flash_v2_5"],
        "output_format": ["pcm_8000"],
        "auto_mode": ["true"],
        "inactivity_timeout": ["180"],
        "language_code": ["de"],
    }
    await tts.close()


@pytest.mark.parametrize(
    ("model", "language", "sent"),
    [
        ("eleven_flash_v2_5", "nb", "no"),
        ("eleven_flash_v2_5", "sr", None),
        ("eleven_flash_v2", "de-DE", None),
        ("eleven_multilingual_v2", "de-DE", None),
    ],
)
def test_a_language_is_told_only_to_a_model_that_takes_it(
    model: str, language: str, sent: str | None
) -> None:
    tts, settings = VENDOR.voice("http://127.0.0.1:1", model=model, language=language)
    address = tts.address(settings)  # type: ignore[attr-defined]
    assert ("language_code" in address) == (sent is not None)
    assert sent is None or address.endswith(f"language_code={sent}")


async def test_the_voice_is_told_how_to_speak(server: ElevenLabsServer) -> None:
    extra = {"stability": "0.4", "similarity_boost": "7", "unknown": "x"}
    tts, settings = VENDOR.voice(server.url, speed=2.0, extra=extra)
    await hear(tts, HELLO, settings)
    said = await server.book.sentence()
    assert said.asked["voice_settings"] == {"stability": 0.4, "similarity_boost": 1.0, "speed": 1.2}
    await tts.close()


@pytest.mark.parametrize(
    "extra", [{"stability": "much"}, {"output_format": "mp3_44100"}, {"apply_text_normalization": "yes"}]
)
async def test_a_setting_that_makes_no_sense_is_named(
    server: ElevenLabsServer, extra: dict[str, str]
) -> None:
    tts, settings = VENDOR.voice(server.url, extra=extra)
    await tts.warm_up()
    with pytest.raises(ProviderError, match=next(iter(extra))) as caught:
        await hear(tts, HELLO, settings)
    assert not caught.value.retryable
    await tts.close()


async def test_without_a_voice_the_vendors_own_speaks(server: ElevenLabsServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=Voice().voice)
    await hear(tts, HELLO, settings)
    assert elevenlabs.ElevenLabsTextToSpeech.default_voice in (await server.connection()).path
    await tts.close()


async def test_another_voice_takes_another_connection(server: ElevenLabsServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    await hear(tts, HELLO, settings)
    await hear(tts, HELLO, VoiceSettings("bert"))
    paths = [connection.path for connection in server.connections]
    assert [path.split("/")[3] for path in paths] == ["anna", "bert"]
    await server.connections[0].closed.wait()
    await tts.close()


async def test_many_interruptions_never_open_a_sixth_context(server: ElevenLabsServer) -> None:
    """The vendor says what was interrupted to its end, and counts it until then."""
    server.drains = True
    tts, settings = VENDOR.voice(server.url)
    for _ in range(3 * MOST_CONTEXTS):
        speech = await _first_audio(tts, settings)
        await speech.aclose()
    assert (await hear(tts, "Still here.", settings)).pcm == pcm_of("Still here.")
    await tts.close()


async def test_contexts_that_never_end_are_left_behind_with_their_connection(
    server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.providers.tts.contexts.ROOM_LIMIT_S", 0.01)
    server.drains = True
    tts, settings = VENDOR.voice(server.url)
    server.book.next(*[Manner(fault="hang")] * MOST_CONTEXTS)
    for _ in range(MOST_CONTEXTS):
        speech = await _first_audio(tts, settings)
        await speech.aclose()
    assert (await hear(tts, "Still here.", settings)).pcm == pcm_of("Still here.")
    assert len(server.connections) == 2
    await tts.close()


async def test_a_quiet_connection_is_kept_alive(
    server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elevenlabs, "KEEP_ALIVE_S", 0.01)
    tts, _ = VENDOR.voice(server.url)
    await tts.warm_up()
    connection = await server.connection()
    await connection.until(lambda c: len(c.messages) >= 2)
    assert connection.messages[0] == {"text": ""}
    await tts.close()
    await connection.closed.wait()
    told = len(connection.received)
    await asyncio.sleep(0.03)
    assert len(connection.received) == told


async def test_two_sentences_at_a_time_are_kept_apart(server: ElevenLabsServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.usual = Manner(size=2)
    one, two = await asyncio.gather(hear(tts, HELLO, settings), hear(tts, "And the other.", settings))
    assert (one.pcm, two.pcm) == (pcm_of(HELLO), pcm_of("And the other."))
    assert len(server.connections) == 1
    await tts.close()


async def test_audio_without_end_is_stopped(
    server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.providers.tts.line.MOST_AUDIO", 10_000)
    tts, settings = VENDOR.voice(server.url)
    with pytest.raises(ProviderError, match="without end"):
        await hear(tts, "word " * 50, settings)
    await tts.close()


def test_an_address_of_the_accounts_own_may_have_a_path() -> None:
    credential = Credential(vendor="elevenlabs", api_key=KEY, base_url="https://gateway.example.com/eleven/")
    tts = elevenlabs.build(Voice(provider="elevenlabs", voice="v"), credential, "en")
    assert tts.address(VoiceSettings("v")).startswith(
        "wss://gateway.example.com/eleven/v1/text-to-speech/v/multi-stream-input?"
    )
