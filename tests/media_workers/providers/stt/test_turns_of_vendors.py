"""Vendors that find the end of a turn themselves: flux, AssemblyAI, Speechmatics."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import SpeechToText, Transcript, TurnSign
from tests.fakes.listener import ListeningServer
from tests.fakes.stt_assemblyai import AssemblyAIServer, turn
from tests.fakes.stt_deepgram import DeepgramServer, turn_info
from tests.fakes.stt_speechmatics import SpeechmaticsServer, end_of_utterance, transcript
from tests.fakes.websocket_server import Connection
from tests.media_workers.providers.stt.listening import Call

LIKELY, RESUMED, OVER = TurnSign.LIKELY_OVER, TurnSign.RESUMED, TurnSign.OVER


@pytest.fixture
async def deepgram() -> AsyncIterator[ListeningServer]:
    async with DeepgramServer() as running:
        assert isinstance(running, ListeningServer)
        yield running


@pytest.fixture
async def assemblyai() -> AsyncIterator[ListeningServer]:
    async with AssemblyAIServer() as running:
        assert isinstance(running, ListeningServer)
        yield running


@pytest.fixture
async def speechmatics() -> AsyncIterator[ListeningServer]:
    async with SpeechmaticsServer() as running:
        assert isinstance(running, ListeningServer)
        yield running


def build(vendor: str, server: ListeningServer, model: str = "", **extra: str) -> SpeechToText:
    choice = Transcriber(provider=vendor, model=model, hints=["Trunkline"], extra=extra)  # type: ignore[arg-type]
    credential = Credential(vendor=vendor, api_key=server.key, base_url=server.url)
    return registry.build_stt(choice, credential, "en-US")


def sent(kind: str) -> Callable[[Connection], bool]:
    return lambda c: any(kind in (m.get("type"), m.get("message")) for m in c.messages)


# --- flux -----------------------------------------------------------------------------------------------


async def test_flux_tells_of_a_likely_end_of_its_withdrawal_and_of_the_end(deepgram: ListeningServer) -> None:
    stt = build("deepgram", deepgram, "flux-general-en")
    assert stt.continuous
    call = await Call().open(stt, signs=True)
    connection = await deepgram.connection()
    call.stt.start_utterance(1)
    call.say(1, ms=800)
    call.stt.finalize(1)
    await connection.send(turn_info("StartOfTurn", "", 200))
    await connection.send(turn_info("Update", "book a", 500))
    await connection.send(turn_info("EagerEndOfTurn", "book a visit", 700))
    await connection.send(turn_info("TurnResumed", "book a visit", 900))
    await connection.send(turn_info("EndOfTurn", "book a visit", 1_200))
    await call.until(signs=3)
    assert call.signs == [LIKELY, RESUMED, OVER]
    assert call.partials == [(1, "book a"), (1, "book a visit")]
    assert call.finals == {1: "book a visit"}
    assert _order(call) == ["book a", "book a visit", "FINAL book a visit", LIKELY, RESUMED, OVER]
    assert not [m for m in connection.messages if m["type"] == "ForceEndTurn"]
    await call.stt.close()


async def test_flux_gives_the_final_text_when_its_transcript_covers_the_utterance(
    deepgram: ListeningServer,
) -> None:
    call = await Call().open(build("deepgram", deepgram, "flux-general-en"), signs=True)
    connection = await deepgram.connection()
    call.stt.start_utterance(1)
    call.say(1, ms=400)
    call.stt.finalize(1)
    await connection.send(turn_info("Update", "my number is", 600))
    await call.until(finals=1)
    call.stt.start_utterance(2)
    call.say(1, ms=400)
    call.stt.finalize(2)
    await connection.send(turn_info("EndOfTurn", "my number is four two", 1_100))
    await call.until(finals=2, signs=1)
    assert call.finals == {1: "my number is", 2: "four two"}
    await call.stt.close()


async def test_flux_is_made_to_end_the_turn_where_nobody_listens_to_it(deepgram: ListeningServer) -> None:
    call = await Call().open(build("deepgram", deepgram, "flux-general-en"))
    connection = await deepgram.connection()
    call.utter(1, 1)
    await connection.until(sent("ForceEndTurn"))
    await connection.send({**turn_info("EndOfTurn", "yes", 380), "trigger": "manual"})
    await call.until(finals=1)
    assert call.finals == {1: "yes"}
    assert call.transcripts[-1].confidence == pytest.approx(0.9)
    assert connection.query["eot_threshold"] == ["1.0"]
    assert "eager_eot_threshold" not in connection.query
    await call.stt.close()


async def test_flux_takes_settings_languages_and_new_hints(deepgram: ListeningServer) -> None:
    stt = build("deepgram", deepgram, "flux-general-multi", eot_threshold="0.8")
    call = await Call().open(stt, language="es-ES", signs=True)
    connection = await deepgram.connection()
    query = connection.query
    assert query["language_hint"] == ["es"]
    assert query["eot_threshold"] == ["0.8"]
    assert query["keyterm"] == ["Trunkline"]
    for phrases in ([], ["[the] porter"], ["the porter"]):
        call.stt.expect(phrases)
    call.quiet(200)
    await connection.until(lambda c: len(c.audio) > 0)
    assert connection.messages == [{"type": "Configure", "keyterms": ["Trunkline", "the porter"]}]
    await call.stt.close()
    assert connection.path == "/v2/listen"


async def test_an_error_of_flux_has_its_words(deepgram: ListeningServer) -> None:
    call = await Call().open(build("deepgram", deepgram, "flux-general-en"))
    connection = await deepgram.connection()
    await connection.send({"type": "Error", "code": "INTERNAL", "description": "lost the model"})
    await call.until(errors=1)
    assert "lost the model" in call.errors[0].detail
    await call.stt.close()


# --- AssemblyAI -------------------------------------------------------------------------------------------


async def test_assemblyai_tells_of_a_likely_end_of_its_withdrawal_and_of_the_end(
    assemblyai: ListeningServer,
) -> None:
    call = await Call().open(build("assemblyai", assemblyai), signs=True)
    connection = await assemblyai.connection()
    call.stt.start_utterance(1)
    call.say(1, ms=600)
    call.stt.finalize(1)
    await connection.send(turn("my name", 0, 400))
    await connection.send(turn("my name is", 0, 500, utterance="my name is"))
    await connection.send(turn("my name is so", 0, 600))
    await connection.send(turn("my name is so on", 0, 700, over=True))
    await call.until(signs=3)
    assert call.signs == [LIKELY, RESUMED, OVER]
    assert call.finals == {1: "my name is"}
    assert "end_of_turn_confidence_threshold" not in connection.query
    assert not [m for m in connection.messages if m["type"] == "ForceEndpoint"]
    await call.stt.close()


async def test_assemblyai_may_tell_a_turn_again_with_its_punctuation(assemblyai: ListeningServer) -> None:
    call = await Call().open(build("assemblyai", assemblyai), signs=True)
    connection = await assemblyai.connection()
    call.utter(1, 1)
    await connection.send(turn("yes please", 0, 300, over=True))
    await connection.send({**turn("Yes, please.", 0, 300, over=True), "turn_is_formatted": True})
    await connection.send(turn("no", 1_000, 1_200, order=1))
    await call.until(finals=1)
    assert call.finals == {1: "yes please"}
    assert call.signs == [OVER]
    await call.stt.close()


async def test_a_turn_that_assemblyai_ended_first_is_final_when_it_is_asked_for(
    assemblyai: ListeningServer,
) -> None:
    call = await Call().open(build("assemblyai", assemblyai))
    connection = await assemblyai.connection()
    call.stt.start_utterance(1)
    call.say(1)
    await connection.send(turn("yes please", 0, 300, over=True))
    await call.until(partials=1)
    assert call.finals == {}
    call.stt.finalize(1)
    await call.until(finals=1)
    assert call.finals == {1: "yes please"}
    assert [m["type"] for m in connection.messages] == []
    await call.stt.close()


async def test_assemblyai_takes_new_hints_once(assemblyai: ListeningServer) -> None:
    call = await Call().open(build("assemblyai", assemblyai), phrases=["late check out"])
    connection = await assemblyai.connection()
    for phrases in (["late check out"], ["[the] porter"], ["the porter"]):
        call.stt.expect(phrases)
    call.quiet(200)
    await connection.until(lambda c: len(c.audio) > 0)
    hints = ["Trunkline", "the porter"]
    assert connection.messages == [{"type": "UpdateConfiguration", "keyterms_prompt": hints}]
    assert json.loads(connection.query["keyterms_prompt"][0]) == ["Trunkline", "late check out"]
    await call.stt.close()


async def test_assemblyai_takes_the_model_of_the_language(assemblyai: ListeningServer) -> None:
    choice = Transcriber(provider="assemblyai")
    credential = Credential(vendor="assemblyai", api_key=assemblyai.key, base_url=assemblyai.url)
    models = [registry.build_stt(choice, credential, language).model for language in ("en-GB", "es-ES")]
    assert models == ["universal-streaming-english", "universal-streaming-multilingual"]


# --- Speechmatics -----------------------------------------------------------------------------------------


async def test_speechmatics_tells_of_the_end_by_silence(speechmatics: ListeningServer) -> None:
    call = await Call().open(build("speechmatics", speechmatics), signs=True)
    connection = await speechmatics.connection()
    call.utter(1, 1)
    await connection.send(transcript("AddPartialTranscript", "good", 0, 200))
    await connection.send(transcript("AddTranscript", "Good morning", 0, 300))
    await connection.send(transcript("AddTranscript", ".", 300, 310))
    await connection.send(end_of_utterance(400))
    await call.until(signs=1)
    assert call.signs == [OVER]
    assert call.finals == {1: "Good morning."}
    start: dict[str, Any] = connection.messages[0]
    assert start["transcription_config"]["conversation_config"]["end_of_utterance_silence_trigger"] > 0
    assert not [m for m in connection.messages if m["message"] == "ForceEndOfUtterance"]
    await call.stt.close()


async def test_speechmatics_is_told_the_language_in_its_own_way(speechmatics: ListeningServer) -> None:
    for number, (language, config) in enumerate(
        [("en-GB", ("en", "en-GB")), ("zh-CN", ("cmn", None)), ("de-DE", ("de", None))], 1
    ):
        call = await Call().open(build("speechmatics", speechmatics), language=language)
        connection = await speechmatics.connection(number)
        sent_config = connection.messages[0]["transcription_config"]
        assert (sent_config["language"], sent_config.get("output_locale")) == config
        await call.stt.close()


def _order(call: Call) -> list[object]:
    return [(f"FINAL {t.text}" if t.final else t.text) if isinstance(t, Transcript) else t for t in call.told]
