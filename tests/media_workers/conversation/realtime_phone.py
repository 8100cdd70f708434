"""A line to a model that speaks itself, behind a real socket. The media clock is the test's: it runs faster
than the world's and never rushes the vendor, which lives on the same loop."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from media_workers.contract.agent import AgentConfig, RealtimeModel
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, TurnSpoken
from media_workers.contract.vendors import Credential
from media_workers.conversation import Voice
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.conversation.tools import Tools
from media_workers.providers.base import FRAME_MS, FRAME_SAMPLES, VoiceSettings
from media_workers.providers.realtime import gemini, openai
from media_workers.providers.realtime.base import SpeakingModel
from tests.fakes.realtime_gemini import GeminiLiveServer
from tests.fakes.realtime_openai import RealtimeOpenAIServer
from tests.media_workers.conversation.phone import CALL
from tests.media_workers.conversation.vendors import SILENCE, Loudness, Speaker

E = TypeVar("E", bound=EventBody)
Server = RealtimeOpenAIServer | GeminiLiveServer
TICK_S = 0.001
LONGEST_S = 30
SPEECH = array("h", [3_000] * FRAME_SAMPLES).tobytes()
MODELS: dict[str, tuple[str, Callable[..., SpeakingModel]]] = {
    "openai_realtime": ("gpt-realtime-2.1-mini", openai.build),
    "gemini_live": ("gemini-3.8-live", gemini.build),
}


@dataclass
class RealtimePhone:
    """`run` until the agent hangs up, or until `until` holds. Times are ms from the answer."""

    server: Server
    fields: dict[str, Any] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=dict)
    tools: Tools | None = None
    speech: list[tuple[int, int]] = field(default_factory=list)
    acts: list[tuple[int, Callable[[RealtimeConversation, int], None]]] = field(default_factory=list)
    mouth: Speaker = field(default_factory=lambda: Speaker(name="local", sample=9))
    events: list[EventBody] = field(default_factory=list)
    sent: list[tuple[int, bytes]] = field(default_factory=list)
    ending: tuple[EndReason, str] | None = None
    now_ms: int = 0

    @property
    def provider(self) -> str:
        return "openai_realtime" if isinstance(self.server, RealtimeOpenAIServer) else "gemini_live"

    def says(self, at: int, ms: int = 600) -> None:
        self.speech.append((at, at + ms))

    async def run(
        self, *, until: Callable[[RealtimePhone], bool] = lambda phone: False, early_frames: int = 0
    ) -> None:
        """`early_frames`: the call is up for so long before the vendor's session is."""
        talk = self._talk()
        if early_frames:
            talk.answered(0)
            for _ in range(early_frames):
                self._tick(talk)
        await talk.prepare()
        talk.answered(0)
        async with asyncio.timeout(LONGEST_S):
            while self.ending is None and not until(self):
                await asyncio.sleep(TICK_S)
                self._tick(talk)
        talk.ended(self.now_ms)
        await talk.close()

    def texts(self) -> list[str]:
        """The transcript, a line per turn; an interrupted turn ends with a dash."""
        turns = self.of(TurnSpoken)
        return [f"{t.speaker}: {t.text}{' -' if t.interrupted else ''}" for t in turns]

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    def spoke_ms(self) -> int:
        return len(self.sent) * FRAME_MS

    def _tick(self, talk: RealtimeConversation) -> None:
        self.now_ms += FRAME_MS
        for act in [a for a in self.acts if a[0] <= self.now_ms]:
            self.acts.remove(act)
            act[1](talk, self.now_ms)
        speaks = any(start < self.now_ms <= end for start, end in self.speech)
        talk.on_frame(SPEECH if speaks else SILENCE, self.now_ms)
        if (frame := talk.next_frame(self.now_ms)) is not None:
            self.sent.append((self.now_ms, frame))

    def _talk(self) -> RealtimeConversation:
        name, build = MODELS[self.provider]
        fields = {
            "model": {"provider": self.provider, "model": name, **self.model},
            "first_message": "Hello.",
            "fallback_message": "Sorry.",
            "sounds": {"comfort_noise": False},
            **self.fields,
        }
        agent = AgentConfig.model_validate(fields)
        assert isinstance(agent.model, RealtimeModel)
        choice, key = agent.model, self.server.key
        credential = Credential(vendor=self.provider, api_key=key, base_url=self.server.url, own=True)

        def make() -> SpeakingModel:
            return build(choice, credential)

        plan = CallPlan(
            call_id=CALL,
            tenant_id=CALL,
            direction="inbound",
            from_number="+12025550199",
            to_number="+12025550100",
            agent=agent,
            credentials={"openai": credential, "google": credential},
        )
        return RealtimeConversation(
            plan=plan,
            agent=agent,
            make=make,
            fallback=Voice(self.mouth, VoiceSettings("other")),
            tools=self.tools,
            voice_activity=Loudness(),
            emit=self.events.append,
            hang_up=self._hang_up,
            loop=asyncio.get_running_loop(),
            clock=lambda: self.now_ms,
        )

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        assert self.ending is None
        self.ending = (reason, detail)
