"""Who has the floor: the decisions of a conversation, on plain state and passed-in time.

Nothing here locks, awaits or calls a vendor; `Conversation` does, and calls every method here with its
lock held. What a decision causes goes through `Effects`. The caller's side is `Hearing`, the agent's
`Stage`. What is made of the caller's words is in `Replying`, of keys in `TypedTurns`; who is there at all in
`Presence`; here is what begins, what ends, and what only time decides.
"""

from __future__ import annotations

from collections.abc import Callable

from media_workers.audio.pcm import SILENCE
from media_workers.contract.events import EndReason
from media_workers.contract.tools import CollectDigitsTool, KeyInput
from media_workers.conversation.agenda import Agenda
from media_workers.conversation.announcing import Announcer
from media_workers.conversation.answered_by.policy import AnswerPolicy
from media_workers.conversation.control import Collected
from media_workers.conversation.hearing import AskTurnModel, Hearing
from media_workers.conversation.keys import Keys
from media_workers.conversation.limits import Limits
from media_workers.conversation.listening import Ears
from media_workers.conversation.own_voice import OwnVoice
from media_workers.conversation.presence import Presence
from media_workers.conversation.replying import Replying
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.settings import Settings
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.snapshot import Snapshot, snapshot
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.stage import Effects, Stage
from media_workers.conversation.turns import CallerTurn
from media_workers.conversation.typed_turns import TypedTurns
from media_workers.conversation.waiting import ToolWait
from media_workers.providers.base import Transcript, TurnSign

REVIVED_MS = 5_000
"""How long after it was dropped a turn may still get its transcript."""


