"""Google's Speech-to-Text over gRPC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import ProviderError, SpeechToText
from media_workers.providers.stt import google_calls
from tests.fakes.hearing import saying, silence, speech
from tests.fakes.stt_google import GoogleServer
from tests.media_workers.providers.stt.listening import Call
from tests.media_workers.providers.stt.vendors import SilentServer

PHRASES = ("book a visit", "tomorrow please", "at ten", "for two")


@pytest.fixture
async def server() -> AsyncIterator[GoogleServer]:
    async with GoogleServer(saying(PHRASES)) as running:
        yield running
        await registry.close()


def built(url: str, *, key: str = "secret-key", region: str = "", **choice: str) -> SpeechToText:
    credential = Credential(vendor="google", api_key=key, base_url=url, region=region)
    transcriber = Transcriber(
        provider="google", hints=["Trunkline", "[the] porter"], extra={"project": "p-1"}, **choice
    )
    return registry.build_stt(transcriber, credential, "en-US")


async def test_each_utterance_is_a_call_of_its_own_on_one_connection(server: GoogleServer) -> None:
    call = await Call().open(built(server.url))
    for number in (1, 2, 3):
        call.utter(number, number)
        await call.until(finals=number)
    assert call.finals == {1: "book a visit", 2: "tomorrow please", 3: "at ten"}
    assert [t.confidence for t in call.transcripts if t.final] == pytest.approx([0.9] * 3)
    assert len(server.calls) == 3
    assert call.errors == []
    await call.stt.close()


async def test_the_first_message_says_what_comes(server: GoogleServer) -> None:
    call = await Call().open(built(server.url, region="eu", model="chirp_3"), phrases=["late [check out]"])
    call.utter(1, 1)
    await call.until(finals=1)
    first = server.calls[0].first
    config = first.streaming_config.config
    assert first.recognizer == "projects/p-1/locations/eu/recognizers/_"
    assert server.calls[0].metadata["x-goog-request-params"] == f"recognizer={first.recognizer}"
    assert (config.model, list(config.language_codes)) == ("chirp_3", ["en-US"])
    decoding = config.explicit_decoding_config
    assert (decoding.encoding, decoding.sample_rate_hertz, decoding.audio_channel_count) == (1, 8000, 1)
    hints = [p.value for p in config.adaptation.phrase_sets[0].inline_phrase_set.phrases]
    assert hints == ["Trunkline", "the porter", "late check out"]
    assert bytes(server.calls[0].audio) == speech(1, 300) + silence(120)
    assert server.calls[0].messages < 12
    await call.stt.close()


@pytest.mark.parametrize(("language", "named"), [("de", "de-DE"), ("es-MX", "es-MX"), ("zh", "cmn-Hans-CN")])
async def test_the_language_is_told_with_a_country(server: GoogleServer, language: str, named: str) -> None:
    call = await Call().open(built(server.url), language=language)
    call.utter(1, 1)
    await call.until(finals=1)
    assert list(server.calls[0].first.streaming_config.config.language_codes) == [named]
    await call.stt.close()


async def test_partial_texts_come_while_it_is_spoken(server: GoogleServer) -> None:
    server.interim_ms = 200
    call = await Call().open(built(server.url))
    call.stt.start_utterance(1)
    call.say(1)
    await call.until(partials=1)
    assert call.partials == [(1, "book a visit")]
    assert call.finals == {}
    call.stt.finalize(1)
    await call.until(finals=1)
    await call.stt.close()


async def test_what_comes_late_for_one_utterance_never_lands_in_the_next(server: GoogleServer) -> None:
    server.final_ms = 100
    call = await Call().open(built(server.url))
    call.utter(1, 1)
    call.utter(2, 2)
    await call.until(finals=2)
    assert call.finals == {1: "book a visit", 2: "tomorrow please"}
    await call.stt.close()


async def test_silence_and_nothing_are_answered(server: GoogleServer) -> None:
    call = await Call().open(built(server.url))
    call.stt.start_utterance(1)
    call.quiet()
    call.stt.finalize(1)
    call.stt.start_utterance(2)
    call.stt.finalize(2)
    await call.until(finals=2)
    assert call.finals == {1: "", 2: ""}
    await call.stt.close()


async def test_closing_cancels_the_call_that_runs(server: GoogleServer) -> None:
    call = await Call().open(built(server.url))
    call.stt.start_utterance(1)
    call.say(1)
    recognition = await server.call()
    await call.stt.close()
    async with asyncio.timeout(30):
        await recognition.dropped.wait()
    call.say(2)
    call.stt.finalize(1)
    await asyncio.sleep(0)
    assert call.errors == []
    assert call.finals == {}


async def test_a_wrong_key_is_told_at_the_first_utterance(server: GoogleServer) -> None:
    call = await Call().open(built(server.url, key="wrong-key-1234"))
    call.utter(1, 1)
    await call.until(errors=1)
    call.utter(2, 2)
    await asyncio.sleep(0.02)
    assert [e.retryable for e in call.errors] == [False]
    assert "API key not valid" in call.errors[0].detail
    assert "wrong-key-1234" not in call.errors[0].detail
    await call.stt.close()


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (grpc.StatusCode.UNAVAILABLE, True),
        (grpc.StatusCode.INTERNAL, True),
        (grpc.StatusCode.INVALID_ARGUMENT, False),
        (grpc.StatusCode.PERMISSION_DENIED, False),
    ],
)
async def test_an_error_in_mid_stream_has_the_vendors_words(
    server: GoogleServer, code: grpc.StatusCode, retryable: bool
) -> None:
    server.abort, server.abort_after_ms = (code, "that did not work"), 100
    call = await Call().open(built(server.url))
    call.utter(1, 1)
    await call.until(errors=1)
    assert call.errors[0].retryable is retryable
    assert "that did not work" in call.errors[0].detail
    assert len(call.errors) == 1
    await call.stt.close()


async def test_a_server_that_goes_away_is_told_once(server: GoogleServer) -> None:
    call = await Call().open(built(server.url))
    call.stt.start_utterance(1)
    call.say(1)
    await server.call()
    await server.stop()
    await call.until(errors=1)
    assert call.errors[0].retryable
    await call.stt.close()


async def test_nobody_there_is_an_error(server: GoogleServer) -> None:
    await server.stop()
    with pytest.raises(ProviderError, match="cannot be reached") as refusal:
        await Call().open(built(server.url))
    assert refusal.value.retryable


async def test_a_server_that_never_answers_is_waited_for_a_while_only(
    server: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_calls, "CONNECT_LIMIT_S", 0.1)
    async with SilentServer() as silent:
        with pytest.raises(ProviderError, match="no connection within"):
            await Call().open(built(silent.url))


async def test_a_service_account_signs_its_own_token(server: GoogleServer) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account",
        "project_id": "p-2",
        "private_key_id": "k-1",
        "private_key": pem,
        "client_email": "speech@p-2.example.com",
        "token_uri": "https://oauth2.example.com/token",
    }
    credential = Credential(vendor="google", api_key=json.dumps(account), base_url=server.url)
    call = await Call().open(registry.build_stt(Transcriber(provider="google"), credential, "en-US"))
    call.utter(1, 1)
    await call.until(finals=1)
    token = server.calls[0].metadata["authorization"].removeprefix("Bearer ")
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = jwt.decode(token, certs=public, verify=False)
    assert claims["aud"] == "https://speech.googleapis.com/"
    assert claims["iss"] == "speech@p-2.example.com"
    assert server.calls[0].first.recognizer == "projects/p-2/locations/global/recognizers/_"
    await call.stt.close()


@pytest.mark.parametrize(
    ("key", "words"),
    [("plain-key", "needs the setting project"), ("{", "no valid JSON"), ("{}", "needs the setting project")],
)
def test_a_key_that_cannot_work_is_refused_at_once(key: str, words: str) -> None:
    credential = Credential(vendor="google", api_key=key)
    with pytest.raises(ProviderError, match=words) as refusal:
        registry.build_stt(Transcriber(provider="google"), credential, "en-US")
    assert not refusal.value.retryable


async def test_a_service_account_without_a_key_is_refused(server: GoogleServer) -> None:
    credential = Credential(vendor="google", api_key='{"project_id": "p"}', base_url=server.url)
    stt = registry.build_stt(Transcriber(provider="google"), credential, "en-US")
    with pytest.raises(ProviderError, match="no service account"):
        await Call().open(stt)
