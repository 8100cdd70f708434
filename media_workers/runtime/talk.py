"""The agent of one call, with its ears, mind and voice: built from a `CallPlan`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig, RealtimeModel
from media_workers.contract.agent import Voice as VoiceChoice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, TurnSpoken
from media_workers.contract.vendors import Credential
from media_workers.contract.voices import VOICES
from media_workers.conversation.agent_tools import AgentTools
from media_workers.conversation.answering import Voice
from media_workers.conversation.backoffice import Backoffice, NoBackoffice
from media_workers.conversation.conversation import Conversation
from media_workers.conversation.endpointing import turn_model
from media_workers.conversation.knowledge import Knowledge
from media_workers.conversation.languages import tongues_of
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.conversation.reporting import Timeline
from media_workers.conversation.secrecy import Secrecy, keys_are_secret
from media_workers.conversation.snapshot import Snapshot
from media_workers.providers import assembly, registry
from media_workers.providers.base import Before, ChatMessage, VoiceSettings
from media_workers.providers.fallback import Watch
from media_workers.providers.fallback.chain import Breaker
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from media_workers.runtime.acts import Acts

Mind = Conversation | RealtimeConversation
"""Whoever has the caller's words."""

PREPARE_S = 3.0
"""Another agent is waited for so long; what it has not opened by then is opened while it speaks."""