class Floor:
    """All texts are filled in already. `answerer`: who listens for machines, if somebody does."""

    def __init__(
        self,
        *,
        settings: Settings,
        ears: Ears,
        report: Reporter,
        effects: Effects,
        keys: Keys,
        answerer: AnswerPolicy | None = None,
        ask_turn_model: AskTurnModel | None = None,
    ) -> None:
        rules, language = settings.turn_taking, settings.language
        self._times = settings.times
        self._effects = effects
        self._keys = keys
        self._answerer = answerer
        self._ticked_ms = -1
        self._probability = 0.0
        self._energy = 0.0
        hearing = Hearing(rules, ears=ears, language=language, ask_turn_model=ask_turn_model)
        silence = SilenceWatch(settings.silence)
        limits = Limits(settings.times)
        stage = Stage(
            rules=rules, hearing=hearing, limits=limits, silence=silence, report=report, effects=effects
        )
        agenda = Agenda()
        self._hearing, self._silence, self._limits = hearing, silence, limits
        self._stage, self._agenda = stage, agenda
        self._own_voice = OwnVoice()
        self._tools = ToolWait(settings.fillers, hearing=hearing, stage=stage, effects=effects)
        self._presence = Presence(stage=stage, agenda=agenda, silence=silence)
        self._announcer = Announcer(agenda=agenda, hearing=hearing, stage=stage, effects=effects)
        self._replying = Replying(
            rules=rules,
            language=language,
            hearing=hearing,
            stage=stage,
            presence=self._presence,
            agenda=agenda,
            silence=silence,
            own_voice=self._own_voice,
            answerer=answerer,
            report=report,
            effects=effects,
        )
        self._typing = TypedTurns(
            keys,
            hearing=hearing,
            stage=stage,
            presence=self._presence,
            agenda=agenda,
            announcer=self._announcer,
            replying=self._replying,
            silence=silence,
            report=report,
        )
        if answerer is not None:
            answerer.hands = self

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
            self._replying.overhear(caller)
        self._stage.close(closing)

    def hold(self, held: bool) -> None:
        """On hold the caller neither listens nor speaks: what the agent was saying stops there and goes on
        after it. Back again, the whole time to speak is theirs."""
        self._presence.hold(held)

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else, and neither hears the agent nor is heard by it."""
        self._presence.suspend(away)

    @property
    def held(self) -> bool:
        """The caller does not listen."""
        return self._presence.held

    def mute(self, muted: bool, now_ms: int) -> None:
        """From the next frame on. What was being said stops there; what the caller says is kept without an
        answer."""
        self._presence.mute(muted, now_ms)

    def pay_until(self, paid_ms: int | None) -> None:
        """The call's money lasts for `paid_ms` from the answer: it ends by then, with last words."""
        self._limits.pay_until(paid_ms)

    def change_language(self, language: str) -> None:
        """The caller speaks `language` from here on."""
        self._replying.change_language(language)

    def ended(self, now_ms: int) -> None:
        """The leg is gone: nothing more is said. A caller still speaking is asked for a transcript."""
        self._stage.closing = True
        self._stage.leave()
        if self._hearing.speaking:
            self._hearing.pause(now_ms)

    def last_words(self) -> None:
        """Reports the caller's turn that nothing answered any more."""
        self._replying.last_words()

    # --- for `answered_by` ------------------------------------------------------------------------

    def listen_only(self, on: bool, now_ms: int) -> None:
        """As `mute`, by ourselves: what answered is nobody to talk to."""
        self._presence.listen_only(on, now_ms)

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

    # --- media clock ------------------------------------------------------------------------------

    def on_frame(self, pcm: bytes, probability: float, energy: float, now_ms: int) -> None:
        if self._presence.held:
            pcm, probability, energy = SILENCE, 0.0, 0.0
        self._limits.received(energy)
        if self._own_voice.comes_back(pcm, probability):
            pcm, probability, energy = SILENCE, 0.0, 0.0
        self._probability, self._energy = probability, energy
        if self._answerer is not None and not self._presence.held:
            self._answerer.on_frame(pcm, probability, energy, now_ms)
        change = self._hearing.feed(pcm, probability, energy, now_ms)
        if change is not None:
            self._replying.changed(change, now_ms)
        elif self._hearing.speaking:
            self._replying.talked_over(now_ms)
        self._tick(now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        self._tick(now_ms)
        frame = None if self._presence.silenced else self._next_frame(now_ms)
        self._own_voice.sent(frame)
        return frame

    def _next_frame(self, now_ms: int) -> bytes | None:
        stage = self._stage
        agent = stage.agent
        if agent is not None and agent.yields and not stage.protected(agent):
            agent.yields = False
            self._replying.consider(now_ms)
        frame = stage.frame(now_ms)
        if frame is None and (agent := stage.agent) is not None and stage.over(agent, now_ms):
            stage.done(now_ms)
            if self._answerer is not None and agent.started_ms is not None:
                self._answerer.agent_spoke()
            self._replying.consider(now_ms)
        return frame

    def _tick(self, now_ms: int) -> None:
        """What only time decides; once per moment."""
        if now_ms <= self._ticked_ms:
            return
        self._ticked_ms = now_ms
        if (ending := self._limits.due(now_ms)) is not None:
            self._effects.hang_up(*ending)
        self._typing.tick(now_ms)
        caller = self._hearing.turn
        if caller is not None:
            if self._hearing.time_out(now_ms):
                self._replying.consider(now_ms)
            elif caller.dropped and now_ms - caller.ended_ms > REVIVED_MS:
                self._hearing.turn = None
        if not self._stage.closing:
            self._say_what_is_due(now_ms)

    def _say_what_is_due(self, now_ms: int) -> None:
        times, stage = self._times, self._stage
        if self._limits.money_ends(now_ms):
            last = AgentTurn(Kind.CLOSING, text=times.money_ended, end_reason=EndReason.MONEY_ENDED)
            self.close(last, now_ms)
            return
        if self._limits.time_is_up(now_ms):
            last = AgentTurn(Kind.CLOSING, text=times.farewell, end_reason=EndReason.MAX_DURATION)
            self.close(last, now_ms)
            return
        if self._limits.warning_due(now_ms) and times.warning:
            self._agenda.say(times.warning)
        if not self._presence.held:
            stage.resume_if_due(now_ms)
            self._tools.tick(now_ms)
        self._announcer.say_next(now_ms)
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
        waits = (
            self._presence.held
            or self._presence.quiet
            or (self._answerer is not None and self._answerer.in_menu)
        )
        return nobody_speaks and not (waits or self._keys.typing) and (caller is None or caller.dropped)

    # --- the caller's words -----------------------------------------------------------------------

    def transcript(self, transcript: Transcript, now_ms: int) -> None:
        self._replying.transcript(transcript, now_ms)

    def sign(self, sign: TurnSign, now_ms: int) -> None:
        """What the transcriber's own turn detector says."""
        self._replying.sign(sign, now_ms)

    def judged(self, utterance: int, completeness: float, now_ms: int) -> None:
        """What the turn model makes of a pause: 0 (goes on) to 1 (is over)."""
        self._replying.judged(utterance, completeness, now_ms)

    # --- digits, commands and functions -----------------------------------------------------------

    def digit(self, digit: str, now_ms: int) -> None:
        """A pressed key answers for what was said before it. One that makes a number complete makes it a
        turn, unless a function waits for it."""
        self._typing.pressed(digit, now_ms)

    def collect(self, tool: CollectDigitsTool, now_ms: int, done: Callable[[Collected], None]) -> None:
        """The function that is running wants a number typed."""
        self._typing.collect(tool, now_ms, done)

    def collect_no_more(self, now_ms: int) -> None:
        self._keys.give_up(now_ms)

    def expect_keys(self, rules: KeyInput | None) -> None:
        """How keys make a turn from here on; None: as the agent has it."""
        self._keys.expect(rules)

    def say(self, text: str) -> None:
        """Speaks `text` as soon as neither side speaks."""
        self._announcer.say(text)

    def announce(self, text: str, *, firm: bool) -> None:
        """Speaks `text` for the function that is running, `firm` without being interrupted; without a
        function as soon as neither side speaks."""
        self._announcer.announce(text, firm=firm)

    @property
    def said_all(self) -> bool:
        """Nothing is left to be said, but what waits for a function."""
        return self._announcer.said_all

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
        return self._tools.waiting and not self._presence.held

    # --- seen from outside ------------------------------------------------------------------------

    def snapshot(self, now_ms: int) -> Snapshot:
        return snapshot(self._hearing, self._stage, self._probability, self._energy, now_ms)
