"""Chirp voices, streamed by gRPC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from media_workers.audio import mulaw
from media_workers.contract.agent import Voice
from media_workers.providers import registry
from media_workers.providers.base import ProviderError
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_google_stream import GoogleStreamServer
from tests.media_workers.providers.tts.vendors import HELLO, KEY, VENDORS, Heard, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "google")
KORE = Voice().voice
"""None chosen."""


@pytest.fixture
async def server() -> AsyncIterator[GoogleStreamServer]:
    async with GoogleStreamServer() as server:
        yield server
        await registry.close()


async def test_a_sentence_is_spoken_to_the_sample_as_it_comes(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    await tts.warm_up()
    server.book.next(Manner(), Manner(fault="hang"))
    assert (await hear(tts, HELLO, settings)).pcm == pcm_of(HELLO)
    speech = tts.speak(HELLO, settings)
    assert await anext(speech) == pcm_of(HELLO[:5])
    await speech.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(30):
        await (await server.book.sentence(2)).stopped.wait()
    await tts.close()


@pytest.mark.parametrize(
    ("voice", "language", "name", "locale"),
    [
        (KORE, "en", "en-US-Chirp3-HD-Kore", "en-US"),
        ("Puck", "de-AT", "de-AT-Chirp3-HD-Puck", "de-AT"),
        ("Puck", "zh-CN", "cmn-CN-Chirp3-HD-Puck", "cmn-CN"),
        ("fr-FR-Chirp3-HD-Leda", "en-US", "fr-FR-Chirp3-HD-Leda", "fr-FR"),
    ],
)
async def test_a_voice_brings_its_locale_or_takes_the_agents(
    server: GoogleStreamServer, voice: str, language: str, name: str, locale: str
) -> None:
    tts, settings = VENDOR.voice(server.url, voice=voice, language=language, speed=2.0)
    await hear(tts, HELLO, settings)
    asked = (await server.book.sentence()).asked
    assert (asked["voice"].name, asked["voice"].language_code) == (name, locale)
    assert asked["audio"].speaking_rate == 2.0


async def test_mulaw_is_taken_as_it_is(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE, extra={"audio_encoding": "MULAW"})
    assert (await hear(tts, HELLO, settings)).pcm == mulaw.decode(mulaw.encode(pcm_of(HELLO)))


async def test_nothing_to_speak_asks_nothing_and_a_megabyte_is_cut(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    assert await hear(tts, "... !", settings) == Heard()
    assert server.book.said == []
    server.book.usual = Manner(size=500)
    await hear(tts, "word " * 200_000, settings)
    assert 7_000 < sum(len(said.text) for said in server.book.said) <= 8_000
    assert max(len(said.text) for said in server.book.said) <= 5_000


@pytest.mark.parametrize(
    ("code", "words", "retryable"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "does not allow this API key to do that: Enable [key].", False),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "is over its rate limit or quota: Enable [key].", True),
        (grpc.StatusCode.UNAVAILABLE, "has a fault of its own (503): Enable [key].", True),
    ],
)
async def test_a_refusal_is_told_in_the_vendors_words(
    server: GoogleStreamServer, code: grpc.StatusCode, words: str, retryable: bool
) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    server.abort = code, f"Enable {KEY}."
    with pytest.raises(ProviderError) as caught:
        await hear(tts, HELLO, settings)
    assert (caught.value.detail, caught.value.retryable) == (words, retryable)


async def test_a_wrong_key_is_told(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE, key="wrong-key")
    with pytest.raises(ProviderError, match=r"refused the API key: API key not valid\.") as caught:
        await hear(tts, HELLO, settings)
    assert not caught.value.retryable


async def test_an_error_in_mid_speech_is_told_after_what_came(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    server.book.next(Manner(fault="error", after=2))
    heard = Heard()
    with pytest.raises(ProviderError, match="lost its voice") as caught:
        await hear(tts, HELLO, settings, heard)
    assert caught.value.retryable
    assert heard.pcm == pcm_of(HELLO[:10])
    assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")


async def test_a_slow_vendor_is_waited_for_so_long(
    server: GoogleStreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    await hear(tts, HELLO, settings)
    monkeypatch.setattr("media_workers.providers.tts.line.WAIT_S", 0.05)
    server.book.next(Manner(fault="hang", after=0))
    with pytest.raises(ProviderError, match="sent nothing for"):
        await hear(tts, HELLO, settings)
    async with asyncio.timeout(30):
        await (await server.book.sentence(2)).stopped.wait()


async def test_a_vendor_that_goes_away_is_told(server: GoogleStreamServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=KORE)
    server.book.next(Manner(fault="hang"))
    listening = asyncio.create_task(hear(tts, HELLO, settings))
    await server.book.sentence()
    await server.stop()
    with pytest.raises(ProviderError) as caught:
        await listening
    assert caught.value.retryable


async def test_a_service_account_signs_for_itself(server: GoogleStreamServer) -> None:
    pem = rsa.generate_private_key(65_537, 2_048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "client_email": "voice@example.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "token_uri": "https://oauth2.example.com/token",
    }
    tts, settings = VENDOR.voice(server.url, voice=KORE, key=json.dumps(account))
    assert (await hear(tts, HELLO, settings)).pcm == pcm_of(HELLO)
    assert server.metadata[0]["authorization"].startswith("Bearer ey")


@pytest.mark.parametrize("key", ["{", '{"type": "service_account"}'])
def test_a_service_account_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ProviderError, match="no service account") as caught:
        VENDOR.voice("http://127.0.0.1:1", voice=KORE, key=key)
    assert not caught.value.retryable
