"""What every vendor's voice must do, against the vendor's protocol on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.audio import mulaw
from media_workers.providers import registry
from media_workers.providers.base import ProviderError
from media_workers.providers.tts.text import MAX_TEXT
from tests.fakes.speech import Manner, pcm_of, word_starts
from tests.media_workers.providers.tts.vendors import HELLO, KEY, VENDORS, Heard, Vendor, hear, until

WRONG_KEY = "sk-a-wrong-key"


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture
async def server(vendor: Vendor) -> AsyncIterator[Any]:
    async with vendor.server() as server:
        yield server
    await registry.close()


async def test_a_sentence_is_spoken_to_the_sample_with_its_words(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    heard = await hear(tts, HELLO, settings)
    assert vendor.says(HELLO, heard.pcm)
    if vendor.words:
        assert [(word.text, word.start_ms) for word in heard.words] == word_starts(HELLO)
    await tts.close()


async def test_mulaw_is_taken_as_it_is(vendor: Vendor, server: Any) -> None:
    if not vendor.mulaw:
        pytest.skip("the vendor has no mu-law")
    tts, settings = vendor.voice(server.url, extra=vendor.mulaw)
    heard = await hear(tts, HELLO, settings)
    assert heard.pcm == mulaw.decode(mulaw.encode(vendor.sounds(HELLO)))
    await tts.close()


async def test_sentences_of_a_call_share_its_warm_connection(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    await tts.warm_up()
    for text in ("One.", "Two.", "Three."):
        assert vendor.says(text, (await hear(tts, text, settings)).pcm)
    assert len(server.connections) == 1
    await tts.close()
    if not vendor.http:
        await (await server.connection()).closed.wait()


async def test_a_call_that_ends_while_it_connects_leaves_nothing_behind(vendor: Vendor, server: Any) -> None:
    if vendor.http:
        pytest.skip("connections are of all calls")
    tts, _ = vendor.voice(server.url)
    connecting = asyncio.create_task(tts.warm_up())
    await asyncio.sleep(0)
    await tts.close()
    await connecting
    assert tts._line is None  # type: ignore[attr-defined]
    for connection in server.connections:
        await connection.closed.wait()


async def test_closing_stops_the_vendor_and_keeps_the_connection(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    if vendor.whole:
        server.book.next(Manner())
    server.book.next(Manner(fault="hang"))
    speech = tts.speak("Hello there. How are you?" if vendor.whole else HELLO, settings)
    async for item in speech:
        if isinstance(item, bytes):
            break
    said = await server.book.sentence(2 if vendor.whole else 1)
    await speech.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(30):
        await said.stopped.wait()
    assert vendor.says("Next.", (await hear(tts, "Next.", settings)).pcm)
    assert len(server.connections) == 1 or vendor.http or not vendor.one_connection
    await tts.close()


async def test_cancelling_the_listener_before_any_audio_stops_the_vendor(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    server.book.next(Manner(fault="hang", after=0))
    listening = asyncio.create_task(hear(tts, HELLO, settings))
    said = await server.book.sentence()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    async with asyncio.timeout(30):
        await said.stopped.wait()
    await tts.close()


async def test_nothing_to_speak_asks_the_vendor_nothing(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    for text in ("", " \n", "... !", "\x00\u200b—"):
        assert await hear(tts, text, settings) == Heard()
    assert server.connections == []
    await tts.close()


async def test_a_megabyte_is_cut(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    server.book.usual = Manner(size=500)
    await hear(tts, "word " * 200_000, settings)
    assert MAX_TEXT - 100 < sum(len(said.text) for said in server.book.said) <= MAX_TEXT
    await tts.close()


async def test_what_cannot_be_spoken_does_not_reach_the_vendor(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    await hear(tts, "A\x00\r\nb\ud800 <c> & d\u2028e", settings)
    assert (await server.book.sentence()).text == "A b <c> & d e"
    await tts.close()


async def test_a_slow_vendor_is_waited_for_so_long(
    vendor: Vendor, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.providers.tts.line.WAIT_S", 0.05)
    tts, settings = vendor.voice(server.url)
    server.book.next(Manner(fault="hang"))
    with pytest.raises(ProviderError, match="sent nothing for") as caught:
        await hear(tts, HELLO, settings)
    assert caught.value.retryable
    async with asyncio.timeout(30):
        await (await server.book.sentence()).stopped.wait()
    await tts.close()


async def test_a_wrong_key_is_told_and_not_shown(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url, key=WRONG_KEY)
    await tts.warm_up()
    with pytest.raises(ProviderError) as caught:
        await hear(tts, HELLO, settings)
    assert (caught.value.component, caught.value.provider) == ("tts", vendor.name)
    assert not caught.value.retryable
    assert WRONG_KEY not in str(caught.value)
    await tts.close()


@pytest.mark.parametrize(("status", "retryable"), [(429, True), (500, True), (404, False)])
async def test_a_refusal_is_told_in_the_vendors_words(
    vendor: Vendor, server: Any, status: int, retryable: bool
) -> None:
    tts, settings = vendor.voice(server.url)
    server.refuse = (status, json.dumps({"message": f"No room for {KEY}."}))
    with pytest.raises(ProviderError, match="No room for") as caught:
        await hear(tts, HELLO, settings)
    assert caught.value.retryable is retryable
    assert KEY not in str(caught.value)
    server.refuse = None
    assert vendor.says(HELLO, (await hear(tts, HELLO, settings)).pcm)
    await tts.close()


async def test_the_vendors_error_in_mid_speech_is_told(vendor: Vendor, server: Any) -> None:
    tts, settings = vendor.voice(server.url)
    server.book.next(Manner(fault="error", error=f"Credits of {KEY} are used up."))
    heard = Heard()
    with pytest.raises(ProviderError, match="are used up") as caught:
        await hear(tts, HELLO, settings, heard)
    assert KEY not in str(caught.value)
    assert heard.pcm == (b"" if vendor.http else pcm_of(HELLO[:5]))
    assert vendor.says("Next.", (await hear(tts, "Next.", settings)).pcm)
    await tts.close()


async def test_a_break_in_mid_speech_is_told_and_the_next_sentence_connects(
    vendor: Vendor, server: Any
) -> None:
    tts, settings = vendor.voice(server.url)
    server.book.next(Manner(fault="cut", after=2))
    heard = Heard()
    with pytest.raises(ProviderError) as caught:
        await hear(tts, HELLO, settings, heard)
    assert caught.value.retryable
    assert vendor.begins(HELLO, heard.pcm)
    assert vendor.says("Next.", (await hear(tts, "Next.", settings)).pcm)
    await tts.close()


async def test_a_connection_that_the_vendor_closed_meanwhile_is_made_anew(
    vendor: Vendor, server: Any
) -> None:
    tts, settings = vendor.voice(server.url)
    await hear(tts, "One.", settings)
    connection = await server.connection()
    await connection.close(1000, "idle")
    await connection.closed.wait()
    if not vendor.http:
        await until(lambda: tts._line.spent)  # type: ignore[attr-defined]
    assert vendor.says("Two.", (await hear(tts, "Two.", settings)).pcm)
    assert len(server.connections) == 2
    await tts.close()


@pytest.mark.parametrize("garbage", ["not JSON", "[1]", '{"type": 5}', "[" * 50_000, b"\x00\xff"])
async def test_garbage_is_an_error_and_never_noise(
    vendor: Vendor, server: Any, garbage: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages that the vendor may have added since are passed over: then nothing follows here."""
    if vendor.raw and not vendor.http and isinstance(garbage, bytes):
        pytest.skip("any bytes are audio")
    monkeypatch.setattr("media_workers.providers.tts.line.WAIT_S", 0.05)
    tts, settings = vendor.voice(server.url)
    server.book.next(Manner(fault="garbage", garbage=garbage))
    heard = Heard()
    with pytest.raises(ProviderError, match=r"not of its protocol|sent nothing|instead of audio"):
        await hear(tts, HELLO, settings, heard)
    assert vendor.begins(HELLO, heard.pcm)
    await tts.close()


async def test_nobody_answers_at_that_address(vendor: Vendor, unused_tcp_port: int) -> None:
    tts, settings = vendor.voice(f"http://127.0.0.1:{unused_tcp_port}")
    await tts.warm_up()
    with pytest.raises(ProviderError) as caught:
        await hear(tts, HELLO, settings)
    assert caught.value.retryable
    await tts.close()


def test_without_a_key_nothing_is_built(vendor: Vendor) -> None:
    with pytest.raises(ProviderError, match="has no key") as caught:
        vendor.voice("http://127.0.0.1:1", key=" ")
    assert not caught.value.retryable
