"""One call's conversation: who speaks when.

`Conversation` has no socket, no thread and no clock of its own. Moments are monotonic integer
milliseconds and are passed in as `now_ms`; only what vendors answer on the loop is stamped with
`clock`, which must count the same milliseconds.

How a line wires it::

    talk = Conversation(
        plan=plan,
        stt=stt,
        dialogue=dialogue,
        tts=tts,
        fallback=Voice(espeak, VoiceSettings("en-us")),
        voice_activity=vad.open(),
        emit=emit,
        hang_up=hang_up,
        loop=loop,
        clock=now_ms,
    )
    await talk.prepare()  # loop; opens the transcriber (while it rings); never raises
    talk.answered(now_ms)  # any thread, once: the call is up
    talk.on_frame(pcm, now_ms)  # media clock: 20 ms of the caller
    talk.next_frame(now_ms)  # media clock: 20 ms to send, None is silence
    talk.snapshot(now_ms)  # any thread: the floor, for a picture of it
    talk.on_dtmf(digit, now_ms)  # any thread
    talk.on_hold(held)  # any thread: the caller does not listen for a while
    talk.say(text, now_ms)  # any thread: a live command
    await talk.announce(text)  # loop; the same, until it has been heard
    talk.mute(muted, now_ms), talk.suspend(away), talk.note(text)  # any thread; any; loop
    talk.pay_until(paid_ms)  # any thread: the call's money ends
    talk.ended(now_ms)  # any thread: the leg is gone
    await talk.close()  # loop; last words, then every event has been emitted
    talk.slots  # what the dialogue collected

`emit(event)` and `hang_up(reason, detail)` are called on the loop, in the order of the decisions;
`hang_up` once at most, and it is answered by `ended`. The caller of `voice_activity` owns it.

Threads. The media clock decides (end of turn, barge-in, first frame) under one lock that is only
ever held for microseconds; whatever awaits, and every call of `Dialogue`, runs on the loop, reached
by `call_soon_threadsafe` a few times a turn and never per frame.

A caller's turn is answered before it is certain: after `transcript_after_ms` of silence the
transcript is asked for, the model is started on it, and its audio waits until the silence is as long
as the endpointing wants it. A caller who goes on before the first frame of the answer leaves no trace
of it, and the utterances become one turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from media_workers.contract.agent import Voice as VoiceChoice
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody
from media_workers.contract.tools import CollectDigitsTool, KeyInput
from media_workers.conversation.account import Ledger
from media_workers.conversation.answered_by.wiring import policy_of
from media_workers.conversation.answering import Voice
from media_workers.conversation.backstage import Backstage
from media_workers.conversation.control import Collected, Deed
from media_workers.conversation.endpointing import energy_of
from media_workers.conversation.endpointing.turn_model import TurnModel
from media_workers.conversation.fixed_words import FixedWords
from media_workers.conversation.floor import Floor
from media_workers.conversation.keys import Keys
from media_workers.conversation.languages import Languages, Tongue
from media_workers.conversation.listening import Ears
from media_workers.conversation.nobody import NoDialogue
from media_workers.conversation.reporting import Reporter, Timeline
from media_workers.conversation.requests import Requests
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.settings import settings_of
from media_workers.conversation.snapshot import Snapshot
from media_workers.conversation.sounds import SoundBed
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.switching import LanguageSwitch
from media_workers.conversation.tools import NoTools, Tools
from media_workers.conversation.vendors import models_limit_s, transcriber_of, voice_of
from media_workers.providers.base import (
    Dialogue,
    ProviderError,
    SpeechToText,
    TextToSpeech,
    Transcript,
    TurnSign,
    no_signs,
)
from media_workers.providers.fallback import Watch

LAST_WORDS_S = 1.0
"""How long the transcript of what the caller was saying at the end is waited for."""


class VoiceActivity(Protocol):
    def feed(self, pcm: bytes) -> float:
        """Probability (0..1) that the caller speaks, after this 20 ms frame."""


class Conversation:
    """One call. See the module's docstring for the order of the calls and their threads.

    `stt` and `dialogue` may be None when the plan has no agent: then the plan's apology is spoken and
    the call ends with `NOT_READY`. `fallback` says the last words when `tts` has failed. `stt` and `tts`
    may be lists of vendors (`providers.fallback`), which must then report to `watch`. `tongues`: the
    languages that the call may be spoken in, the agent's own first; without any it is not changed.
    """

    def __init__(
        self,
        *,
        plan: CallPlan,
        stt: SpeechToText | None,
        dialogue: Dialogue | None,
        tts: TextToSpeech,
        fallback: Voice,
        tools: Tools | None = None,
        secrecy: Secrecy | None = None,
        timeline: Timeline | None = None,
        tongues: Mapping[str, Tongue] | None = None,
        watch: Watch | None = None,
        turn_model: TurnModel | None = None,
        voice_activity: VoiceActivity,
        emit: Callable[[EventBody], None],
        hang_up: Callable[[EndReason, str], None],
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], int],
    ) -> None:
        agent = plan.agent
        variables = {**(agent.variables if agent else {}), **plan.variables}
        settings = settings_of(agent, variables)
        self._dialogue: Dialogue = dialogue or NoDialogue()
        self._tools: Tools = tools or NoTools()
        self._secrecy = secrecy or Secrecy()
        self._voice_activity = voice_activity
        self._clock = clock
        self._lock = threading.RLock()
        self._up = False
        self._over = False
        self._broken: ProviderError | None = None
        watch = watch or Watch()
        ledger = Ledger(plan.credentials, lambda: self._ears.sent_ms)
        self._ledger = ledger
        self._report = Reporter(
            lambda event: self._backstage.post(emit, event), ledger, timeline, self._secrecy
        )
        self._words = FixedWords(plan, variables, self._report)
        self._ears = Ears(
            transcriber_of(stt, watch),
            language=settings.language,
            lock=self._lock,
            on_transcript=self._on_transcript,
            on_failed=self._on_ears_failed,
            on_sign=self._on_sign if settings.turn_taking.endpointing == "vendor" else no_signs,
        )
        self._backstage = Backstage(
            dialogue=self._dialogue,
            voice=voice_of(tts, agent.voice if agent else VoiceChoice(), watch),
            fallback=fallback,
            tools=self._tools,
            model_limit_s=models_limit_s(agent),
            end_call_phrases=agent.end_call_phrases if agent else (),
            hints=agent.transcriber.hints if agent else (),
            ears=self._ears,
            report=self._report,
            ledger=ledger,
            watch=watch,
            lock=self._lock,
            loop=loop,
            clock=clock,
            hang_up=hang_up,
            on_begun=lambda turn: self._floor.begun(turn),
            on_failed=self._on_turn_failed,
            on_tool_started=lambda turn: self._floor.tool_started(turn, clock()),
            on_tool_finished=lambda turn: self._floor.tool_finished(turn, clock()),
            on_keys_expected=lambda rules: self._floor.expect_keys(rules),
        )
        self._keys = Keys(agent.keys if agent else KeyInput(), self._secrecy)
        self._answerer = policy_of(
            plan,
            variables=variables,
            report=self._report,
            dialogue=self._dialogue,
            post=self._backstage.post,
            opening=lambda: self._words.opening(clock()),
        )
        self._floor = Floor(
            settings=settings,
            ears=self._ears,
            report=self._report,
            effects=self._backstage,
            keys=self._keys,
            answerer=self._answerer,
            ask_turn_model=self._ask_turn_model if turn_model is not None else None,
        )
        self._requests = Requests(
            floor=self._floor,
            dialogue=self._dialogue,
            answerer=self._answerer,
            report=self._report,
            lock=self._lock,
            clock=clock,
            post=self._backstage.post,
            is_over=lambda: self._over,
        )
        languages = Languages(tongues or {})
        self._switch = LanguageSwitch(
            languages,
            floor=self._floor,
            ears=self._ears,
            backstage=self._backstage,
            dialogue=self._dialogue,
            report=self._report,
            lock=self._lock,
            clock=clock,
        )
        if tongues:
            self._report.language = languages.current
        self._turn_model = turn_model
        self._sounds = SoundBed(settings.sounds)

    # --- called by the line -----------------------------------------------------------------------

    async def prepare(self) -> None:
        """Opens the transcriber, and connects model and voice ahead of their first use. A failure is no
        exception: the caller will hear the fallback message after the answer."""
        await asyncio.gather(
            self._ears.open(self._backstage.phrases()), self._backstage.warm_up(), self._prepare_tools()
        )

    async def _prepare_tools(self) -> None:
        for words in await self._tools.prepare():
            self._backstage.trouble("tools_unknown", "tool", words)

    def answered(self, now_ms: int) -> None:
        """The call is up: moment 0 of all its events. The first words are made at once; they are sent
        after the first packet that carries sound, or after 200 ms."""
        with self._lock:
            if self._up or self._over:
                return
            self._up = True
            since_ms = self._report.answered(now_ms)
            broken = self._broken
            opening = self._words.opening(now_ms) if broken is None else self._words.fallback(broken)
            self._floor.answered(opening, now_ms, since_ms)

    def on_frame(self, pcm: bytes, now_ms: int) -> None:
        """20 ms of the caller that end at `now_ms`."""
        if not self._up or self._over:
            return
        probability, energy = self._voice_activity.feed(pcm), energy_of(pcm)
        with self._lock:
            if not self._over:
                self._floor.on_frame(pcm, probability, energy, now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        """20 ms to send; None is silence."""
        if not self._up or self._over:
            return None
        with self._lock:
            return None if self._over else self._heard_by_caller(now_ms)

    def _heard_by_caller(self, now_ms: int) -> bytes | None:
        frame = self._floor.next_frame(now_ms)
        return None if self._floor.held else self._sounds.under(frame, waiting=self._floor.waiting)

    def snapshot(self, now_ms: int) -> Snapshot:
        """The floor at `now_ms`, for a picture of it. Any thread."""
        with self._lock:
            return replace(self._floor.snapshot(now_ms), at_ms=self._report.at(now_ms))

    def on_dtmf(self, digit: str, now_ms: int) -> None:
        """The caller pressed a key (0-9, *, #, A-D): a turn of its own that interrupts the agent, or a part
        of one, or of the number that a function waits for."""
        with self._lock:
            if self._up and not self._over:
                self._floor.digit(digit, now_ms)

    def on_hold(self, held: bool) -> None:
        """The caller has put the call on hold, or is back. Meanwhile the agent does not speak, nobody is
        asked whether they are still there, and what is heard (a melody, mostly) is not taken for the
        caller's words."""
        with self._lock:
            self._floor.hold(held)

    def say(self, text: str, now_ms: int) -> None:
        """A live command at `now_ms`: speaks `text` as soon as neither side speaks, and goes on."""
        with self._lock:
            if not self._over:
                self._floor.say(text)

    async def announce(self, text: str, *, firm: bool = True) -> None:
        """Says `text`, for the function that is running if there is one, and returns when it has been heard.
        `firm`: the caller cannot interrupt it. On the loop."""
        await self._requests.announce(text, firm=firm)

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else: nothing is said or heard, and time goes on."""
        with self._lock:
            self._floor.suspend(away)

    def mute(self, muted: bool, now_ms: int) -> None:
        """The agent listens and says nothing but what `say` has it say."""
        with self._lock:
            if not self._over:
                self._floor.mute(muted, now_ms)

    def pay_until(self, paid_ms: int | None) -> None:
        """The call's money lasts for `paid_ms` from the answer: the agent says its last words and hangs up by
        then. None: it does not end. The last that was told counts. Any thread."""
        with self._lock:
            self._floor.pay_until(paid_ms)

    def note(self, text: str) -> bool:
        """Tells the dialogue something that the caller does not hear; False: it cannot be told. On the
        loop."""
        return self._dialogue.note(text)

    async def brief(self) -> str:
        """The call so far in two sentences, for somebody who takes over; empty when there is nothing, or no
        answer in time. On the loop."""
        return await self._requests.brief()

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """Says the tool's prompt and waits for keys. On the loop; cancelled with the agent's turn."""
        return await self._requests.collect_digits(tool)

    async def leave_voicemail(self) -> Deed:
        """The message is left after the beep of the machine that has taken the call. On the loop."""
        return await self._requests.leave_voicemail()

    async def switch_language(self, language: str) -> Deed:
        """Because the model says so. On the loop."""
        return self._switch.told(language)

    def pressed(self) -> None:
        """We have pressed keys towards the other side: somebody else may answer. On the loop."""
        with self._lock:
            if self._answerer is not None:
                self._answerer.pressed()

    async def said_all(self) -> None:
        """Returns when the caller has heard what there is to say but for the function that is running. On
        the loop."""
        await self._requests.said_all()

    def moved(self, node: str, came_from: str, by: str) -> None:
        """The dialogue has entered a node of its flow. On the loop."""
        with self._lock:
            self._report.moved(node, came_from, by, self._clock())

    def ended(self, now_ms: int) -> None:
        """The leg is gone: nothing is spoken any more. `close` must follow."""
        with self._lock:
            if not self._over:
                self._over = True
                self._floor.ended(now_ms)

    async def close(self) -> None:
        """Waits a moment for the transcript of the caller's last words, lets go of the providers, and
        returns when every event has been emitted."""
        self.ended(self._clock())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while (caller := self._floor.caller) is not None and not caller.settled:
                    await asyncio.sleep(0.02)
        with self._lock:
            self._floor.last_words()
        await self._ears.close()
        await self._backstage.close()
        await self._tools.close()
        with self._lock:
            self._keys.close()

    @property
    def slots(self) -> dict[str, str]:
        """What the dialogue has collected so far."""
        return dict(self._dialogue.slots)

    # --- told by the vendors, on the loop -----------------------------------------------------------

    def _on_transcript(self, transcript: Transcript) -> None:
        with self._lock:
            self._ledger.heard(transcript)
            if self._answerer is not None:
                self._answerer.heard(transcript)
        self._switch.heard(transcript)
        with self._lock:
            self._floor.transcript(transcript, self._clock())

    def _on_sign(self, sign: TurnSign) -> None:
        with self._lock:
            if not self._over:
                self._floor.sign(sign, self._clock())

    def _ask_turn_model(self, pcm: bytes, utterance: int) -> bool:
        def judged(completeness: float) -> None:
            with self._lock:
                if not self._over:
                    self._floor.judged(utterance, completeness, self._clock())

        return self._turn_model is not None and self._turn_model.ask(pcm, judged)

    def _on_turn_failed(self, turn: AgentTurn, error: ProviderError) -> None:
        if turn.kind is Kind.CLOSING:
            # Even the other voice failed: what there is, is played, and the call ends.
            turn.playback.complete()
        elif not self._over:
            self._floor.close(self._words.fallback(error), self._clock())

    def _on_ears_failed(self, error: ProviderError) -> None:
        with self._lock:
            self._report.provider_trouble(error, self._clock())
            self._broken = error
            if self._up and not self._over:
                self._floor.close(self._words.fallback(error), self._clock())
