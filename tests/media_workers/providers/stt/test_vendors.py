"""What holds for every transcriber behind a websocket, whatever it speaks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.agent import Transcriber
from media_workers.providers import registry, websocket
from media_workers.providers.base import ProviderError
from media_workers.providers.stt import sockets
from tests.fakes.hearing import saying, silence, speech, spoken_in
from tests.fakes.listener import ListeningServer
from tests.fakes.websocket_server import PATIENCE_S, Connection
from tests.media_workers.providers.stt.listening import Call
from tests.media_workers.providers.stt.vendors import VENDORS, SilentServer, Vendor

PHRASES = ("book a visit", "tomorrow please", "at ten", "for two")


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture
async def server(vendor: Vendor) -> AsyncIterator[ListeningServer]:
    async with vendor.server() as running:
        assert isinstance(running, ListeningServer)
        running.hear = saying(PHRASES)
        yield running


async def test_each_utterance_gets_its_own_final_text(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    for number in (1, 2, 3):
        call.utter(number, number)
        await call.until(finals=number)
    assert call.finals == {1: "book a visit", 2: "tomorrow please", 3: "at ten"}
    assert call.errors == []
    await call.stt.close()


async def test_several_phrases_of_an_utterance_are_one_text(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    call.utter(1, 1, 2)
    await call.until(finals=1)
    assert call.finals == {1: "book a visit tomorrow please"}
    await call.stt.close()


async def test_partial_texts_come_while_it_is_spoken(vendor: Vendor, server: ListeningServer) -> None:
    server.interim_ms = 200
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.say(1)
    await call.until(partials=1)
    assert call.partials[0] == (1, "book a visit")
    assert call.finals == {}
    call.stt.finalize(1)
    await call.until(finals=1)
    call.utter(2, 3)
    await call.until(finals=2)
    assert (call.finals[1], call.finals[2]) == ("book a visit", "at ten")
    assert {text for number, text in call.partials if number == 2} <= {"at ten"}
    await call.stt.close()


async def test_what_comes_late_for_one_utterance_never_lands_in_the_next(
    vendor: Vendor, server: ListeningServer
) -> None:
    server.final_ms = 150
    call = await Call().open(vendor.build(server))
    call.utter(1, 1)
    call.stt.start_utterance(2)
    call.say(2)
    assert call.finals == {}
    call.stt.finalize(2)
    await call.until(finals=2)
    assert call.finals == {1: "book a visit", 2: "tomorrow please"}
    await call.stt.close()


async def test_an_utterance_without_words_is_answered_too(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.quiet(400)
    call.stt.finalize(1)
    await call.until(finals=1)
    assert call.finals == {1: ""}
    await call.stt.close()


async def test_a_cough_of_a_single_frame_is_answered_too(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.stt.feed(speech(3))
    call.stt.finalize(1)
    await call.until(finals=1)
    call.utter(2, 1)
    await call.until(finals=2)
    assert call.finals[2] == "book a visit"
    await call.stt.close()


async def test_audio_arrives_whole_in_order_and_in_batches(vendor: Vendor, server: ListeningServer) -> None:
    heard: list[bytes] = []
    server.hear = lambda _, pcm: heard.append(pcm) or "so it was"  # type: ignore[func-returns-value]
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.stt.feed(speech(4, 2_000))  # what was said before the connection was there
    call.say(1, 2, 3)
    call.stt.finalize(1)
    await call.until(finals=1)
    expected = speech(4, 2_000) + b"".join(speech(n, 300) for n in (1, 2, 3)) + silence(120)
    assert heard[-1].rstrip(b"\0") == expected.rstrip(b"\0")
    assert len(heard[-1]) >= len(expected)
    connection = await server.connection()
    assert len(connection.received) < 50 + len(expected) // 1_000, "a message for each frame"
    await call.stt.close()


async def test_the_media_clock_may_be_another_thread(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    clock = threading.Thread(target=lambda: [call.utter(number, number) for number in (1, 2, 3)])
    clock.start()
    await call.until(finals=3)
    clock.join()
    assert call.finals == {1: "book a visit", 2: "tomorrow please", 3: "at ten"}
    await call.stt.close()


async def test_closing_is_seen_by_the_vendor_and_takes_no_more(
    vendor: Vendor, server: ListeningServer
) -> None:
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.say(1)
    await call.stt.close()
    connection = await server.connection()
    async with asyncio.timeout(PATIENCE_S):
        await connection.closed.wait()
    call.say(2)  # the media clock may still tick
    call.stt.finalize(1)
    call.stt.expect(["anything"])
    await asyncio.sleep(0)
    assert call.errors == []
    assert call.finals == {}


async def test_nothing_is_told_after_the_close(vendor: Vendor, server: ListeningServer) -> None:
    server.final_ms = 100
    call = await Call().open(vendor.build(server))
    call.utter(1, 1)
    await (await server.connection()).until(lambda c: len(c.received) > 3)
    await call.stt.close()
    told = len(call.told)
    await asyncio.sleep(0.15)
    assert len(call.told) == told


async def test_a_connection_that_breaks_is_told_once(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    call.utter(1, 1)
    await call.until(finals=1)
    (await server.connection()).cut()
    await call.until(errors=1)
    call.utter(2, 2)
    await asyncio.sleep(0.02)
    assert [error.retryable for error in call.errors] == [True]
    assert call.errors[0].provider == vendor.name
    assert "connection" in call.errors[0].detail
    await call.stt.close()


async def test_a_close_by_the_vendor_gives_its_reason(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    await (await server.connection()).close(1011, "going down for maintenance")
    await call.until(errors=1)
    assert "going down for maintenance" in call.errors[0].detail
    await call.stt.close()


async def test_an_error_in_mid_stream_has_the_vendors_words(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server))
    call.stt.start_utterance(1)
    call.say(1)
    await (await server.connection()).send(vendor.complains)
    await call.until(errors=1)
    assert call.errors[0].provider == vendor.name
    assert call.errors[0].retryable
    if "overloaded" in vendor.complains:
        assert "overloaded" in call.errors[0].detail
    await call.stt.close()


@pytest.mark.parametrize("garbage", ["<html>busy</html>", "[]", '{"type": 7', b"\x00\xff\x00"])
async def test_garbage_is_an_error_told_once(
    vendor: Vendor, server: ListeningServer, garbage: str | bytes
) -> None:
    call = await Call().open(vendor.build(server))
    connection = await server.connection()
    await connection.send(garbage)
    await connection.send(garbage)
    await call.until(errors=1)
    assert len(call.errors) == 1
    assert "not understood" in call.errors[0].detail
    await call.stt.close()


async def test_a_wrong_key_is_refused_for_good_and_not_shown(vendor: Vendor, server: ListeningServer) -> None:
    with pytest.raises(ProviderError) as refusal:
        await Call().open(vendor.build(server, key="wrong-key-1234"))
    assert not refusal.value.retryable
    assert "wrong-key-1234" not in str(refusal.value)
    assert "key" in refusal.value.detail.lower()


@pytest.mark.parametrize(("status", "retryable"), [(429, True), (500, True), (503, True), (400, False)])
async def test_a_refused_connection_says_why(
    vendor: Vendor, server: ListeningServer, status: int, retryable: bool
) -> None:
    server.refuse = (status, f'{{"error": {{"message": "no room for {server.key}"}}}}')
    with pytest.raises(ProviderError) as refusal:
        await Call().open(vendor.build(server))
    assert refusal.value.retryable is retryable
    assert "no room for" in refusal.value.detail
    assert server.key not in refusal.value.detail


async def test_without_a_key_it_is_not_built(vendor: Vendor) -> None:
    with pytest.raises(ProviderError, match="has no key") as refusal:
        registry.build_stt(Transcriber(provider=vendor.name), None, "en-US")
    assert not refusal.value.retryable


async def test_nobody_there_is_an_error(vendor: Vendor, server: ListeningServer) -> None:
    built = vendor.build(server)
    await server.__aexit__()
    with pytest.raises(ProviderError, match="cannot be reached") as refusal:
        await Call().open(built)
    assert refusal.value.retryable


async def test_a_vendor_that_never_answers_is_waited_for_a_while_only(
    vendor: Vendor, server: ListeningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "CONNECT_LIMIT_S", 0.05)
    async with SilentServer() as silent:
        server.url = silent.url
        with pytest.raises(ProviderError, match="no connection within"):
            await Call().open(vendor.build(server))


@pytest.mark.parametrize(
    "vendor", [v for v in VENDORS if v.name not in {"deepgram", "azure"}], indirect=True, ids=lambda v: v.name
)
async def test_a_vendor_that_never_gets_ready_is_waited_for_a_while_only(
    vendor: Vendor, server: ListeningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mute(connection: Connection) -> None:
        await connection.socket.wait_closed()

    monkeypatch.setattr(sockets, "READY_LIMIT_S", 0.05)
    monkeypatch.setattr(server, "serve", mute)
    with pytest.raises(ProviderError, match="not ready"):
        await Call().open(vendor.build(server))


async def test_hints_are_passed_on_without_brackets(vendor: Vendor, server: ListeningServer) -> None:
    call = await Call().open(vendor.build(server), phrases=["late [check out]"])
    call.utter(1, 1)
    await call.until(finals=1)
    connection = await server.connection()
    sent = str(connection.query) + "".join(m for m in connection.received if isinstance(m, str))
    assert "Trunkline" in sent
    assert "late check out" in sent
    await call.stt.close()


@pytest.mark.parametrize("language", ["es-ES", "de"])
async def test_the_language_is_told_as_the_vendor_names_it(
    vendor: Vendor, server: ListeningServer, language: str
) -> None:
    call = await Call().open(vendor.build(server), language=language)
    call.utter(1, 1)
    await call.until(finals=1)
    connection = await server.connection()
    short, named = language[:2], {"es-ES": "es-ES", "de": "de-DE"}[language]
    expected = {
        "deepgram": f"'language': ['{short}']",
        "assemblyai": "'speech_model': ['universal-streaming-english']",  # built for en-US
        "openai": f'"language":"{short}"',
        "elevenlabs": f"'language_code': ['{short}']",
        "speechmatics": f'"language":"{short}"',
        "azure": f"'language': ['{named}']",
    }[vendor.name]
    sent = str(connection.query) + "".join(m for m in connection.received if isinstance(m, str))
    assert expected in sent
    await call.stt.close()


def test_fakes_hear_what_was_said() -> None:
    assert spoken_in(speech(1) + silence() + speech(3)) == [1, 3]
