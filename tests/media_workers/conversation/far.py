"""Calls to vendors on real sockets, each of which may be made to fail. The media clock runs ahead of the
wall's, and waits for nobody but the vendors."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from media_workers.contract.agent import AgentConfig, Voice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, TurnSpoken
from media_workers.contract.vendors import Credential
from media_workers.conversation import Conversation
from media_workers.conversation import Voice as Speaker
from media_workers.providers import assembly, registry, sharing
from media_workers.providers.base import FRAME_MS, VoiceSettings
from media_workers.providers.fallback import Watch
from tests.fakes.hearing import silence, speech, whatever
from tests.fakes.openai_server import FOREVER, VANISH, Answer, Failure, OpenAIServer, Raw, answer
from tests.fakes.speech import Manner
from tests.fakes.stt_assemblyai import AssemblyAIServer
from tests.fakes.stt_deepgram import DeepgramServer
from tests.fakes.tts_cartesia import CartesiaServer
from tests.fakes.tts_elevenlabs import ElevenLabsServer
from tests.fakes.websocket_server import Connection
from tests.media_workers.conversation.phone import CALL
from tests.media_workers.conversation.vendors import Loudness

E = TypeVar("E", bound=EventBody)

FALLBACK = "Sorry, and goodbye."
FRAME_S = 0.001
"""Real time of 20 ms of the call."""

STATUS = {"401": 401, "429": 429, "500": 500}


class Ears(DeepgramServer):
    """`fault` comes with the first audio."""

    fault = ""

    async def serve(self, connection: Connection) -> None:
        if not self.fault:
            return await super().serve(connection)
        async for message in self.heard(connection):
            if not isinstance(message, bytes):
                continue
            if self.fault == "cut":
                connection.cut()
            await connection.send("no JSON at all")
        return None


@dataclass
class Vendors:
    """Two of each kind; `spoil` has the first of a kind fail from now on."""

    ears: Ears
    other_ears: AssemblyAIServer
    mind: OpenAIServer
    other_mind: OpenAIServer
    mouth: CartesiaServer
    other_mouth: ElevenLabsServer
    closed_port: int
    silent: str
    urls: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        for server in (self.ears, self.other_ears, self.mouth, self.other_mouth):
            server.reset()
        self.ears.fault = ""
        self.ears.hear = self.other_ears.hear = whatever(["a table please"])
        for mind in (self.mind, self.other_mind):
            mind.answers.clear()
            mind.will(*[answer("Certainly. ", "For how many?")] * 8)
        for voice in (self.mouth, self.other_mouth):
            voice.book.manners.clear()
            voice.book.usual = Manner()
        self.urls = {
            "deepgram": self.ears.url,
            "assemblyai": self.other_ears.url,
            "cartesia": self.mouth.url,
            "elevenlabs": self.other_mouth.url,
            "model": self.mind.url,
        }

    def spoil(self, kind: str, fault: str) -> None:
        first = {"stt": "deepgram", "tts": "cartesia", "llm": "model"}[kind]
        if fault == "refused":
            self.urls[first] = f"http://127.0.0.1:{self.closed_port}"
        elif kind == "stt":
            self._spoil_ears(fault)
        elif kind == "tts":
            self._spoil_mouth(fault)
        else:
            self._spoil_mind(fault)

    def _spoil_ears(self, fault: str) -> None:
        if fault == "slow":
            self.urls["deepgram"] = self.silent
        elif fault in STATUS:
            self.ears.refuse = STATUS[fault], "no"
        else:
            self.ears.fault = fault

    def _spoil_mouth(self, fault: str) -> None:
        if fault in STATUS:
            self.mouth.refuse = STATUS[fault], "no"
        elif fault == "slow":
            self.mouth.book.usual = Manner(fault="hang", after=0)
        elif fault == "garbage":
            self.mouth.book.usual = Manner(fault="garbage", after=0)
        else:
            self.mouth.book.usual = Manner(fault="cut", after=2, size=4)

    def _spoil_mind(self, fault: str) -> None:
        wrong: dict[str, Answer | Failure] = {
            "slow": answer(FOREVER),
            "garbage": answer(Raw(b"data: {no json\n\n")),
            "cut": answer("I will", VANISH),
        }
        self.mind.answers.clear()
        self.mind.will(*[wrong.get(fault) or Failure(STATUS[fault], "no")] * 8)


@contextlib.asynccontextmanager
async def vendors(closed_port: int) -> AsyncIterator[Vendors]:
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with (
        Ears() as ears,
        AssemblyAIServer() as other_ears,
        OpenAIServer() as mind,
        OpenAIServer() as other_mind,
        CartesiaServer() as mouth,
        ElevenLabsServer() as other_mouth,
    ):
        made = Vendors(
            ears,  # type: ignore[arg-type]
            other_ears,  # type: ignore[arg-type]
            mind,
            other_mind,
            mouth,  # type: ignore[arg-type]
            other_mouth,  # type: ignore[arg-type]
            closed_port,
            f"http://127.0.0.1:{port}",
        )
        made.reset()
        yield made
    silent.close()
    await sharing.close()


@dataclass
class Call:
    """The caller says something once the agent has greeted, and hangs up after its answer, or after
    `limit_ms`; `to_the_end`: only when the agent has."""

    vendors: Vendors
    fallbacks: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    limit_ms: int = 20_000
    to_the_end: bool = False
    events: list[EventBody] = field(default_factory=list)
    ending: tuple[EndReason, str] | None = None
    now_ms: int = 0
    sent_ms: int = 0

    def turns(self, speaker: str) -> list[TurnSpoken]:
        return [t for t in self.of(TurnSpoken) if t.speaker == speaker]

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    async def run(self) -> None:
        talk = self._talk()
        await talk.prepare()
        talk.answered(0)
        async with asyncio.timeout(60):
            while self.ending is None and self.now_ms < self.limit_ms and not self._answered:
                await asyncio.sleep(FRAME_S)
                self.now_ms += FRAME_MS
                talk.on_frame(self._said(), self.now_ms)
                if talk.next_frame(self.now_ms) is not None:
                    self.sent_ms = self.now_ms
        talk.ended(self.now_ms)
        await talk.close()

    @property
    def _answered(self) -> bool:
        return not self.to_the_end and len(self.turns("agent")) == 2

    def _said(self) -> bytes:
        """600 ms of speech, a second after the greeting."""
        if not hasattr(self, "_from") and self.turns("agent"):
            self._from = self.now_ms + 1_000
        since = self.now_ms - getattr(self, "_from", self.now_ms + 1)
        return speech(1) if 0 <= since < 600 else silence()

    def _talk(self) -> Conversation:
        agent, keys = self._agent(), self._credentials()
        watch = Watch()
        spoken = (agent.voice, *agent.fallbacks.voices)
        local = registry.build_tts(Voice(provider="espeak", voice="en-us"), None, "en-US")
        return Conversation(
            plan=CallPlan(
                call_id=CALL,
                tenant_id=CALL,
                direction="inbound",
                from_number="+12025550199",
                to_number="+12025550100",
                agent=agent,
                credentials=keys,
            ),
            stt=assembly.build_transcriber(agent, keys, watch=watch),
            dialogue=assembly.build_dialogue(agent, {}, keys, watch=watch),
            tts=assembly.build_voice(spoken, "en-US", keys, watch=watch),
            fallback=Speaker(local, VoiceSettings("en-us")),
            watch=watch,
            voice_activity=Loudness(),
            emit=self.events.append,
            hang_up=self._hang_up,
            loop=asyncio.get_running_loop(),
            clock=lambda: self.now_ms,
        )

    def _agent(self) -> AgentConfig:
        return AgentConfig.model_validate(
            {
                "model": self.model("model"),
                "voice": {"provider": "cartesia", "voice": "a-voice", "first_audio_ms": 300},
                "transcriber": {"provider": "deepgram"},
                "first_message": "Good morning.",
                "fallback_message": FALLBACK,
                "turn_taking": {"transcript_timeout_ms": 10_000, "endpointing": "fixed"},
                "silence": {"prompt_after_ms": 120_000},
                "fallbacks": self.fallbacks,
                **self.more,
            }
        )

    def model(self, which: str) -> dict[str, Any]:
        url = self.vendors.urls["model"] if which == "model" else self.vendors.other_mind.url
        return {
            "provider": "openai_compatible",
            "base_url": url,
            "model": which,
            "first_token_ms": 300,
            "timeout_ms": 600,
        }

    def _credentials(self) -> dict[str, Credential]:
        names = ("deepgram", "assemblyai", "cartesia", "elevenlabs")
        key, urls = "secret-key", self.vendors.urls
        return {
            name: Credential(
                vendor=name,
                api_key=key,
                base_url=urls[name],
                own=name == "elevenlabs",
                digest=name,
            )
            for name in names
        }

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        self.ending = (reason, detail)
