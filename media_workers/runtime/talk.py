"""The agent of one call, with its ears, mind and voice: built from a `CallPlan`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig, RealtimeModel
from media_workers.contract.agent import Voice as VoiceChoice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody
from media_workers.contract.voices import VOICES
from media_workers.conversation.agent_tools import AgentTools
from media_workers.conversation.answering import Voice
from media_workers.conversation.backoffice import Backoffice, NoBackoffice
from media_workers.conversation.conversation import Conversation
from media_workers.conversation.endpointing import turn_model
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.snapshot import Snapshot
from media_workers.providers import assembly, registry
from media_workers.providers.base import VoiceSettings
from media_workers.providers.fallback import Watch
from media_workers.providers.fallback.chain import Breaker
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from media_workers.runtime.acts import Acts


def now_ms() -> int:
    """The monotonic clock that all times of a conversation come from."""
    return time.monotonic_ns() // 1_000_000


class Talk:
    """A conversation, at the caller's side of a `Company`.

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
        backoffice: Backoffice | None = None,
        secrecy: Secrecy | None = None,
    ) -> None:
        self._emit = emit
        self.acts = Acts()
        self.secrecy = secrecy or Secrecy()
        self.backoffice = backoffice or NoBackoffice()
        self._voice_activity = vad.open()
        self._closing: asyncio.Task[None] | None = None
        agent = plan.agent
        self.conversation: Conversation | RealtimeConversation
        if agent is not None and isinstance(agent.model, RealtimeModel):
            self.conversation = self._realtime(plan, agent, agent.model, hang_up)
        else:
            self.conversation = self._spoken(plan, breaker, hang_up)
        self.acts.on_leave_voicemail = self.conversation.leave_voicemail
        self.acts.on_digits_sent = self.conversation.pressed

    @property
    def slots(self) -> dict[str, str]:
        return self.conversation.slots

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def answered(self, at_ms: int) -> None:
        """The caller is there."""
        self.conversation.answered(at_ms)

    def on_dtmf(self, digit: str) -> None:
        self.conversation.on_dtmf(digit, now_ms())

    def on_hold(self, held: bool) -> None:
        self.conversation.on_hold(held)

    def on_frame(self, pcm: bytes) -> None:
        self.conversation.on_frame(pcm, now_ms())

    def next_frame(self) -> bytes | None:
        return self.conversation.next_frame(now_ms())

    # --- loop -------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The floor as it is now, for a picture of it."""
        return self.conversation.snapshot(now_ms())

    async def prepare(self) -> None:
        await self.conversation.prepare()

    def say(self, text: str) -> None:
        """As soon as nobody speaks."""
        self.conversation.say(text, now_ms())

    async def speak(self, text: str, *, firm: bool = True) -> None:
        """Says `text` and returns when it has been heard; `firm`: the caller cannot interrupt it."""
        if text:
            await self.conversation.speak(text, firm=firm)

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else, and hears nothing of the agent; False: they are back."""
        self.conversation.suspend(away)

    def mute(self, muted: bool) -> None:
        """The agent listens and does not speak."""
        self.conversation.mute(muted, now_ms())

    def note(self, text: str) -> bool:
        """Tells the agent something that the caller does not hear; False: it cannot be told."""
        return self.conversation.note(text)

    async def brief(self) -> str:
        """The call so far, for somebody who takes over; may be empty."""
        return await self.conversation.brief()

    def ended(self, at_ms: int) -> None:
        self.conversation.ended(at_ms)

    async def close(self) -> None:
        """Once, however often it is asked for: an agent may leave before the caller does."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await self.conversation.close()
        finally:
            self._voice_activity.close()

    def _spoken(
        self, plan: CallPlan, breaker: Breaker | None, hang_up: Callable[[EndReason, str], None]
    ) -> Conversation:
        """Ears, a model and a voice, each with those that take over from it."""
        agent = plan.agent
        voice = agent.voice if agent else VoiceChoice()
        language = agent.language if agent else "en-US"
        keys, watch = plan.credentials, Watch()
        voices = (voice, *(agent.fallbacks.voices if agent else ()))
        dialogue, tools = None, None
        if agent is not None:
            offered = Offers(agent)
            dialogue = assembly.build_dialogue(
                agent, plan.variables, keys, tools=offered, watch=watch, breaker=breaker
            )
            tools = self._tools(plan, agent, offered)
            tools.memory = dialogue
        return Conversation(
            plan=plan,
            stt=assembly.build_transcriber(agent, keys, watch=watch, breaker=breaker) if agent else None,
            dialogue=dialogue,
            tts=assembly.build_voice(voices, language, keys, watch=watch, breaker=breaker),
            fallback=local_voice(voice.provider, language),
            tools=tools,
            secrecy=self.secrecy,
            watch=watch,
            turn_model=turn_model.installed()
            if agent and agent.turn_taking.endpointing == "semantic"
            else None,
            voice_activity=self._voice_activity,
            emit=self._emit,
            hang_up=hang_up,
            loop=asyncio.get_running_loop(),
            clock=now_ms,
        )

    def _realtime(
        self,
        plan: CallPlan,
        agent: AgentConfig,
        model: RealtimeModel,
        hang_up: Callable[[EndReason, str], None],
    ) -> RealtimeConversation:
        """A model that hears and speaks itself; a local voice for when it fails."""
        offered = Offers(agent)
        tools = self._tools(plan, agent, offered)
        conversation = RealtimeConversation(
            plan=plan,
            agent=agent,
            make=lambda: assembly.build_speaking_model(model, plan.credentials),
            fallback=local_voice(model.provider, agent.language),
            offers=offered,
            tools=tools,
            secrecy=self.secrecy,
            voice_activity=self._voice_activity,
            emit=self._emit,
            hang_up=hang_up,
            loop=asyncio.get_running_loop(),
            clock=now_ms,
        )
        tools.memory = conversation
        return conversation

    def _tools(self, plan: CallPlan, agent: AgentConfig, offered: Offers) -> AgentTools:
        variables = {**agent.variables, **plan.variables}
        self.secrecy.keep_secrets(agent.secrets)
        return AgentTools(
            agent,
            variables=variables,
            remote=Remote(agent, variables, offered, public_only=not plan.allow_private),
            control=self.acts,
            backoffice=self.backoffice,
            secrecy=self.secrecy,
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
