"""The conversation of one call, with its ears, mouth and recorder: built from a `CallPlan`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from media_workers.audio.pcm import FRAME_MS
from media_workers.audio.recorder import Recorded, Recorder
from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig, RealtimeModel
from media_workers.contract.agent import Voice as VoiceChoice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import Answered, EndReason, EventBody, Trouble
from media_workers.contract.voices import VOICES
from media_workers.conversation.answering import Voice
from media_workers.conversation.conversation import Conversation, VoiceActivity
from media_workers.conversation.endpointing import turn_model
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.conversation.snapshot import Snapshot
from media_workers.providers import assembly, registry
from media_workers.providers.base import VoiceSettings
from media_workers.providers.fallback import Watch
from media_workers.providers.fallback.chain import Breaker
from media_workers.runtime.leg_port import Ears
from media_workers.runtime.listening import Tap


def now_ms() -> int:
    """The monotonic clock that all times of a conversation come from."""
    return time.monotonic_ns() // 1_000_000


class Exchange(Ears, Protocol):
    """What a caller is connected to: a conversation, or another telephone. Event loop, unless `Ears`."""

    answered_ms: int | None

    @property
    def slots(self) -> dict[str, str]:
        """What was collected so far."""

    async def prepare(self) -> None:
        """While it rings. Never raises."""

    def record(self, recorder: Recorder) -> None:
        """Before the answer: both sides go into `recorder`, which is the exchange's to close from now on."""

    def listen(self, tap: Tap) -> None:
        """At any time: both sides go into `tap` too, until nobody listens any more."""

    def say(self, text: str) -> bool:
        """Speaks `text` and goes on; False when there is nobody to speak it."""

    def ended(self, at_ms: int) -> None:
        """The leg is gone. `close` must follow."""

    async def close(self) -> Recorded | None:
        """After the leg has ended: the caller's last words, and the recording when there is one."""


