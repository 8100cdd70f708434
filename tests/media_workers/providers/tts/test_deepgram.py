"""What is Deepgram's own: its address, `Clear`, and how often it may be flushed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Voice
from media_workers.providers.base import ProviderError
from media_workers.providers.tts import deepgram
from tests.fakes.speech import Manner, pcm_of
from tests.fakes.tts_deepgram import DeepgramVoiceServer
from tests.media_workers.providers.tts.vendors import HELLO, VENDORS, hear

VENDOR = next(vendor for vendor in VENDORS if vendor.name == "deepgram")


@pytest.fixture
async def server() -> AsyncIterator[DeepgramVoiceServer]:
    async with DeepgramVoiceServer() as server:
        yield server


async def test_the_address_names_the_voice_and_telephone_audio(server: DeepgramVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url, voice=Voice().voice, speed=2.0, extra={"mip_opt_out": "true"})
    await hear(tts, HELLO, settings)
    connection = await server.connection()
    assert connection.path == "/v1/speak"
    assert connection.query == {
        "model": ["aura-2-thalia-en"],
        "encoding": ["linear16"],
        "sample_rate": ["8000"],
        "speed": ["1.5"],
        "mip_opt_out": ["true"],
    }
    assert tts.model == "aura-2-thalia-en"
    await tts.close()


@pytest.mark.parametrize(("language", "voice"), [("es-MX", "aura-2-celeste-es"), ("sv", "aura-2-thalia-en")])
def test_without_a_voice_one_of_the_language_speaks(language: str, voice: str) -> None:
    tts, _ = VENDOR.voice("http://127.0.0.1:1", voice=Voice().voice, language=language)
    assert tts.model == voice


@pytest.mark.parametrize("late_flushed", [False, True])
async def test_what_was_cleared_is_not_heard_in_the_next_sentence(
    server: DeepgramVoiceServer, late_flushed: bool
) -> None:
    server.late_flushed = late_flushed
    tts, settings = VENDOR.voice(server.url)
    for _ in range(3):
        server.book.next(Manner(fault="hang"))
        speech = tts.speak(HELLO, settings)
        await anext(speech)
        await speech.aclose()  # type: ignore[attr-defined]
        assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")
    assert len(server.connections) == 1
    await tts.close()


async def test_a_clear_that_is_never_answered_costs_the_connection(
    server: DeepgramVoiceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.providers.tts.contexts.ROOM_LIMIT_S", 0.01)
    server.says_cleared = False
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(fault="hang"))
    speech = tts.speak(HELLO, settings)
    await anext(speech)
    await speech.aclose()  # type: ignore[attr-defined]
    assert (await hear(tts, "Next.", settings)).pcm == pcm_of("Next.")
    assert len(server.connections) == 2
    await tts.close()


async def test_two_sentences_at_a_time_are_spoken_one_after_the_other(server: DeepgramVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    one, two = await asyncio.gather(hear(tts, HELLO, settings), hear(tts, "And the other.", settings))
    assert (one.pcm, two.pcm) == (pcm_of(HELLO), pcm_of("And the other."))
    assert len(server.connections) == 1
    await tts.close()


async def test_who_waits_for_a_connection_that_breaks_takes_another(server: DeepgramVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    server.book.next(Manner(fault="hang"))
    first = asyncio.create_task(hear(tts, HELLO, settings))
    await server.book.sentence()
    second = asyncio.create_task(hear(tts, "And the other.", settings))
    await asyncio.sleep(0)
    server.connections[0].cut()
    with pytest.raises(ProviderError):
        await first
    assert (await second).pcm == pcm_of("And the other.")
    await tts.close()


async def test_before_a_flush_too_many_the_connection_is_made_anew(server: DeepgramVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    for _ in range(deepgram.FLUSHES + 1):
        await hear(tts, "One.", settings)
    assert len(server.connections) == 2
    flushes = [message for message in server.connections[0].messages if message["type"] == "Flush"]
    assert len(flushes) == deepgram.FLUSHES
    await tts.close()


async def test_a_long_text_is_sent_in_parts(server: DeepgramVoiceServer) -> None:
    tts, settings = VENDOR.voice(server.url)
    text = "A sentence of some length. " * 200
    await hear(tts, text, settings)
    said = await server.book.sentence()
    assert said.text == text.strip()
    await tts.close()


@pytest.mark.parametrize(
    ("code", "words", "retryable"),
    [("DATA-0001", "refused the request: no.", False), ("X", "no.", True)],
)
async def test_an_error_is_classed_by_its_code(
    server: DeepgramVoiceServer, code: str, words: str, retryable: bool
) -> None:
    tts, settings = VENDOR.voice(server.url)
    said = f'{{"type": "Error", "err_code": "{code}", "err_msg": "no."}}'
    server.book.next(Manner(fault="garbage", garbage=said))
    with pytest.raises(ProviderError) as caught:
        await hear(tts, HELLO, settings)
    assert (caught.value.detail, caught.value.retryable) == (words, retryable)
    await tts.close()
