"""Which conversation a plan gets, connected with its recorder."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from media_workers.audio.recorder import DiskWriter, Recorder
from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, Trouble, TurnSpoken
from media_workers.contract.vendors import Credential
from media_workers.conversation import Conversation
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.providers import registry
from media_workers.providers.base import FRAME_BYTES
from media_workers.runtime.company import Company
from media_workers.runtime.talk import Talk, local_voice
from tests.fakes.realtime import Said
from tests.fakes.realtime_openai import RealtimeOpenAIServer

SCRIPT = {"provider": "script", "nodes": {"start": {}}}
SPEAKING = {"provider": "openai_realtime", "model": "gpt-realtime-2.1-mini"}


class Desk:
    """A talk without a telephone; `run` is its media clock, until the agent hangs up."""

    def __init__(self, model: dict[str, Any], *credentials: Credential) -> None:
        agent: dict[str, Any] = {"model": model, "first_message": "Hello.", "fallback_message": "Sorry."}
        agent["sounds"] = {"comfort_noise": False}
        self.events: list[EventBody] = []
        self.ending: tuple[EndReason, str] | None = None
        plan = CallPlan(
            call_id=uuid4(),
            tenant_id=uuid4(),
            direction="inbound",
            from_number="+12025550199",
            to_number="+12025550100",
            agent=AgentConfig.model_validate(agent),
            credentials={credential.vendor: credential for credential in credentials},
        )
        self.talk = Talk(plan, vad=VadEngine(), emit=self.events.append, hang_up=self._hang_up)
        self.company = Company(self.events.append, self.talk)

    async def run(self) -> None:
        await self.company.prepare()
        self.company.on_answered("pcmu")
        async with asyncio.timeout(30):
            while self.ending is None:
                await asyncio.sleep(0.01)
                self.company.next_frame()
                self.company.on_frame(bytes(FRAME_BYTES))

    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, TurnSpoken)]

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        self.ending = (reason, detail)


async def test_a_model_that_speaks_itself_is_connected_and_recorded(tmp_path: Path) -> None:
    server = RealtimeOpenAIServer()
    async with server:
        server.script.answers = [Said("Bye.", 200, calls=[("end_call", "{}")])]
        desk = Desk(SPEAKING, Credential(vendor="openai", api_key=server.key, base_url=server.url))
        assert isinstance(desk.talk.conversation, RealtimeConversation)
        disk = DiskWriter()
        desk.company.record(Recorder(tmp_path / "call.wav", disk))
        asking = asyncio.create_task(_press_when_greeted(desk))
        await desk.run()
        await asking
        assert desk.ending == (EndReason.AGENT_HUNG_UP, "")
        recorded = await desk.company.close()
        disk.close()
    assert desk.texts() == ["Hello.", "1", "Bye."]
    assert recorded is not None
    with wave.open(str(tmp_path / "call.wav")) as wav:
        sides = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2)
    assert not sides[:, 0].any()
    # 400 ms of greeting and 200 ms of goodbye.
    assert abs(int((np.abs(sides[:, 1]) > 500).sum()) // 8 - 600) <= 20


async def _press_when_greeted(desk: Desk) -> None:
    async with asyncio.timeout(30):
        while not desk.texts():
            await asyncio.sleep(0.01)
    desk.company.on_dtmf("1")


async def test_without_a_key_the_caller_hears_the_fallback_message() -> None:
    desk = Desk(SPEAKING)
    await desk.run()
    assert desk.ending is not None
    assert desk.ending[0] is EndReason.PROVIDER_FAILED
    await desk.company.close()
    assert desk.texts() == ["Sorry."]
    (trouble,) = (event for event in desk.events if isinstance(event, Trouble))
    assert trouble.detail.startswith("openai_realtime: has no key")
    await registry.close()


@pytest.mark.parametrize("model", [SCRIPT])
async def test_others_have_ears_a_mind_and_a_voice(model: dict[str, Any]) -> None:
    desk = Desk(model)
    assert isinstance(desk.talk.conversation, Conversation)
    desk.company.ended(0)
    await desk.company.close()
    await registry.close()


@pytest.mark.parametrize(
    ("failed", "language", "provider", "voice"),
    [
        ("flite", "en-US", "espeak", "en-us"),
        ("cartesia", "en-GB", "espeak", "en-gb"),
        ("espeak", "en-US", "flite", "slt"),
        ("espeak", "de-DE", "espeak", "de"),
        ("elevenlabs", "de-AT", "espeak", "de"),
        ("elevenlabs", "tlh", "espeak", "en-us"),
    ],
)
async def test_the_last_words_are_in_the_callers_language(
    failed: str, language: str, provider: str, voice: str
) -> None:
    chosen = local_voice(failed, language)
    assert (chosen.tts.name, chosen.settings.voice) == (provider, voice)