class BothSides:
    """Where the frames of both sides go: the recording and those who listen in. Media clock, but `add`
    and `close`."""

    def __init__(self, emit: Callable[[EventBody], None]) -> None:
        self._emit = emit
        self._recorder: Recorder | None = None
        self._tap: Tap | None = None
        self.frames = 0

    @property
    def recorded_ms(self) -> int:
        """How much is recorded so far."""
        return self.frames * FRAME_MS

    def record(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def listen(self, tap: Tap) -> None:
        self._tap = tap

    def feed(self, caller: bytes, other: bytes | None) -> None:
        """The same 20 ms of both sides."""
        recorder, tap = self._recorder, self._tap
        if recorder is not None:
            recorder.feed(caller, other)
            self.frames += 1
        if tap is not None and not tap.feed(caller, other):
            self._tap = None

    async def close(self) -> Recorded | None:
        """The recording, when there is one."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return None
        try:
            recorded = await asyncio.to_thread(recorder.close)
        except OSError as error:
            self._emit(Trouble(what="recording_failed", component="recorder", detail=str(error)))
            return None
        if recorded.duration_ms:
            return recorded
        recorded.path.unlink()
        return None


class Talk:
    """A conversation, connected. Implements `Exchange`.

    `emit` may be called from any thread; `hang_up(reason, detail)` is called on the loop.
    """

    def __init__(
        self,
        plan: CallPlan,
        *,
        vad: VadEngine,
        breaker: Breaker | None = None,
        emit: Callable[[EventBody], None],
        hang_up: Callable[[EndReason, str], None],
    ) -> None:
        self._emit = emit
        self._both = BothSides(emit)
        self._agent_frame: bytes | None = None
        self._voice_activity = vad.open()
        self.answered_ms: int | None = None
        agent = plan.agent
        self.conversation: Conversation | RealtimeConversation
        if agent is not None and isinstance(agent.model, RealtimeModel):
            self.conversation = _realtime(plan, agent, agent.model, self._voice_activity, emit, hang_up)
        else:
            self.conversation = _spoken(plan, self._voice_activity, breaker, emit, hang_up)

    @property
    def slots(self) -> dict[str, str]:
        return self.conversation.slots

    def record(self, recorder: Recorder) -> None:
        self._both.record(recorder)

    def listen(self, tap: Tap) -> None:
        self._both.listen(tap)

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def on_answered(self, codec: str) -> None:
        self.answered_ms = now_ms()
        self._emit(Answered(codec=codec, recorded_ms=self._both.recorded_ms))
        self.conversation.answered(self.answered_ms)

    def on_dtmf(self, digit: str) -> None:
        self.conversation.on_dtmf(digit, now_ms())

    def on_hold(self, held: bool) -> None:
        self.conversation.on_hold(held)

    def on_frame(self, pcm: bytes) -> None:
        self.conversation.on_frame(pcm, now_ms())
        agent, self._agent_frame = self._agent_frame, None
        self._both.feed(pcm, agent)

    def next_frame(self) -> bytes | None:
        self._agent_frame = frame = self.conversation.next_frame(now_ms())
        return frame

    # --- loop -------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The floor as it is now, for a picture of it."""
        return self.conversation.snapshot(now_ms())

    async def prepare(self) -> None:
        await self.conversation.prepare()

    def say(self, text: str) -> bool:
        self.conversation.say(text, now_ms())
        return True

    def ended(self, at_ms: int) -> None:
        self.conversation.ended(at_ms)

    async def close(self) -> Recorded | None:
        try:
            await self.conversation.close()
        finally:
            self._voice_activity.close()
        return await self._both.close()


def _spoken(
    plan: CallPlan,
    voice_activity: VoiceActivity,
    breaker: Breaker | None,
    emit: Callable[[EventBody], None],
    hang_up: Callable[[EndReason, str], None],
) -> Conversation:
    """Ears, a model and a voice, each with those that take over from it."""
    agent = plan.agent
    voice = agent.voice if agent else VoiceChoice()
    language = agent.language if agent else "en-US"
    keys, watch = plan.credentials, Watch()
    voices = (voice, *(agent.fallbacks.voices if agent else ()))
    dialogue = (
        assembly.build_dialogue(agent, plan.variables, keys, watch=watch, breaker=breaker) if agent else None
    )
    return Conversation(
        plan=plan,
        stt=assembly.build_transcriber(agent, keys, watch=watch, breaker=breaker) if agent else None,
        dialogue=dialogue,
        tts=assembly.build_voice(voices, language, keys, watch=watch, breaker=breaker),
        fallback=local_voice(voice.provider, language),
        watch=watch,
        turn_model=turn_model.installed() if agent and agent.turn_taking.endpointing == "semantic" else None,
        voice_activity=voice_activity,
        emit=emit,
        hang_up=hang_up,
        loop=asyncio.get_running_loop(),
        clock=now_ms,
    )


def _realtime(
    plan: CallPlan,
    agent: AgentConfig,
    model: RealtimeModel,
    voice_activity: VoiceActivity,
    emit: Callable[[EventBody], None],
    hang_up: Callable[[EndReason, str], None],
) -> RealtimeConversation:
    """A model that hears and speaks itself; a local voice for when it fails."""
    return RealtimeConversation(
        plan=plan,
        agent=agent,
        make=lambda: assembly.build_speaking_model(model, plan.credentials),
        fallback=local_voice(model.provider, agent.language),
        voice_activity=voice_activity,
        emit=emit,
        hang_up=hang_up,
        loop=asyncio.get_running_loop(),
        clock=now_ms,
    )


def local_voice(failed: str, language: str) -> Voice:
    """Who speaks `language` when `failed`, the agent's own voice, is not to be heard: a voice of the node
    that shares no code with it, where the node has one for the language."""
    choice = VoiceChoice(provider="flite", voice="slt")
    english = language.startswith("en")
    if failed != "espeak" or not english:
        speaks = [fact for fact in VOICES if fact.provider == "espeak" and fact.language == language]
        family = language.partition("-")[0]
        speaks += [f for f in VOICES if f.provider == "espeak" and f.language.partition("-")[0] == family]
        choice = VoiceChoice(provider="espeak", voice=speaks[0].voice if speaks else "en-us")
    return Voice(registry.build_tts(choice, None, language), VoiceSettings(choice.voice, choice.speed))
