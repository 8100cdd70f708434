"""One call's conversation with a model that hears and speaks itself.

The surface is that of `Conversation` (see `conversation.py`), and so are the threads: the media clock decides
under one lock, whatever awaits runs on the loop. The caller's audio goes to the vendor as it comes; what
the vendor says goes to the caller. The vendor decides when a turn is over and when it is interrupted; this
side plays, stops, tells the vendor how much was heard, runs functions, keeps time, and speaks by itself, in a
voice of its own, only when the vendor has failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

from media_workers.contract.agent import AgentConfig, RealtimeModel
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody
from media_workers.contract.part import fill
from media_workers.contract.tools import CollectDigitsTool
from media_workers.conversation.account import Ledger
from media_workers.conversation.answering import Voice
from media_workers.conversation.control import Collected, Deed
from media_workers.conversation.conversation import VoiceActivity
from media_workers.conversation.endpointing import energy_of
from media_workers.conversation.keys import Keys
from media_workers.conversation.languages import NOTE
from media_workers.conversation.realtime_fallback import FallbackSpeech
from media_workers.conversation.realtime_floor import RealtimeFloor
from media_workers.conversation.realtime_functions import RealtimeFunctions
from media_workers.conversation.realtime_requests import RealtimeRequests
from media_workers.conversation.realtime_session import Connection
from media_workers.conversation.realtime_snapshot import snapshot
from media_workers.conversation.realtime_turns import SpokenAnswer, agent_turn
from media_workers.conversation.reporting import Reporter, Timeline
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.settings import settings_of
from media_workers.conversation.snapshot import Snapshot
from media_workers.conversation.sounds import SoundBed
from media_workers.conversation.speaking import Kind
from media_workers.conversation.tools import NoTools, Tools
from media_workers.providers.base import ProviderError, Served, Tool
from media_workers.providers.llm.chat import instructions, offered
from media_workers.providers.realtime.base import (
    AnswerAudio,
    AnswerDone,
    AnswerText,
    Asked,
    Called,
    CallerPauses,
    CallerSaid,
    CallerSpeaks,
    Complaint,
    Event,
    Settings,
    SpeakingModel,
)
from media_workers.providers.tools.offers import Offers

LAST_WORDS_S = 1.0
TOOLS_LIMIT_S = 3.0
LEAVE_IT = "Wait until you have heard the beep, leave your message then, and hang up with end_call."


class RealtimeConversation:
    """One call. `make` builds the model, and may raise `ProviderError`. `fallback` says the fallback message
    when the vendor has failed."""

    def __init__(
        self,
        *,
        plan: CallPlan,
        agent: AgentConfig,
        make: Callable[[], SpeakingModel],
        fallback: Voice,
        offers: Sequence[Tool] | None = None,
        tools: Tools | None = None,
        secrecy: Secrecy | None = None,
        timeline: Timeline | None = None,
        voice_activity: VoiceActivity,
        emit: Callable[[EventBody], None],
        hang_up: Callable[[EndReason, str], None],
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], int],
    ) -> None:
        if not isinstance(agent.model, RealtimeModel):
            raise TypeError(f"the agent's model is {agent.model.provider}, which does not speak itself")
        self._agent = agent
        self._choice = agent.model
        self._variables = {**agent.variables, **plan.variables}
        self._make = make
        self._offers = Offers(agent) if offers is None else offers
        self._tools: Tools = tools or NoTools()
        self._secrecy = secrecy or Secrecy()
        self._voice_activity = voice_activity
        self._hang_up = hang_up
        self._loop = loop
        self._clock = clock
        self._lock = threading.RLock()
        self._up = False
        self._over = False
        self._broken: ProviderError | None = None
        self._connection = Connection(self._lock, is_over=lambda: self._broken is not None or self._over)
        self._tasks: set[asyncio.Task[None]] = set()
        self._probability = 0.0
        self._energy = 0.0
        self._ledger = Ledger(plan.credentials, lambda: self._connection.sent_ms)
        self._report = Reporter(lambda event: self._post(emit, event), self._ledger, timeline, self._secrecy)
        self._keys = Keys(agent.keys, self._secrecy)
        ways = settings_of(agent, self._variables)
        self._sounds = SoundBed(ways.sounds)
        self._absence: dict[str, bool] = {}
        self._slots: dict[str, str] = {}
        self._floor = RealtimeFloor(
            rules=ways.turn_taking,
            silence=ways.silence,
            times=ways.times,
            answer_limit_ms=self._choice.timeout_ms,
            end_call_phrases=agent.end_call_phrases,
            served=Served(self._choice.provider, self._choice.model),
            report=self._report,
            ledger=self._ledger,
            effects=self,
            keys=self._keys,
        )
        self._functions = RealtimeFunctions(
            self._tools,
            floor=self._floor,
            report=self._report,
            ledger=self._ledger,
            lock=self._lock,
            clock=clock,
            answer=lambda call, text: self._connection.ask("tool_result", call, text),
        )
        self._requests = RealtimeRequests(
            say=lambda text: self.say(text, clock()),
            floor=self._floor,
            keys=self._keys,
            lock=self._lock,
            clock=clock,
            post=self._post,
            is_over=lambda: self._over,
        )
        self._fallback = FallbackSpeech(fallback, report=self._report, lock=self._lock, clock=clock)

    # --- called by the line -----------------------------------------------------------------------

    async def prepare(self) -> None:
        """Opens the session. Its failure is no exception: the caller will hear the fallback message. The call
        may be up before: what is to be said, and what the caller says, waits."""
        await self._prepare_tools()
        settings = Settings(
            instructions=instructions(self._agent, self._variables),
            tools=offered(self._offers),
            language=self._agent.language,
            rules=self._agent.turn_taking,
        )
        try:
            model = self._make()
            session = await model.open(settings, on_event=self._on_event, on_error=self._on_error)
        except ProviderError as error:
            self._on_error(error)
            return
        await self._connection.opened(session)

    async def _prepare_tools(self) -> None:
        """The session is told of its functions once: who is late is not offered."""
        troubles: Sequence[str] = ("its tools were not known in time",)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TOOLS_LIMIT_S):
                troubles = await self._tools.prepare()
        with self._lock:
            for words in troubles:
                self._report.trouble("tools_unknown", "tool", words, self._clock())

    def answered(self, now_ms: int) -> None:
        with self._lock:
            if self._up or self._over:
                return
            self._up = True
            since_ms = self._report.answered(now_ms)
            if self._broken is not None:
                self._floor.answered_broken(now_ms)
                self._speak_fallback(self._broken, now_ms)
            else:
                self._floor.answered(self._fill(self._agent.first_message), now_ms, since_ms)

    def on_frame(self, pcm: bytes, now_ms: int) -> None:
        """20 ms of the caller that end at `now_ms`. On hold the vendor hears silence: a melody, mostly, is
        not to be taken for the caller's words."""
        if not self._up or self._over:
            return
        self._probability, self._energy = self._voice_activity.feed(pcm), energy_of(pcm)
        if self._broken is None:
            self._connection.feed(bytes(len(pcm)) if self._floor.held else pcm)
        with self._lock:
            if not self._over:
                self._floor.on_frame(self._probability, self._energy, now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        if not self._up or self._over:
            return None
        with self._lock:
            frame = self._floor.next_frame(now_ms)
            return None if self._floor.held else self._sounds.under(frame, waiting=self._functions.running)

    def on_dtmf(self, digit: str, now_ms: int) -> None:
        with self._lock:
            if self._up and not self._over:
                self._floor.digit(digit, now_ms)

    def on_hold(self, held: bool) -> None:
        self._absent(on_hold=held)

    def say(self, text: str, now_ms: int) -> None:
        with self._lock:
            if not self._over:
                self._floor.say(text)

    async def announce(self, text: str, *, firm: bool = True) -> None:
        """Has the model say `text`, and returns when it has been heard, or nothing of it comes."""
        await self._requests.announce(text)

    async def said_all(self) -> None:
        """Returns when the caller has heard what the model has said so far."""
        await self._requests.said_all()

    def suspend(self, away: bool) -> None:
        self._absent(away=away)

    def mute(self, muted: bool, now_ms: int) -> None:
        """A model that decides on its turns itself cannot listen without speaking: it hears nothing."""
        self._absent(muted=muted)

    def pay_until(self, paid_ms: int | None) -> None:
        with self._lock:
            self._floor.pay_until(paid_ms)

    def _absent(self, **why: bool) -> None:
        with self._lock:
            self._absence |= why
            self._floor.hold(any(self._absence.values()))

    def note(self, text: str) -> bool:
        self._post(self._connection.ask, "tell", text)
        return True

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """The model says the prompt; then keys are waited for."""
        return await self._requests.collect_digits(tool)

    async def leave_voicemail(self) -> Deed:
        """A model that decides on its turns itself is told, and speaks on its own."""
        return Deed(True, LEAVE_IT)

    async def switch_language(self, language: str) -> Deed:
        """A model that hears and speaks itself does so at once."""
        before = self._report.language or self._agent.language
        with self._lock:
            if language != before:
                self._report.language_changed(language, before, self._clock())
        return Deed(True, NOTE.format(language=language))

    def pressed(self) -> None:
        """Nobody listens for who answers."""

    async def brief(self) -> str:
        """Nobody can ask the model beside the conversation."""
        return ""

    def snapshot(self, now_ms: int) -> Snapshot:
        """The present moment, for the picture of a test call; the vendor decides, and does not say when."""
        with self._lock:
            at_ms = self._report.at(now_ms)
            return snapshot(self._floor, self._probability, self._energy, now_ms, at_ms)

    def ended(self, now_ms: int) -> None:
        with self._lock:
            if not self._over:
                self._over = True
                self._floor.ended(now_ms)

    async def close(self) -> None:
        """Waits a moment for the transcript of the caller's last words, lets go of the vendor, and returns
        when every event has been emitted."""
        self.ended(self._clock())
        self._connection.leave()
        if self._broken is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    while not self._floor.settled:
                        await asyncio.sleep(0.02)
        with self._lock:
            self._floor.last_words()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connection.close()
        await self._tools.close()
        with self._lock:
            self._keys.close()
        done = asyncio.Event()
        self._post(done.set)
        await done.wait()

    @property
    def slots(self) -> dict[str, str]:
        """What the functions have kept so far."""
        return dict(self._slots)

    def keep(self, name: str, value: str) -> None:
        """Stores the slot `name`."""
        self._slots[name] = value

    # --- effects: any thread, lock held; each posts itself to the loop --------------------------------

    def speak(self, text: str) -> None:
        self._post(self._connection.ask, "say", text)

    def tell(self, text: str) -> None:
        self._post(self._connection.ask, "tell", text)

    def cut(self, answer: str, heard_ms: int) -> None:
        self._post(self._connection.ask, "cut", answer, heard_ms)

    def fail(self, error: ProviderError) -> None:
        self._post(self._on_error, error)

    def hang_up(self, reason: EndReason, detail: str) -> None:
        self._post(self._hang_up, reason, detail)

    def _post(self, function: Callable[..., object], *args: Any) -> None:
        self._loop.call_soon_threadsafe(function, *args)

    # --- told by the vendor, on the loop --------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        with self._lock:
            if self._over and not isinstance(event, CallerSaid | AnswerDone):
                return
            self._take(event, self._clock())

    def _take(self, event: Event, now_ms: int) -> None:
        floor = self._floor
        match event:
            case AnswerAudio(answer, pcm):
                floor.audio(answer, pcm, now_ms)
            case AnswerText(answer, text):
                floor.words(answer, text, now_ms)
            case AnswerDone(answer, usage):
                floor.done(answer, usage)
            case CallerSpeaks(turn, interrupts):
                floor.caller_speaks(turn, interrupts, now_ms)
            case CallerPauses():
                floor.caller_pauses(now_ms)
            case CallerSaid(turn, text, final):
                self._functions.caller_spoke()
                floor.caller_said(turn, text, final=final, now_ms=now_ms)
            case Asked():
                floor.asked(now_ms)
            case Called(call):
                floor.working()
                if self._functions.endless():
                    self.fail(ProviderError("realtime", self._choice.provider, "calls functions without end"))
                    return
                self._start(self._functions.call(call, now_ms))
            case Complaint(error):
                self._report.provider_trouble(error, now_ms)

    def _on_error(self, error: ProviderError) -> None:
        with self._lock:
            if self._broken is not None or self._over:
                return
            self._broken = error
            now_ms = self._clock()
            self._report.provider_trouble(error, now_ms)
            if self._up:
                self._speak_fallback(error, now_ms)

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- last words -----------------------------------------------------------------------------------

    def _speak_fallback(self, error: ProviderError, now_ms: int) -> None:
        """In the local voice: the vendor's is gone."""
        if self._floor.closing and not self._floor.expecting:
            self._floor.nothing_more()
            return
        answer = SpokenAnswer("fallback", agent_turn(Kind.CLOSING))
        answer.text = self._fill(self._agent.fallback_message)
        answer.complete = not answer.text
        reason = EndReason.PROVIDER_FAILED
        self._floor.fallback(answer, reason, str(error), now_ms)
        if answer.text:
            self._post(lambda: self._start(self._fallback.speak(answer)))

    # --- texts ----------------------------------------------------------------------------------------

    def _fill(self, text: str) -> str:
        return fill(text, self._variables)
