"""Sessions of models that hear and speak themselves: how they are asked for, and what goes wrong before and
in them. Whole calls are in conversation/test_realtime.py."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from array import array
from collections.abc import AsyncIterator, Callable
from statistics import median
from typing import Any

import pytest

from media_workers.audio import mulaw
from media_workers.contract.agent import RealtimeModel, TurnTaking
from media_workers.contract.vendors import Credential
from media_workers.providers import registry
from media_workers.providers.base import FRAME_BYTES, ProviderError, Tool
from media_workers.providers.realtime.base import (
    AnswerAudio,
    AnswerDone,
    AnswerText,
    Asked,
    Called,
    CallerPauses,
    CallerSaid,
    CallerSpeaks,
    Complaint,
    Event,
    Session,
    Settings,
)
from tests.fakes.realtime import VOICE, Said
from tests.fakes.realtime_gemini import PATH, GeminiLiveServer
from tests.fakes.realtime_openai import RealtimeOpenAIServer

LOOK = Tool("look", "Free tables.", {"type": "object", "properties": {"day": {"type": "string"}}})
LOUD, QUIET = b"\x00\x10" * (FRAME_BYTES // 2), bytes(FRAME_BYTES)


class Wire:
    """A session of one vendor, and what it told."""

    def __init__(self, server: Any, **choice: Any) -> None:
        self.server = server
        provider = "openai_realtime" if isinstance(server, RealtimeOpenAIServer) else "gemini_live"
        fields = {"provider": provider, "model": "a-model", "timeout_ms": 20_000, **choice}
        self.choice = RealtimeModel.model_validate(fields)
        self.events: list[Event] = []
        self.errors: list[ProviderError] = []
        self.session: Session | None = None
        self._changed = asyncio.Event()

    async def open(self, **rules: Any) -> Session:
        credential = Credential(vendor="x", api_key=self.server.key, base_url=self.server.url)
        model = registry.build_speaking_model(self.choice, credential)
        settings = Settings("Be kind.", [LOOK], "de-DE", TurnTaking(**rules))
        self.session = await model.open(settings, on_event=self._on_event, on_error=self._on_error)
        return self.session

    async def until(self, holds: Callable[[Wire], object]) -> None:
        """The caller's line is open meanwhile: silence goes on."""
        async with asyncio.timeout(30):
            while not holds(self):
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await self._changed.wait()
                self.speaks(40, QUIET)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def speaks(self, ms: int, pcm: bytes = LOUD) -> None:
        assert self.session is not None
        for _ in range(ms // 20):
            self.session.feed(pcm)

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()

    def _on_error(self, error: ProviderError) -> None:
        self.errors.append(error)
        self._changed.set()


@pytest.fixture(params=[RealtimeOpenAIServer, GeminiLiveServer], ids=["openai", "gemini"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[Wire]:
    async with request.param() as server:
        made = Wire(server)
        yield made
        if made.session is not None:
            await made.session.close()


@pytest.fixture
async def openai() -> AsyncIterator[Wire]:
    async with RealtimeOpenAIServer() as server:
        made = Wire(server)
        yield made
        if made.session is not None:
            await made.session.close()


@pytest.fixture
async def gemini() -> AsyncIterator[Wire]:
    async with GeminiLiveServer() as server:
        made = Wire(server)
        yield made
        if made.session is not None:
            await made.session.close()


# --- asking for a session ---------------------------------------------------------------------------


async def test_openai_is_told_what_the_agent_is(openai: Wire) -> None:
    await openai.open(sensitivity="low", endpointing_ms=700)
    connection = openai.server.connections[0]
    assert (connection.path, connection.query) == ("/realtime", {"model": ["a-model"]})
    (session,) = openai.server.sessions
    assert (session["type"], session["instructions"]) == ("realtime", "Be kind.")
    assert session["output_modalities"] == ["audio"]
    heard, spoken = session["audio"]["input"], session["audio"]["output"]
    assert heard["format"] == spoken["format"] == {"type": "audio/pcmu"}
    assert heard["transcription"]["language"] == "de"
    assert heard["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.65,
        "silence_duration_ms": 700,
        "create_response": True,
        "interrupt_response": True,
    }
    assert session["tools"] == [
        {"type": "function", "name": "look", "description": "Free tables.", "parameters": LOOK.parameters}
    ]
    assert "reasoning" not in session


async def test_openai_listens_for_meaning_where_the_agent_wants_it() -> None:
    server = RealtimeOpenAIServer()
    async with server:
        wire = Wire(server, model="gpt-realtime-2.1", voice="cedar", extra={"eagerness": "high"})
        await (await wire.open(endpointing="semantic", barge_in=False)).close()
        (session,) = server.sessions
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "high",
        "create_response": True,
        "interrupt_response": False,
    }
    assert session["audio"]["output"]["voice"] == "cedar"
    assert session["reasoning"] == {"effort": "minimal"}


async def test_gemini_is_told_what_the_agent_is(gemini: Wire) -> None:
    await gemini.open(sensitivity="low", endpointing_ms=700)
    assert gemini.server.connections[0].path == PATH
    (setup,) = gemini.server.setups
    assert setup["model"] == "models/a-model"
    assert setup["generationConfig"]["responseModalities"] == ["AUDIO"]
    assert setup["generationConfig"]["speechConfig"] == {
        "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}
    }
    assert setup["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    (functions,) = (tool["functionDeclarations"] for tool in setup["tools"])
    assert [(f["name"], f["behavior"]) for f in functions] == [("look", "BLOCKING")]
    assert setup["realtimeInputConfig"] == {
        "automaticActivityDetection": {
            "startOfSpeechSensitivity": "START_SENSITIVITY_LOW",
            "silenceDurationMs": 700,
        },
        "activityHandling": "START_OF_ACTIVITY_INTERRUPTS",
    }
    assert setup["inputAudioTranscription"] == setup["outputAudioTranscription"] == {}


@pytest.mark.parametrize("model", ["gemini-2.5-flash-native-audio", "gemini-3.1-flash-live-preview"])
async def test_earlier_models_of_gemini_are_asked_their_way(gemini: Wire, model: str) -> None:
    gemini.choice = gemini.choice.model_copy(update={"model": model})
    session = await gemini.open()
    session.tell("hello")
    await gemini.until(lambda w: w.of(AnswerText))
    (functions,) = (tool["functionDeclarations"] for tool in gemini.server.setups[0]["tools"])
    assert "behavior" not in functions[0]


async def test_without_a_key_there_is_no_session(wire: Wire) -> None:
    for credential in (None, Credential(vendor="x", api_key="")):
        with pytest.raises(ProviderError, match="has no key") as caught:
            registry.build_speaking_model(wire.choice, credential)
        assert (caught.value.component, caught.value.retryable) == ("realtime", False)


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (429, True), (500, True)])
async def test_a_refusal_is_told_without_the_key(wire: Wire, status: int, retryable: bool) -> None:
    wire.server.refuse = (status, json.dumps({"error": {"message": "no room for secret-key"}}))
    with pytest.raises(ProviderError, match="no room for") as caught:
        await wire.open()
    assert "secret-key" not in str(caught.value)
    assert caught.value.retryable is retryable


async def test_a_vendor_that_is_never_ready(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(connection: Any) -> None:
        async for _ in wire.server.heard(connection):
            pass

    monkeypatch.setattr(wire.server, "serve", silent)
    wire.choice = wire.choice.model_copy(update={"timeout_ms": 500})
    with pytest.raises(ProviderError, match="was not ready within 500 ms"):
        await wire.open()
    await asyncio.wait_for(wire.server.connections[0].closed.wait(), 30)


async def test_openai_refuses_the_session(openai: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refusing(connection: Any) -> None:
        async for _ in openai.server.heard(connection):
            error = {"type": "invalid_request_error", "code": "invalid_value", "message": "no such voice"}
            await connection.send({"type": "error", "error": error})

    monkeypatch.setattr(openai.server, "serve", refusing)
    with pytest.raises(ProviderError, match="no such voice") as caught:
        await openai.open()
    assert not caught.value.retryable


async def test_a_vendor_that_closes_with_a_reason(gemini: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async def closing(connection: Any) -> None:
        await connection.close(1007, "API key expired")

    monkeypatch.setattr(gemini.server, "serve", closing)
    with pytest.raises(ProviderError, match="API key expired") as caught:
        await gemini.open()
    assert not caught.value.retryable


# --- in a session -----------------------------------------------------------------------------------


async def test_the_caller_is_heard_and_answered(wire: Wire) -> None:
    wire.server.script.hears = ["guten Tag"]
    wire.server.script.answers = [Said("Hallo und willkommen.", 400)]
    await wire.open()
    wire.speaks(400)
    wire.speaks(2_000, QUIET)
    await wire.until(lambda w: w.of(AnswerDone))
    said = wire.of(CallerSaid)
    assert (said[-1].text, said[-1].final) == ("guten Tag", True)
    assert len({s.turn for s in said}) == 1
    assert "".join(t.text for t in wire.of(AnswerText)) == "Hallo und willkommen."
    audio = b"".join(a.pcm for a in wire.of(AnswerAudio))
    assert abs(len(audio) // 16 - 400) <= 1
    assert abs(median(array("h", audio)) - VOICE) < 40
    assert len({e.answer for e in wire.events if isinstance(e, AnswerAudio | AnswerText | AnswerDone)}) == 1
    usage = wire.of(AnswerDone)[0].usage
    assert (usage.audio_input_tokens, usage.input_tokens) == (20, 10)
    assert (usage.audio_output_tokens, usage.output_tokens) == (8, 3)
    assert wire.session is not None
    assert wire.session.sent_ms >= 2_400


async def test_audio_goes_out_in_batches_as_it_came(wire: Wire) -> None:
    await wire.open()
    wire.speaks(120)
    if isinstance(wire.server, RealtimeOpenAIServer):
        kind = "input_audio_buffer.append"
        await wire.server.connections[0].until(
            lambda c: len([m for m in c.messages if m["type"] == kind]) == 3
        )
        audio = [m["audio"] for m in wire.server.connections[0].messages if m["type"] == kind]
        sent = b"".join(mulaw.decode(base64.b64decode(a)) for a in audio)
        assert sent == mulaw.decode(mulaw.encode(LOUD * 6))
    else:
        await wire.server.connections[0].until(
            lambda c: len([m for m in c.messages if "realtimeInput" in m]) == 3
        )
        inputs = [
            m["realtimeInput"]["audio"] for m in wire.server.connections[0].messages if "realtimeInput" in m
        ]
        assert {i["mimeType"] for i in inputs} == {"audio/pcm;rate=8000"}
        assert b"".join(base64.b64decode(i["data"]) for i in inputs) == LOUD * 6


async def test_openai_says_when_the_caller_begins_and_pauses(openai: Wire) -> None:
    await openai.open()
    openai.speaks(400)
    openai.speaks(1_000, QUIET)
    await openai.until(lambda w: w.of(AnswerDone))
    kinds = [type(e) for e in openai.events]
    assert (
        kinds.index(CallerSpeaks) < kinds.index(CallerPauses) < kinds.index(Asked) < kinds.index(AnswerAudio)
    )
    assert openai.of(CallerSpeaks)[0].turn == openai.of(CallerSaid)[0].turn


async def test_what_is_to_be_said_waits_for_the_answer_under_way(openai: Wire) -> None:
    openai.server.script.pace_s = 0.005
    session = await openai.open()
    session.say("One.")
    session.say("Two.")
    session.tell("(The caller pressed 3 on the keypad.)")
    await openai.until(lambda w: len(w.of(AnswerDone)) == 3)
    words: dict[str, str] = {}
    for text in openai.of(AnswerText):
        words[text.answer] = words.get(text.answer, "") + text.text
    assert list(words.values()) == ["One.", "Two.", "I see."]
    assert openai.of(Complaint) == []


async def test_openai_is_told_how_much_was_heard(openai: Wire) -> None:
    openai.server.script.pace_s = 0.02
    openai.server.script.answers = [Said("A long story.", 60_000)]
    session = await openai.open()
    session.tell("hello")
    await openai.until(lambda w: len(w.of(AnswerAudio)) >= 3)
    answer = openai.of(AnswerAudio)[0].answer
    session.cut(answer, 140)
    await openai.until(lambda w: w.of(AnswerDone))
    assert openai.server.cancelled == ["client_cancelled"]
    ((item, heard_ms),) = openai.server.cut_at
    assert (item.startswith("item_"), heard_ms) == (True, 140)
    # Never more than there was.
    session.cut(answer, 90_000)
    await openai.server.connections[0].until(
        lambda c: len([m for m in c.messages if m["type"] == "conversation.item.truncate"]) == 2
    )
    assert openai.server.cut_at[-1][1] < 60_000
    assert openai.of(Complaint) == []


async def test_results_of_functions_go_back_together(wire: Wire) -> None:
    wire.server.script.answers = [
        Said("", 0, calls=[("look", "{}"), ("look", '{"day": "x"}')]),
        Said("Free."),
    ]
    session = await wire.open()
    session.tell("a table")
    await wire.until(lambda w: len(w.of(Called)) == 2)
    for called in wire.of(Called):
        session.tool_result(called.call, "ok")
    await wire.until(lambda w: "Free." in "".join(t.text for t in w.of(AnswerText)))
    if isinstance(wire.server, GeminiLiveServer):
        responses = [m for m in wire.server.connections[0].messages if "toolResponse" in m]
        assert len(responses) == 1
        assert len(wire.server.results) == 2


async def test_a_small_error_is_a_complaint(openai: Wire) -> None:
    await openai.open()
    error = {"type": "invalid_request_error", "code": "invalid_value", "message": "what is secret-key"}
    await openai.server.connections[0].send({"type": "error", "error": error})
    await openai.until(lambda w: w.of(Complaint))
    (complaint,) = openai.of(Complaint)
    assert complaint.error.detail == "what is [key]"
    assert openai.errors == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "error", "error": {"type": "server_error", "code": None, "message": "it broke"}},
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "code": "session_expired", "message": "it broke"},
        },
        {
            "type": "response.done",
            "response": {"id": "r", "status": "failed", "status_details": {"error": {"message": "it broke"}}},
        },
    ],
    ids=["server error", "session expired", "answer failed"],
)
async def test_a_great_error_ends_the_session(openai: Wire, message: dict[str, Any]) -> None:
    await openai.open()
    await openai.server.connections[0].send(message)
    await openai.until(lambda w: w.errors)
    assert [e.detail for e in openai.errors] == ["it broke"]


