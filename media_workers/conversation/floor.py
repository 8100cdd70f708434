"""Who has the floor: the decisions of a conversation, on plain state and passed-in time.

Nothing here locks, awaits or calls a vendor; `Conversation` does, and calls every method here with its
lock held. What a decision causes goes through `Effects`. The caller's side is `Hearing`, the agent's
`Stage`; here they meet.
"""

from __future__ import annotations

from collections.abc import Callable

from media_workers.audio.pcm import SILENCE
from media_workers.contract.events import EndReason
from media_workers.contract.tools import CollectDigitsTool, KeyInput
from media_workers.conversation.agenda import Agenda
from media_workers.conversation.answered_by.policy import AnswerPolicy
from media_workers.conversation.control import Collected
from media_workers.conversation.endpointing import Change
from media_workers.conversation.hearing import AskTurnModel, Hearing
from media_workers.conversation.interrupting import CERTAIN_MS, BargeIn
from media_workers.conversation.keys import Keys, Typed
from media_workers.conversation.latency import Timing
from media_workers.conversation.limits import Limits
from media_workers.conversation.listening import Ears
from media_workers.conversation.own_voice import OwnVoice
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.settings import Settings
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.snapshot import Snapshot, snapshot
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.stage import Effects, Stage
from media_workers.conversation.turns import CallerTurn
from media_workers.conversation.waiting import ToolWait
from media_workers.providers.base import Transcript, TurnSign, UserInput

UNCLEAR_MS = 400
"""Speech without a transcript counts as noise below this, and as not understood from here on."""

MOST_DRAFTS = 6
"""Answers to one turn that are begun early and dropped; each is paid for. Who pauses more often than that is
answered when the turn is over."""

REVIVED_MS = 5_000
"""How long after it was dropped a turn may still get its transcript."""


