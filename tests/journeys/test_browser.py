"""Somebody talks to an agent in the browser; somebody else listens in to a call on the phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import agents
from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.sip.wait import until
from tests.talker import Talker

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

CALLER = "+12025550171"
CONVERSATION = [
    {"do": "listen"},
    {"do": "say", "text": "Tell me your story."},
    {"do": "listen"},
    {"do": "say", "text": "Goodbye."},
    {"do": "wait_for_end"},
]


def socket(world: World, path: str, call_id: str) -> Talker:
    """A program's socket of this call."""
    url = world.stack.web_url.replace("http", "ws", 1)
    headers = {"Authorization": world.api.http.headers["Authorization"]}
    return Talker(f"{url}/ws/v1/{path}/?call={call_id}", headers)


async def ask(work: Callable[..., Any], *arguments: Any, **fields: Any) -> Any:
    """Something that blocks, beside the sockets."""
    return await asyncio.to_thread(work, *arguments, **fields)


async def test_talking_to_a_draft(world: World) -> None:
    agent = await ask(world.api.agent, "Draft", agents.reception(), publish=False)
    call_id = (await ask(world.api.post, "/browser-calls", {"agent": agent}))["id"]
    async with socket(world, "talk", call_id) as talker:
        await talker.until(lambda: talker.of_type("ready"), "the agent is there")
        await talker.until(lambda: ("agent", agents.GREETING) in talker.turns(), "the greeting")
        await talker.say("What are your opening hours?")
        await talker.until(lambda: ("agent", agents.HOURS) in talker.turns(), "the answer")
        heard = talker.loud_frames()
        await talker.say("Goodbye.")
        await talker.until(talker.closed.is_set, "the agent has hung up")
    (over,) = talker.of_type("ended")
    assert (over["end_reason"], over["end_words"]) == ("agent_hung_up", "The agent ended the conversation.")
    assert heard > 100
    turns = [m["event"] for m in talker.of_type("event") if m["event"]["type"] == "turn"]
    (answer,) = [turn for turn in turns if turn["text"] == agents.HOURS]
    assert answer["latency"]["total"] > 0
    call = await ask(world.api.ended, call_id)
    assert (call["direction"], call["test"], call["agent_version"]) == ("browser", True, None)
    assert turns_of(call, "caller") == ["what are your opening hours", "goodbye"]
    assert call["latency"]["total"]["turns"] >= 1
    assert call["media"]["codec"] == "L16"
    await ask(until, lambda: world.api.call(call_id)["recording"], "the recording")


async def test_listening_in_to_a_phone_call(world: World, tmp_path: Path) -> None:
    caller = world.caller(RECEPTION, CALLER, CONVERSATION, tmp_path)
    call_id = await ask(world.api.find, to_number=RECEPTION, from_number=CALLER)
    listener = socket(world, "listen", call_id)
    listener.muted = True
    async with listener:
        await listener.until(lambda: listener.of_type("listening"), "somebody listens")
        await listener.until(lambda: listener.loud_frames() > 100, "both are heard")
        await listener.until(listener.closed.is_set, "the call is over", timeout_s=90)
    assert listener.of_type("ended")[0]["end_reason"] == "agent_hung_up"
    said = await ask(caller.result)
    assert said["answered"]
    call = await ask(world.api.ended, call_id)
    assert turns_of(call, "caller")[-1] == "goodbye"


async def test_a_voice_is_heard(world: World) -> None:
    wish = {"provider": "flite", "voice": "slt", "text": "Hello."}
    answer = await ask(world.api.http.get, "/voices/preview", params=wish)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert len(answer.content) > 8_000