HANDED_OVER = ChatMessage(
    "user",
    "(From here on you have the call: another agent has handed it over to you. What was said before was said "
    "with that agent. Introduce yourself in a few words, and do not ask again for what is known.)",
)


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
        self._tell = emit
        self._plan = plan
        self._breaker = breaker
        self._hang_up = hang_up
        self._timeline = Timeline()
        self._said: list[ChatMessage] = []
        self._held = self._muted = self._over = False
        self._paid_ms: int | None = None
        self._past: list[asyncio.Future[None]] = []
        self.acts = Acts()
        self.secrecy = secrecy or Secrecy()
        self.backoffice = backoffice or NoBackoffice()
        self._voice_activity = vad.open()
        self._closing: asyncio.Task[None] | None = None
        self.conversation = self._build(plan, Before())
        self._take_on(self.conversation)

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
        self._held = held
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
            await self.conversation.announce(text, firm=firm)

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else, and hears nothing of the agent; False: they are back."""
        self.conversation.suspend(away)

    def mute(self, muted: bool) -> None:
        """The agent listens and does not speak."""
        self._muted = muted
        self.conversation.mute(muted, now_ms())

    def pay_until(self, paid_ms: int | None) -> None:
        """The call's money lasts for `paid_ms` from the answer; the last that was told counts."""
        self._paid_ms = paid_ms
        self.conversation.pay_until(paid_ms)

    def note(self, text: str) -> bool:
        """Tells the agent something that the caller does not hear; False: it cannot be told."""
        return self.conversation.note(text)

    async def brief(self) -> str:
        """The call so far, for somebody who takes over; may be empty."""
        return await self.conversation.brief()

    def ended(self, at_ms: int) -> None:
        self._over = True
        self.conversation.ended(at_ms)

    async def close(self) -> None:
        """Once, however often it is asked for: an agent may leave before the caller does."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await asyncio.gather(self.conversation.close(), *self._past)
        finally:
            self._voice_activity.close()

    # --- another agent ----------------------------------------------------------------------------

    async def another(self, agent: AgentConfig, credentials: Mapping[str, Credential]) -> Mind:
        """A conversation with `agent`, ready to take this one's place: it knows what was said so far."""
        # Who is on the telephone is known by now.
        known = agent.model_copy(
            update={"voicemail": agent.voicemail.model_copy(update={"detect": False, "navigate": False})}
        )
        plan = self._plan.model_copy(
            update={"agent": known, "credentials": {**self._plan.credentials, **credentials}}
        )
        conversation = self._build(plan, Before((*self._said, HANDED_OVER), self.slots))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PREPARE_S):
                await conversation.prepare()
        return conversation

    async def said_all(self) -> None:
        """Returns when the caller has heard what there is to say."""
        await self.conversation.said_all()

    def exchange(self, conversation: Mind) -> bool:
        """`conversation` goes on from here; False: the call is over, and so is `conversation`."""
        now = now_ms()
        if self._over:
            self.later(conversation.close())
            return False
        before, self.conversation = self.conversation, conversation
        before.ended(now)
        self.later(before.close())
        self._take_on(conversation)
        conversation.on_hold(self._held)
        conversation.mute(self._muted, now)
        conversation.pay_until(self._paid_ms)
        conversation.answered(now)
        return True

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Done beside the call, and waited for at its end."""
        self._past.append(asyncio.ensure_future(work))

    def at(self) -> int:
        """Now, in ms from the answer."""
        return max(0, now_ms() - (self._timeline.answered_ms or now_ms()))

    def _take_on(self, conversation: Mind) -> None:
        spoken = conversation if isinstance(conversation, Conversation) else None
        self.acts.on_leave_voicemail = spoken.leave_voicemail if spoken else None
        self.acts.on_digits_sent = spoken.pressed if spoken else None
        self.acts.on_switch_language = conversation.switch_language
        self.acts.on_collect_digits = conversation.collect_digits

    def _emit(self, event: EventBody) -> None:
        """Also keeps what was said, for an agent that may come after this one."""
        if isinstance(event, TurnSpoken) and event.text:
            text = self.secrecy.mask(event.text)
            said = f"(The caller pressed {text}.)" if event.dtmf else text
            self._said.append(ChatMessage("assistant" if event.speaker == "agent" else "user", said))
        self._tell(event)

    # --- built from a plan ------------------------------------------------------------------------

    def _build(self, plan: CallPlan, before: Before) -> Mind:
        agent = plan.agent
        if agent is not None and isinstance(agent.model, RealtimeModel):
            return self._realtime(plan, agent, agent.model, before)
        return self._spoken(plan, before)

    def _spoken(self, plan: CallPlan, before: Before) -> Conversation:
        """Ears, a model and a voice, each with those that take over from it."""
        agent = plan.agent
        voice = agent.voice if agent else VoiceChoice()
        language = agent.language if agent else "en-US"
        keys, watch, breaker = plan.credentials, Watch(), self._breaker
        voices = (voice, *(agent.fallbacks.voices if agent else ()))
        dialogue, tools = None, None
        if agent is not None:
            offered = Offers(agent)
            dialogue = assembly.build_dialogue(
                agent,
                plan.variables,
                keys,
                tools=offered,
                watch=watch,
                breaker=breaker,
                before=before,
                on_moved=lambda *move: conversation.moved(*move),
                secret=self.secrecy.keep,
                look_up=Knowledge(agent, self.backoffice).look_up,
            )
            tools = self._tools(plan, agent, offered)
            tools.memory = dialogue
        tts = assembly.build_voice(voices, language, keys, watch=watch, breaker=breaker)
        stt, tongues = None, None
        if agent is not None:
            stt = assembly.build_transcriber(agent, keys, watch=watch, breaker=breaker)
            tongues = tongues_of(agent, keys, voice=tts, ears=stt, watch=watch, breaker=breaker)
        conversation = Conversation(
            plan=plan,
            stt=stt,
            dialogue=dialogue,
            tts=tts,
            tongues=tongues,
            fallback=local_voice(voice.provider, language),
            tools=tools,
            secrecy=self.secrecy,
            timeline=self._timeline,
            watch=watch,
            turn_model=turn_model.installed()
            if agent and agent.turn_taking.endpointing == "semantic"
            else None,
            voice_activity=self._voice_activity,
            emit=self._emit,
            hang_up=self._hang_up,
            loop=asyncio.get_running_loop(),
            clock=now_ms,
        )
        return conversation

    def _realtime(
        self, plan: CallPlan, agent: AgentConfig, model: RealtimeModel, before: Before
    ) -> RealtimeConversation:
        """A model that hears and speaks itself; a local voice for when it fails."""
        offered = Offers(agent)
        tools = self._tools(plan, agent, offered)
        conversation = RealtimeConversation(
            plan=plan,
            agent=_informed(agent, before),
            make=lambda: assembly.build_speaking_model(model, plan.credentials),
            fallback=local_voice(model.provider, agent.language),
            offers=offered,
            tools=tools,
            secrecy=self.secrecy,
            timeline=self._timeline,
            voice_activity=self._voice_activity,
            emit=self._emit,
            hang_up=self._hang_up,
            loop=asyncio.get_running_loop(),
            clock=now_ms,
        )
        for name, value in before.slots.items():
            conversation.keep(name, value)
        tools.memory = conversation
        return conversation

    def _tools(self, plan: CallPlan, agent: AgentConfig, offered: Offers) -> AgentTools:
        variables = {**agent.variables, **plan.variables}
        self.secrecy.keep_secrets(agent.secrets)
        self.secrecy.hides_keys = self.secrecy.hides_keys or keys_are_secret(agent)
        return AgentTools(
            agent,
            variables=variables,
            remote=Remote(agent, variables, offered, public_only=not plan.allow_private),
            control=self.acts,
            backoffice=self.backoffice,
            secrecy=self.secrecy,
        )


def _informed(agent: AgentConfig, before: Before) -> AgentConfig:
    """What was said before, in the instructions of a model that takes no history."""
    if not before.messages:
        return agent
    said = "\n".join(f"{message.role}: {message.text}" for message in before.messages)
    said = said.replace("{{", "{ {")  # nothing that was said is a variable
    return agent.model_copy(update={"prompt": f"{agent.prompt}\n\n{said}"})


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