class Floor:
    """All texts are filled in already. `muted`: the agent listens, and speaks only what it is told to."""

    def __init__(
        self,
        *,
        settings: Settings,
        ears: Ears,
        report: Reporter,
        effects: Effects,
        keys: Keys | None = None,
        ask_turn_model: AskTurnModel | None = None,
    ) -> None:
        rules = settings.turn_taking
        self._rules = rules
        self._times = settings.times
        self._report = report
        self._effects = effects
        self._hearing = Hearing(rules, ears=ears, language=settings.language, ask_turn_model=ask_turn_model)
        self._silence = SilenceWatch(settings.silence)
        self._limits = Limits(settings.times)
        self._stage = Stage(
            rules=rules,
            hearing=self._hearing,
            limits=self._limits,
            silence=self._silence,
            report=report,
            effects=effects,
        )
        self._barge_in = BargeIn(rules, settings.language)
        self._own_voice = OwnVoice()
        self._tools = ToolWait(settings.fillers, hearing=self._hearing, stage=self._stage, effects=effects)
        self._agenda = Agenda()
        self._keys = keys or Keys(KeyInput(), Secrecy())
        self._ticked_ms = -1
        self._on_hold = False
        self._away = False
        self._listens_only = False
        self.muted = False
        self.answerer: AnswerPolicy | None = None
        self._probability = 0.0
        self._energy = 0.0

    @property
    def caller(self) -> CallerTurn | None:
        """The caller's turn in progress; None once it has been reported."""
        return self._hearing.turn

    # --- the call begins and ends -----------------------------------------------------------------

    def answered(self, opening: AgentTurn, now_ms: int, since_ms: int | None = None) -> None:
        """`since_ms`: when the call was answered, if that was earlier, by another agent."""
        self._limits.answered(now_ms if since_ms is None else since_ms)
        self._stage.closing = opening.kind is Kind.CLOSING
        if self._stage.closing:
            self._limits.end_during(opening, now_ms)
        self._stage.start(opening)

    def close(self, closing: AgentTurn, now_ms: int) -> None:
        """Says last words, after the sentence being spoken, and hangs up. The first reason stands."""
        if self._stage.closing:
            return
        self._stage.closing = True
        self._agenda.clear()
        self._limits.end_during(closing, now_ms)
        caller = self._hearing.turn
        if caller is not None and caller.settled and not self._hearing.speaking:
            self._overhear(caller)
        self._stage.close(closing)

    def hold(self, held: bool) -> None:
        """On hold the caller neither listens nor speaks: what the agent was saying stops there and goes on
        after it. Back again, the whole time to speak is theirs."""
        self._on_hold = held
        if not self.held:
            self._silence.agent_spoke()

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else, and neither hears the agent nor is heard by it."""
        self._away = away
        if not self.held:
            self._silence.agent_spoke()
        if not away and self._stage.agent is not None:
            self._stage.agent.firm = False

    @property
    def held(self) -> bool:
        """The caller does not listen."""
        return self._on_hold or self._away

    def mute(self, muted: bool, now_ms: int) -> None:
        """From the next frame on. What was being said stops there; what the caller says is kept without an
        answer."""
        self.muted = muted
        self._silence.agent_spoke()
        if muted and not self._stage.closing:
            self._hush(now_ms)

    def _hush(self, now_ms: int) -> None:
        stage, agent = self._stage, self._stage.agent
        stage.cut_off()
        if agent is not None and agent.started_ms is not None and agent.kind is not Kind.COMMAND:
            stage.interrupt(agent, now_ms)
        elif agent is not None and agent.started_ms is None and not agent.committed:
            self._agenda.put_back(agent)
            stage.discard()

    def change_language(self, language: str) -> None:
        """The caller speaks `language` from here on."""
        self._hearing.language = language
        self._barge_in = BargeIn(self._rules, language)

    # --- for `answered_by` ------------------------------------------------------------------------

    def listen_only(self, on: bool, now_ms: int) -> None:
        """As `mute`, by ourselves: what answered is nobody to talk to."""
        self._listens_only = on
        self._silence.agent_spoke()
        if on and not self._stage.closing:
            self._agenda.clear()
            self._hush(now_ms)

    def begin(self, turn: AgentTurn) -> None:
        """The agent's next turn, in place of what it was about to say."""
        if not self._stage.closing:
            self._stage.discard()
            self._stage.start(turn)

    def say_last(self, turn: AgentTurn, now_ms: int) -> None:
        """Instead of everything else; as long as they are. After them the call ends. Nothing when other last
        words are being said."""
        stage = self._stage
        if stage.closing and (stage.agent is None or stage.agent.end_reason is not turn.end_reason):
            return
        stage.cut_off()
        if stage.audible is not None:
            stage.interrupt(stage.audible, now_ms)
        stage.discard()
        self._agenda.clear()
        stage.closing = True
        stage.start(turn)

    def wait_at_least(self, ms: int) -> None:
        """Silence that the other side's turn ends with."""
        self._hearing.least_ms = ms

    @property
    def _quiet(self) -> bool:
        """The agent says nothing but commands and last words."""
        return self.muted or self._listens_only

    def ended(self, now_ms: int) -> None:
        """The leg is gone: nothing more is said. A caller still speaking is asked for a transcript."""
        self._stage.closing = True
        self._stage.leave()
        if self._hearing.speaking:
            self._hearing.pause(now_ms)

    def last_words(self) -> None:
        """Reports the caller's turn that nothing answered any more."""
        if self._hearing.turn is not None:
            self._overhear(self._hearing.turn)

    # --- media clock ------------------------------------------------------------------------------

    def on_frame(self, pcm: bytes, probability: float, energy: float, now_ms: int) -> None:
        if self.held:
            pcm, probability, energy = SILENCE, 0.0, 0.0
        self._limits.received(energy)
        if self._own_voice.comes_back(pcm, probability):
            pcm, probability, energy = SILENCE, 0.0, 0.0
        self._probability, self._energy = probability, energy
        if self.answerer is not None and not self.held:
            self.answerer.on_frame(pcm, probability, energy, now_ms)
        change = self._hearing.feed(pcm, probability, energy, now_ms)
        if change is not None:
            self._changed(change, now_ms)
        elif self._hearing.speaking:
            self._talked_over(now_ms)
        self._tick(now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        self._tick(now_ms)
        frame = None if self._silenced else self._next_frame(now_ms)
        self._own_voice.sent(frame)
        return frame

    @property
    def _silenced(self) -> bool:
        """Nothing of the agent is to be heard now."""
        agent, stage = self._stage.agent, self._stage
        if agent is None or self.held:
            return True
        return self._quiet and not (stage.closing or agent.kind is Kind.COMMAND)

    def _next_frame(self, now_ms: int) -> bytes | None:
        stage = self._stage
        agent = stage.agent
        if agent is not None and agent.yields and not stage.protected(agent):
            agent.yields = False
            self._consider(now_ms)
        frame = stage.frame(now_ms)
        if frame is None and (agent := stage.agent) is not None and stage.over(agent, now_ms):
            stage.done(now_ms)
            if self.answerer is not None and agent.started_ms is not None:
                self.answerer.agent_spoke()
            self._consider(now_ms)
        return frame

    def _changed(self, change: Change, now_ms: int) -> None:
        caller = self._hearing.turn
        if caller is None:
            return
        if change is Change.STARTED:
            self._yield_to_caller()
            self._own_voice.begin(caller)
        else:
            self._consider(now_ms)

    def _tick(self, now_ms: int) -> None:
        """What only time decides; once per moment."""
        if now_ms <= self._ticked_ms:
            return
        self._ticked_ms = now_ms
        if (ending := self._limits.due(now_ms)) is not None:
            self._effects.hang_up(*ending)
        self._type_what_is_due(now_ms)
        caller = self._hearing.turn
        if caller is not None:
            if self._hearing.time_out(now_ms):
                self._consider(now_ms)
            elif caller.dropped and now_ms - caller.ended_ms > REVIVED_MS:
                self._hearing.turn = None
        if not self._stage.closing:
            self._say_what_is_due(now_ms)

    def _type_what_is_due(self, now_ms: int) -> None:
        awaited = self._keys.awaited
        agent = self._stage.audible
        if (typed := self._keys.due(now_ms, agent.last_frame_ms if agent else 0)) is not None:
            self._typed(typed, now_ms, turn=not awaited)

    def _say_what_is_due(self, now_ms: int) -> None:
        times, stage = self._times, self._stage
        if self._limits.time_is_up(now_ms):
            last = AgentTurn(Kind.CLOSING, text=times.farewell, end_reason=EndReason.MAX_DURATION)
            self.close(last, now_ms)
            return
        if self._limits.warning_due(now_ms) and times.warning:
            self._agenda.say(times.warning)
        if not self.held:
            stage.resume_if_due(now_ms)
            self._tools.tick(now_ms)
        self._say_next(now_ms)
        if (prompt := self._silence.tick(self._idle, now_ms)) is None:
            return
        if prompt.last:
            self.close(AgentTurn(Kind.CLOSING, text=prompt.text, end_reason=EndReason.SILENCE), now_ms)
        else:
            stage.start(AgentTurn(Kind.PROMPT, text=prompt.text))

    @property
    def _idle(self) -> bool:
        caller = self._hearing.turn
        nobody_speaks = self._stage.free and self._hearing.quiet
        waits = self.held or self._quiet or (self.answerer is not None and self.answerer.in_menu)
        return nobody_speaks and not (waits or self._keys.typing) and (caller is None or caller.dropped)

    # --- the caller's side ------------------------------------------------------------------------

    def transcript(self, transcript: Transcript, now_ms: int) -> None:
        caller, stage = self._hearing.turn, self._stage
        if caller is None:
            return
        drafted = stage.agent is not None and stage.agent.caller is caller
        if not self._hearing.transcript(transcript, now_ms, reopen=not (drafted or caller.dropped)):
            return
        if caller.text and not self._is_own_voice(caller):
            if not transcript.final:
                self._report.partial("caller", caller.text, now_ms)
            if not self._barge_in.ignores(caller.text):
                stage.cut_off()
        self._consider(now_ms)

    def sign(self, sign: TurnSign, now_ms: int) -> None:
        """What the transcriber's own turn detector says."""
        self._hearing.sign(sign, now_ms)
        self._consider(now_ms)

    def judged(self, utterance: int, completeness: float, now_ms: int) -> None:
        """What the turn model makes of a pause: 0 (goes on) to 1 (is over)."""
        self._hearing.judged(utterance, completeness, now_ms)
        self._consider(now_ms)

    def _consider(self, now_ms: int) -> None:
        """Whether the caller's turn can be answered, as it is now known."""
        caller = self._hearing.turn
        if caller is None or self._hearing.speaking or not caller.settled:
            return
        if self._is_own_voice(caller):
            self._hearing.turn = None
        elif self._quiet and not self._stage.closing:
            if caller.decided_ms is not None:
                if self.muted:
                    self._effects.overheard(caller.text)
                self._overhear(caller)
        elif self._is_heard_out(caller, now_ms):
            self._begin_answer(caller)

    def _is_heard_out(self, caller: CallerTurn, now_ms: int) -> bool:
        """Whether it is the caller's turn that counts now, not something else that the agent says. If not,
        it is kept for later or noted."""
        stage, decided = self._stage, caller.decided_ms is not None
        if stage.suspended is not None:
            return self._settle_interruption(caller)
        agent = stage.agent
        if not stage.closing and (agent is None or agent.caller is caller):
            return True
        audible = stage.audible
        if audible is not None and self._barge_in.decides(caller.speech_ms, caller.text, final=True):
            if stage.may_cut(audible):
                caller.cut_in = True
                stage.interrupt(audible, now_ms)
                return True
            if stage.protected(audible) and audible.interruptible and self._rules.barge_in:
                audible.yields = True
                return False
        answers = audible is not None and audible.asking and caller.text and not stage.closing
        if decided and not answers:
            self._overhear(caller)
        return False

    def _settle_interruption(self, caller: CallerTurn) -> bool:
        """Of what made the agent fall silent the transcript is there: words, or nothing."""
        if caller.text and not self._barge_in.ignores(caller.text):
            self._stage.cut_off()
            return True
        if caller.decided_ms is not None:
            if caller.text:
                self._overhear(caller)
            else:
                self._forget(caller)
        return False

    def _begin_answer(self, caller: CallerTurn) -> None:
        decided = caller.decided_ms is not None
        agent, text = self._stage.agent, caller.text
        if agent is not None and agent.said is not None and agent.said.text == text:
            return
        eager = self._rules.eager and caller.drafts < MOST_DRAFTS
        if not decided and not (eager and self._hearing.verdict.likely):
            return
        if agent is not None:
            self._stage.discard()
        if text:
            self._answer(caller, UserInput(text=text))
        elif decided and not caller.dropped:
            self._not_understood(caller)

    def _answer(self, caller: CallerTurn, said: UserInput) -> None:
        caller.dropped = False
        if self.answerer is not None:
            self.answerer.caller_answered()
        last = caller.last
        timing = Timing(caller.ended_ms, transcript_asked=last.asked_ms, transcript_got=last.got_ms)
        silent = self.answerer is not None and self.answerer.in_menu
        self._stage.start(AgentTurn(Kind.REPLY, said=said, caller=caller, timing=timing, silent=silent))

    def _not_understood(self, caller: CallerTurn) -> None:
        if caller.speech_ms >= UNCLEAR_MS:
            self._answer(caller, UserInput(unclear=True))
            return
        cut = self._stage.cut if caller.cut_in and self._rules.resume_after_ms is not None else None
        self._forget(caller)
        if cut is not None and (rest := cut.unheard()):
            # What looked like words was none: the agent takes up what was cut.
            self._stage.start(AgentTurn(Kind.PROMPT, text=rest))

    def _forget(self, caller: CallerTurn) -> None:
        """Noise, unless a transcript that is still missing tells something else."""
        if any(u.timed_out for u in caller.utterances):
            caller.dropped = True
        else:
            self._hearing.turn = None

    def _overhear(self, caller: CallerTurn) -> None:
        """The caller's words are kept without an answer."""
        self._hearing.turn = None
        if caller.text:
            self._report.caller_turn(caller)
            self._silence.caller_spoke()

    def _yield_to_caller(self) -> None:
        """The caller speaks before the agent has begun."""
        agent = self._stage.agent
        if agent is None or agent.started_ms is not None or agent.committed:
            return
        self._agenda.put_back(agent)
        if agent.kind in (Kind.REPLY, Kind.PROMPT, Kind.COMMAND):
            self._stage.discard()

    def _talked_over(self, now_ms: int) -> None:
        """The caller speaks: the agent may have to stop."""
        stage, speech_ms, caller = self._stage, self._hearing.speech_ms, self._hearing.turn
        if stage.suspended is not None and speech_ms >= CERTAIN_MS:
            stage.cut_off()
        agent = stage.audible
        if agent is None or caller is None or not stage.may_cut(agent):
            return
        if self._barge_in.decides(speech_ms, caller.text, final=False) and not self._is_own_voice(caller):
            caller.cut_in = True
            stage.suspend(agent, now_ms)
            if caller.text and not self._barge_in.ignores(caller.text):
                stage.cut_off()

    def _is_own_voice(self, caller: CallerTurn) -> bool:
        return caller.over_agent and self._own_voice.explains(caller, self._stage.said_lately)

    # --- digits, commands and functions -----------------------------------------------------------

    def digit(self, digit: str, now_ms: int) -> None:
        """A pressed key answers for what was said before it. One that makes a number complete makes it a
        turn, unless a function waits for it."""
        press = self._keys.pressed(digit, now_ms)
        self._report.key(digit, now_ms, masked=press.masked)
        self._silence.caller_spoke()
        if press.awaited:
            self._skip_prompt()
        elif press.first:
            self._make_room_for_keys(now_ms)
        if press.typed is not None:
            self._typed(press.typed, now_ms, turn=not press.awaited)

    def collect(self, tool: CollectDigitsTool, now_ms: int, done: Callable[[Collected], None]) -> None:
        """The function that is running wants a number typed."""
        self._keys.collect(tool, now_ms, done)
        if tool.prompt:
            self.announce(tool.prompt, firm=False)

    def collect_no_more(self, now_ms: int) -> None:
        self._keys.give_up(now_ms)

    def expect_keys(self, rules: KeyInput | None) -> None:
        """How keys make a turn from here on; None: as the agent has it."""
        self._keys.expect(rules)

    def _typed(self, typed: Typed, now_ms: int, *, turn: bool) -> None:
        self._report.typed(typed.digits, now_ms, masked=typed.masked)
        if turn and not (self._stage.closing or self._quiet):
            self._agenda.press(typed.digits, now_ms)
            self._say_next(now_ms)

    def _skip_prompt(self) -> None:
        """Who types has heard enough of the question."""
        agent = self._stage.audible
        if agent is not None and agent.tool_quiet and not agent.firm:
            agent.playback.skip()

    def _make_room_for_keys(self, now_ms: int) -> None:
        stage, caller = self._stage, self._hearing.turn
        stage.cut_off()
        agent = stage.agent
        if agent is not None and stage.may_cut(agent):
            stage.interrupt(agent, now_ms)
        elif agent is not None and agent.started_ms is None and not (agent.pressed or stage.closing):
            self._agenda.put_back(agent)
            stage.discard()
        if caller is not None and caller.settled and not self._hearing.speaking:
            self._overhear(caller)

    def say(self, text: str) -> None:
        """Speaks `text` as soon as neither side speaks."""
        if not self._stage.closing:
            self._agenda.say(text)

    def announce(self, text: str, *, firm: bool) -> None:
        """Speaks `text` for the function that is running, `firm` without being interrupted; without a
        function as soon as neither side speaks."""
        agent = self._stage.agent
        if agent is None or agent.tool_ms is None or agent.interject is None:
            self.say(text)
            return
        agent.firm = firm
        self._effects.interject(agent, text)

    @property
    def said_all(self) -> bool:
        """Nothing is left to be said, but what waits for a function."""
        agent = self._stage.agent
        if self._agenda.commands or self._stage.suspended is not None:
            return False
        waits = agent is not None and agent.tool_ms is not None and agent.interject is not None
        return agent is None or (waits and agent.playback.pieces_played >= len(agent.sentences))

    def begun(self, turn: AgentTurn) -> None:
        """The dialogue has given the first item of its reply: that to a digit stands at once."""
        if turn.pressed and not turn.committed and not turn.cancelled:
            self._stage.commit(turn)

    def tool_started(self, turn: AgentTurn, now_ms: int) -> None:
        """A function that `turn` waits for is running."""
        self._tools.started(turn, now_ms)

    def tool_finished(self, turn: AgentTurn, now_ms: int) -> None:
        self._tools.finished(turn)

    @property
    def waiting(self) -> bool:
        """The caller waits for a function, and nobody speaks."""
        return self._tools.waiting and not self.held

    def _say_next(self, now_ms: int) -> None:
        stage = self._stage
        turn = None
        if self._agenda.pressed:
            if stage.agent is not None and stage.may_cut(stage.agent):
                stage.interrupt(stage.agent, now_ms)
            if stage.free:
                turn = self._agenda.next_digit()
        elif stage.free and self._hearing.quiet and self._hearing.turn is None:
            turn = self._agenda.next_command()
        if turn is not None:
            stage.start(turn)

    # --- seen from outside ------------------------------------------------------------------------

    def snapshot(self, now_ms: int) -> Snapshot:
        return snapshot(self._hearing, self._stage, self._probability, self._energy, now_ms)
