"""The conversation of one call, with its ears, mouth and recorder: built from a `CallPlan`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from media_workers.audio.recorder import Recorded, Recorder
from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import Voice as VoiceChoice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import Answered, EndReason, EventBody, Trouble
from media_workers.conversation.answering import Voice
from media_workers.conversation.conversation import Conversation
from media_workers.providers import registry
from media_workers.providers.base import VoiceSettings
from media_workers.runtime.listening import Tap

FALLBACK_VOICES = {
    "flite": VoiceChoice(provider="espeak", voice="en-us"),
    "espeak": VoiceChoice(provider="flite", voice="slt"),
}
"""Who speaks when the agent's own voice has failed: one that shares no code with it."""


def now_ms() -> int:
    """The monotonic clock that all times of a conversation come from."""
    return time.monotonic_ns() // 1_000_000


class Talk:
    """A conversation, connected. Implements `leg_port.Ears`.

    `emit` may be called from any thread; `hang_up(reason, detail)` is called on the loop.
    """

    def __init__(
        self,
        plan: CallPlan,
        *,
        vad: VadEngine,
        emit: Callable[[EventBody], None],
        hang_up: Callable[[EndReason, str], None],
    ) -> None:
        agent = plan.agent
        voice = agent.voice if agent else VoiceChoice()
        self._emit = emit
        self._recorder: Recorder | None = None
        self._tap: Tap | None = None
        self._agent_frame: bytes | None = None
        self._voice_activity = vad.open()
        self.answered_ms: int | None = None
        self.conversation = Conversation(
            plan=plan,
            stt=registry.build_stt(agent.transcriber) if agent else None,
            dialogue=registry.build_dialogue(agent, plan.variables) if agent else None,
            tts=registry.build_tts(voice),
            fallback=_voice(FALLBACK_VOICES[voice.provider]),
            voice_activity=self._voice_activity,
            emit=emit,
            hang_up=hang_up,
            loop=asyncio.get_running_loop(),
            clock=now_ms,
        )

    def record(self, recorder: Recorder) -> None:
        """Before the answer: both sides go into `recorder`, which is ours to close from now on."""
        self._recorder = recorder

    def listen(self, tap: Tap) -> None:
        """At any time: both sides go into `tap` too, until nobody listens any more."""
        self._tap = tap

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def on_answered(self, codec: str) -> None:
        self.answered_ms = now_ms()
        self._emit(Answered(codec=codec))
        self.conversation.answered(self.answered_ms)

    def on_dtmf(self, digit: str) -> None:
        self.conversation.on_dtmf(digit, now_ms())

    def on_hold(self, held: bool) -> None:
        self.conversation.on_hold(held)

    def on_frame(self, pcm: bytes) -> None:
        self.conversation.on_frame(pcm, now_ms())
        recorder, tap = self._recorder, self._tap
        if recorder is None and tap is None:
            return
        agent, self._agent_frame = self._agent_frame, None
        if recorder is not None:
            recorder.feed(pcm, agent)
        if tap is not None and not tap.feed(pcm, agent):
            self._tap = None

    def next_frame(self) -> bytes | None:
        self._agent_frame = frame = self.conversation.next_frame(now_ms())
        return frame

    # --- loop -------------------------------------------------------------------------------------

    async def close(self) -> Recorded | None:
        """After the leg has ended: the caller's last words, and the recording when there is one."""
        try:
            await self.conversation.close()
        finally:
            self._voice_activity.close()
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


def _voice(choice: VoiceChoice) -> Voice:
    return Voice(registry.build_tts(choice), VoiceSettings(voice=choice.voice, speed=choice.speed))