GARBAGE = ["{not json", "5", "[]", '{"type": "response.output_audio.delta"}', '{"serverContent": 7}']


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_ends_the_session_or_means_nothing(wire: Wire, garbage: str) -> None:
    await wire.open()
    await wire.server.connections[0].send(garbage)
    await wire.server.connections[0].send(b"\xff\xfe")
    await wire.until(lambda w: w.errors)
    assert [e.detail for e in wire.errors] == ["sent something that is not an event"]


async def test_a_connection_that_breaks(wire: Wire) -> None:
    await wire.open()
    wire.server.connections[0].cut()
    await wire.until(lambda w: w.errors)
    assert [(e.component, e.provider, e.detail) for e in wire.errors] == [
        ("realtime", wire.choice.provider, "the connection broke")
    ]


async def test_closing_leaves_nothing_open(wire: Wire) -> None:
    session = await wire.open()
    await session.close()
    await asyncio.wait_for(wire.server.connections[0].closed.wait(), 30)
    wire.speaks(100)
    assert wire.errors == []


# --- Gemini's sessions outlive their connections ------------------------------------------------------


async def test_a_session_goes_on_elsewhere_when_its_connection_is_to_end(gemini: Wire) -> None:
    gemini.server.handle = "handle-1"
    session = await gemini.open()
    first = gemini.server.connections[0]
    session.say("One.")
    await gemini.until(lambda w: w.of(AnswerText))
    await first.send({"goAway": {"timeLeft": "5s"}})
    await gemini.until(lambda w: first.closed.is_set())
    second = await gemini.server.connection(2)
    assert gemini.server.setups[1]["sessionResumption"] == {"handle": "handle-1"}
    session.say("Two.")
    await gemini.until(lambda w: "Two." in "".join(t.text for t in w.of(AnswerText)))
    assert any("Two." in str(m) for m in second.received)
    assert gemini.errors == []


async def test_a_broken_connection_is_made_anew_with_what_waited(gemini: Wire) -> None:
    gemini.server.handle = "handle-1"
    session = await gemini.open()
    await gemini.server.connections[0].until(lambda c: True)
    session.say("One.")
    await gemini.until(lambda w: w.of(AnswerText))
    gemini.server.connections[0].cut()
    await gemini.server.connection(2)
    session.say("Two.")
    await gemini.until(lambda w: "Two." in "".join(t.text for t in w.of(AnswerText)))
    assert gemini.errors == []


async def test_a_session_that_cannot_go_on_is_over(gemini: Wire) -> None:
    gemini.server.handle = "handle-1"
    session = await gemini.open()
    session.say("One.")
    await gemini.until(lambda w: w.of(AnswerText))
    gemini.server.refuse = (503, "")
    gemini.server.connections[0].cut()
    await gemini.until(lambda w: w.errors)
    assert [e.detail for e in gemini.errors] == ["the connection broke"]
