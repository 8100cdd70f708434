"""What is Google's own: voices by name and locale, marks, and pieces asked for ahead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import VoiceSettings
from media_workers.providers.tts import google
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_google import GoogleVoiceServer
from tests.media_workers.providers.tts.vendors import HELLO, KEY, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "google")


@pytest.fixture
async def server() -> AsyncIterator[GoogleVoiceServer]:
    async with GoogleVoiceServer() as server:
        yield server
    await registry.close()


@pytest.mark.parametrize(
    ("voice", "language", "name", "locale"),
    [
        ("fr-FR-Neural2-A", "en-US", "fr-FR-Neural2-A", "fr-FR"),
        ("sr-Latn-RS-Standard-A", "en-US", "sr-Latn-RS-Standard-A", "sr-Latn-RS"),
        ("my-own", "en-US", "my-own", "en-US"),
    ],
)
async def test_a_voice_brings_its_locale(
    server: GoogleVoiceServer, voice: str, language: str, name: str, locale: str
) -> None:
    tts, settings = VENDOR.voice(server.url, voice=voice, language=language)
    await hear(tts, HELLO, settings)
    asked = (await server.book.sentence()).asked
    assert asked["voice"] == {"name": name, "languageCode": locale}
    assert asked["audioConfig"] == {"audioEncoding": "PCM", "sampleRateHertz": 8000}


async def test_the_voice_is_told_how_to_speak(server: GoogleVoiceServer) -> None:
    extra = {"pitch": "-30", "volume_gain_db": "3", "audio_encoding": "MULAW"}
    tts, settings = VENDOR.voice(server.url, speed=2.0, extra=extra)
    await hear(tts, HELLO, settings)
    assert (await server.book.sentence()).asked["audioConfig"] == {
        "audioEncoding": "MULAW",
        "sampleRateHertz": 8000,
        "speakingRate": 2.0,
        "pitch": -20.0,
        "volumeGainDb": 3.0,
    }


async def test_voices_that_take_marks_tell_when_words_begin_in_every_piece(
    server: GoogleVoiceServer,
) -> None:
    tts, settings = VENDOR.voice(server.url, voice="en-US-Neural2-C")
    heard = await hear(tts, "One & two. Three <four>.", settings)
    assert heard.pcm == pcm_of("One & two.") + pcm_of("Three <four>.")
    words = [(word.text, word.start_ms) for word in heard.words]
    assert words == [("One", 0), ("&", 80), ("two.", 120), ("Three", 200), ("<four>.", 320)]


async def test_the_next_piece_is_asked_for_while_the_one_before_it_is_spoken(
    server: GoogleVoiceServer,
) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(), Manner(fault="hang"))
    speech = tts.speak("Hello there. How are you?", settings)
    heard = [item async for item in _until_audio(speech)]
    assert heard[-1] == pcm_of("Hello there.")
    assert (await server.book.sentence(2)).text == "How are you?"
    await speech.aclose()  # type: ignore[attr-defined]
    await tts.close()


async def _until_audio(speech: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for item in speech:
        yield item
        if isinstance(item, bytes):
            return


@pytest.mark.parametrize(("region", "host"), [("", "texttospeech"), ("eu", "eu-texttospeech")])
def test_a_region_has_its_address(region: str, host: str) -> None:
    credential = Credential(vendor="google", api_key=KEY, region=region)
    tts = google.build(Voice(provider="google", voice="Kore"), credential, "en-US")
    request = tts.request("Hello.", VoiceSettings("Kore"))
    assert request.url == f"https://{host}.googleapis.com/v1beta1/text:synthesize"
    assert KEY not in request.url
