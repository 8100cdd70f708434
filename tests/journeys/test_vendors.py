"""Agents of hosted vendors on real calls: with the customer's keys, when a vendor fails, when all do.

The vendors are fakes that speak the real protocols on real sockets; everything else is the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hearing import whatever
from tests.fakes.openai_server import Failure, OpenAIServer, answer
from tests.fakes.realtime import Said
from tests.fakes.realtime_openai import RealtimeOpenAIServer
from tests.fakes.stt_deepgram import DeepgramServer
from tests.fakes.tts_elevenlabs import ElevenLabsServer
from tests.journeys.client import Json, turns_of
from tests.journeys.conftest import World

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

WELL, FAILING, MUTE, SPEAKING = "+12025554001", "+12025554002", "+12025554003", "+12025554004"
CALLERS = {
    WELL: "+12025550171",
    FAILING: "+12025550172",
    MUTE: "+12025550173",
    SPEAKING: "+12025550174",
}
GREETING, ANSWER = "Good morning, how can I help you?", "Certainly, the table is yours."
SORRY = "I am sorry, something is broken. Goodbye."
KEY = "secret-key"
CONVERSATION = [
    {"do": "listen"},
    {"do": "say", "text": "A table for two, please."},
    {"do": "listen"},
    {"do": "hang_up"},
]
PATIENT = [
    {"do": "listen", "required": False, "limit_ms": 8_000},
    {"do": "wait_for_end", "limit_ms": 30_000},
]


@dataclass
class Vendors:
    """All of them in one thread with a loop of its own."""

    loop: asyncio.AbstractEventLoop
    ears: DeepgramServer = field(default_factory=lambda: DeepgramServer(whatever(["A table for two."])))
    voice: ElevenLabsServer = field(default_factory=ElevenLabsServer)
    model: OpenAIServer = field(default_factory=OpenAIServer)
    broken: OpenAIServer = field(default_factory=OpenAIServer)
    speaker: RealtimeOpenAIServer = field(default_factory=RealtimeOpenAIServer)

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @contextlib.contextmanager
    def running(self) -> Iterator[Vendors]:
        fakes = (self.ears, self.voice, self.model, self.broken, self.speaker)
        for fake in fakes:
            self.wait(fake.__aenter__())
        self.model.will(*[answer(ANSWER)] * 50)
        self.broken.will(*[Failure(500, {"error": {"message": "the model is on fire"}})] * 50)
        self.speaker.script.hears = ["A table for two."] * 5
        self.speaker.script.answers = [Said(ANSWER, ms=1_500)] * 5
        try:
            yield self
        finally:
            for fake in fakes:
                self.wait(fake.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="vendors", daemon=True)
    thread.start()
    try:
        with Vendors(loop).running() as running:
            yield running
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def agent(**changes: Any) -> Json:
    return {
        "first_message": GREETING,
        "prompt": "You take bookings.",
        "model": {"provider": "mistral", "model": "mistral-small-latest"},
        "transcriber": {"provider": "deepgram"},
        "voice": {"provider": "elevenlabs", "voice": "JBFqnCBsd6RMkjVDRZzb"},
        "fallback_message": SORRY,
        **changes,
    }


AGENTS = {
    WELL: agent(),
    FAILING: agent(
        model={"provider": "groq", "model": "llama-3.3-70b-versatile"},
        fallbacks={"models": [{"provider": "mistral", "model": "mistral-small-latest"}]},
    ),
    # Rime's address is one where nobody listens.
    MUTE: agent(voice={"provider": "rime", "voice": "cove"}),
    SPEAKING: agent(model={"provider": "openai_realtime", "model": "gpt-realtime", "voice": "marin"}),
}


@dataclass
class Calls:
    """One call to each agent, over: what the callers say of it, the call and its events."""

    heard: dict[str, Json]
    calls: dict[str, Json]
    events: dict[str, list[Json]]


@pytest.fixture(scope="module")
def calls(world: World, vendors: Vendors, tmp_path_factory: pytest.TempPathFactory) -> Calls:
    work: Path = tmp_path_factory.mktemp("vendors")
    addresses = {
        "deepgram": vendors.ears.url,
        "elevenlabs": vendors.voice.url,
        "mistral": vendors.model.url,
        "groq": vendors.broken.url,
        "openai": vendors.speaker.url,
        "rime": "http://127.0.0.1:9",
    }
    for vendor, url in addresses.items():
        put = world.api.http.put(f"/vendor-keys/{vendor}", json={"api_key": KEY, "base_url": url})
        assert put.is_success, put.text
    trunk = world.api.get("/trunks")["results"][0]["id"]
    for number, config in AGENTS.items():
        made = world.api.agent(f"Vendors {number}", config)
        world.api.post("/numbers", {"carrier": "byoc", "e164": number, "trunk": trunk, "agent": made})
    scripts = {WELL: CONVERSATION, FAILING: CONVERSATION, MUTE: PATIENT, SPEAKING: CONVERSATION}
    running = {n: world.caller(n, CALLERS[n], script, work) for n, script in scripts.items()}
    heard = {number: caller.result() for number, caller in running.items()}
    ids = {n: world.api.find(to_number=n, from_number=CALLERS[n]) for n in scripts}
    over = {number: world.api.ended(call_id) for number, call_id in ids.items()}
    return Calls(heard, over, {number: world.api.events(call_id) for number, call_id in ids.items()})


def reply_of(call: Json) -> Json:
    """The first turn that answered the caller."""
    turn: Json = next(t for t in call["turns"] if t["speaker"] == "agent" and t["text"] == ANSWER)
    return turn


def test_vendors_hear_think_and_speak_with_the_customers_keys(calls: Calls, vendors: Vendors) -> None:
    call = calls.calls[WELL]
    # A pause after the comma makes two utterances of the sentence.
    assert turns_of(call, "caller")[0].startswith("A table for two.")
    assert turns_of(call, "agent")[:2] == [GREETING, ANSWER]
    asked = vendors.model.requests[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "mistral-small-latest"
    assert [said.text for said in vendors.voice.book.said if said.text == GREETING]
    assert (calls.heard[WELL]["answered"], calls.heard[WELL]["ended_by"]) == (True, "caller")


def test_every_part_of_an_answer_is_accounted_for(calls: Calls, world: World) -> None:
    turn = reply_of(calls.calls[WELL])
    served = {(s["component"], s["vendor"], s["own_key"]) for s in turn["account"]["served_by"]}
    assert served == {("stt", "deepgram", True), ("llm", "mistral", True), ("tts", "elevenlabs", True)}
    moments = turn["account"]["moments"]
    order = ["model_asked", "first_token", "first_sentence", "voice_asked", "first_audio", "first_packet"]
    assert [moments[name] for name in order] == sorted(moments[name] for name in order)
    assert turn["latency"]["total"] == moments["first_packet"]
    assert turn["account"]["usage"]["characters"] >= len(ANSWER)
    assert turn["account"]["usage"]["input_tokens"] > 0
    measured = world.api.get("/stats/latency", group_by="vendor", kind="llm")
    assert "mistral" in json.dumps(measured)


def test_the_next_model_takes_over_within_the_turn(calls: Calls) -> None:
    call = calls.calls[FAILING]
    assert turns_of(call, "agent")[:2] == [GREETING, ANSWER]
    account = reply_of(call)["account"]
    assert [(p["component"], p["vendor"]) for p in account["passed_over"]] == [("llm", "groq")]
    assert "on fire" in account["passed_over"][0]["reason"]
    assert ("llm", "mistral") in {(s["component"], s["vendor"]) for s in account["served_by"]}


def test_a_voice_that_nobody_can_take_over_from_ends_the_call_in_words(calls: Calls, world: World) -> None:
    call = calls.calls[MUTE]
    assert call["end_reason"] == "provider_failed"
    assert turns_of(call, "agent") == [SORRY]
    troubles = [e["event"] for e in calls.events[MUTE] if e["type"] == "trouble"]
    assert any("rime" in t["detail"] for t in troubles)
    key = next(k for k in world.api.get("/vendor-keys")["results"] if k["vendor"] == "rime")
    assert key["last_error"]


def test_a_model_that_speaks_itself_carries_a_call(calls: Calls, vendors: Vendors) -> None:
    call = calls.calls[SPEAKING]
    assert turns_of(call, "agent")[:2] == [GREETING, ANSWER]
    assert turns_of(call, "caller")[0].startswith("A table for two.")
    served = reply_of(call)["account"]["served_by"]
    assert [(s["component"], s["vendor"], s["own_key"]) for s in served] == [
        ("realtime", "openai_realtime", True)
    ]
    assert vendors.speaker.sessions[0]["audio"]["input"]["format"]["type"] == "audio/pcmu"
    assert calls.heard[SPEAKING]["ended_by"] == "caller"


def test_keys_are_nowhere_to_be_read(calls: Calls, world: World) -> None:
    told = json.dumps([calls.calls, calls.events, world.api.get("/vendor-keys")])
    assert KEY not in told
    assert KEY not in world.stack.log.read_text(errors="replace")
