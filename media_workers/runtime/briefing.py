"""A human who is asked to take a call: told about it in the agent's voice, and heard by the agent's ears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig, Fallbacks, ScriptModel, ScriptNode, SilencePolicy
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, Trouble
from media_workers.contract.tools import Voicemail
from media_workers.conversation.briefing import BriefingDialogue
from media_workers.conversation.conversation import Conversation
from media_workers.providers import assembly
from media_workers.providers.fallback import Watch
from media_workers.providers.fallback.chain import Breaker
from media_workers.runtime.talk import local_voice, now_ms

SILENCE_MS = 5_000
LIMIT_MS = 60_000
"""From the answer to the verdict."""

LONGEST = 3_500


class Briefing:
    """Implements `leg_port.Ears` for the human's leg. `over` is resolved when they have decided, or nobody
    has; `accepted` tells. Of its events only troubles are the call's."""

    def __init__(
        self,
        plan: CallPlan,
        agent: AgentConfig,
        text: str,
        question: str,
        *,
        vad: VadEngine,
        breaker: Breaker | None,
        emit: Callable[[EventBody], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.over: asyncio.Future[EndReason] = self._loop.create_future()
        self._dialogue = BriefingDialogue(question, agent.language)
        self._activity = vad.open()
        self._emit = emit
        self._closed = False
        self.text = text[:LONGEST]
        config = _config(agent, f"{self.text} {question}".strip(), question)
        self._conversation = self._build(plan.model_copy(update={"agent": config}), config, breaker)

    def _build(self, plan: CallPlan, config: AgentConfig, breaker: Breaker | None) -> Conversation:
        keys, watch = plan.credentials, Watch()
        voices = (config.voice, *config.fallbacks.voices)
        return Conversation(
            plan=plan,
            stt=assembly.build_transcriber(config, keys, watch=watch, breaker=breaker),
            dialogue=self._dialogue,
            tts=assembly.build_voice(voices, config.language, keys, watch=watch, breaker=breaker),
            fallback=local_voice(config.voice.provider, config.language),
            watch=watch,
            voice_activity=self._activity,
            emit=self._told,
            hang_up=self._done,
            loop=self._loop,
            clock=now_ms,
        )

    @property
    def accepted(self) -> bool:
        """A clear yes."""
        return self._dialogue.accepted is True

    @property
    def answer(self) -> str:
        """What was said, in words."""
        said = self._dialogue.heard_words
        return f"They said: {said}" if said else "They said nothing that could be understood."

    async def prepare(self) -> None:
        """While it rings. Never raises."""
        await self._conversation.prepare()

    def begin(self) -> None:
        """The human is on the line."""
        self._conversation.answered(now_ms())

    async def close(self) -> None:
        """Once, however often it is asked for."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._conversation.close()
        finally:
            self._activity.close()

    def _told(self, event: EventBody) -> None:
        if isinstance(event, Trouble):
            self._emit(event)

    def _done(self, reason: EndReason, detail: str) -> None:
        if not self.over.done():
            self.over.set_result(reason)

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def on_answered(self, codec: str) -> None:
        """`begin` says when."""

    def on_dtmf(self, digit: str) -> None:
        self._conversation.on_dtmf(digit, now_ms())

    def on_hold(self, held: bool) -> None:
        self._conversation.on_hold(held)

    def on_frame(self, pcm: bytes) -> None:
        self._conversation.on_frame(pcm, now_ms())

    def next_frame(self) -> bytes | None:
        return self._conversation.next_frame(now_ms())


def _config(agent: AgentConfig, text: str, question: str) -> AgentConfig:
    """The agent's voice and ears with nothing of its mind."""
    fallbacks = Fallbacks(voices=agent.fallbacks.voices, transcribers=agent.fallbacks.transcribers)
    return AgentConfig(
        first_message=text,
        language=agent.language,
        model=ScriptModel(nodes={"start": ScriptNode()}),
        voice=agent.voice,
        transcriber=agent.transcriber,
        fallbacks=fallbacks,
        turn_taking=agent.turn_taking.model_copy(update={"barge_in": False}),
        silence=SilencePolicy(prompt_after_ms=SILENCE_MS, prompts=[question], goodbye=""),
        max_duration_ms=LIMIT_MS,
        max_duration_message="",
        voicemail=Voicemail(detect=False),
        record=False,
    )
