"""Who has the floor: the decisions of a conversation, on plain state and passed-in time.

Nothing here locks, awaits or calls a vendor; `Conversation` does, and calls every method here with its
lock held. What a decision causes goes through `Effects`.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from media_workers.contract.agent import SilencePolicy, TurnTaking
from media_workers.contract.events import EndReason
from media_workers.conversation.endpointing import GAP_MS, Change, SpeechDetector
from media_workers.conversation.latency import Timing
from media_workers.conversation.limits import Limits
from media_workers.conversation.listening import Ears
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_MS, Transcript, UserInput

PRE_ROLL_MS = 300
"""Audio from before the detected beginning of speech that is transcribed too."""

UNCLEAR_MS = 400
"""Speech without a transcript counts as noise below this, and as not understood from here on."""

REVIVED_MS = 5_000
"""How long after it was dropped a turn may still get its transcript."""


class Effects(Protocol):
    """What a decision causes. Each returns at once and keeps the order of the calls."""

    def start(self, turn: AgentTurn) -> None:
        """Begin to make the audio of `turn`."""

    def stop(self, turn: AgentTurn) -> None:
        """Cancel what is being made of `turn`."""

    def commit(self, turn: AgentTurn) -> None:
        """The dialogue's reply stands."""

    def heard(self, text: str, interrupted: bool) -> None:
        """The agent's turn is over; this is what was played."""

    def hang_up(self, reason: EndReason, detail: str) -> None: ...


class Floor:
    """The caller's turn in progress, the agent's, and what is to be said later.

    `caller` is None once its turn has been reported; `agent` holds the turn that is being made or
    played. All texts are filled in already.
    """

    def __init__(
        self,
        *,
        turn_taking: TurnTaking,
        silence: SilencePolicy,
        max_duration_ms: int,
        max_duration_message: str,
        ears: Ears,
        report: Reporter,
        effects: Effects,
    ) -> None:
        self._rules = turn_taking
        self._max_duration_message = max_duration_message
        self._ears = ears
        self._report = report
        self._effects = effects
        self._detector = SpeechDetector(
            min_speech_ms=turn_taking.min_speech_ms,
            pause_ms=turn_taking.transcript_after_ms,
            end_ms=turn_taking.endpointing_ms,
        )
        self._silence = SilenceWatch(silence)
        self._limits = Limits(max_duration_ms)
        recent_ms = PRE_ROLL_MS + turn_taking.min_speech_ms + GAP_MS
        self._recent: deque[bytes] = deque(maxlen=recent_ms // FRAME_MS)
        self._utterances = 0
        self._digits: deque[tuple[str, int]] = deque()
        self._commands: deque[str] = deque()
        self._after: AgentTurn | None = None
        self._cut: AgentTurn | None = None
        self._ticked_ms = -1
        self._closing = False
        self._held = False
        self.caller: CallerTurn | None = None
        self.agent: AgentTurn | None = None

    # --- the call begins and ends -----------------------------------------------------------------

    def answered(self, opening: AgentTurn, now_ms: int) -> None:
        self._limits.answered(now_ms)
        self._closing = opening.kind is Kind.CLOSING
        if self._closing:
            self._limits.end_during(opening, now_ms)
        self._start(opening)

    def close(self, closing: AgentTurn, now_ms: int) -> None:
        """Says last words, after the sentence being spoken, and hangs up. The first reason stands."""
        if self._closing:
            return
        self._closing = True
        self._digits.clear()
        self._commands.clear()
        self._limits.end_during(closing, now_ms)
        if self.caller is not None and self.caller.settled and not self._detector.speaking:
            self._overhear(self.caller)
        agent = self.agent
        if agent is None or agent.started_ms is None:
            if agent is not None:
                self._discard(agent)
            self._start(closing)
        else:
            agent.playback.complete_sentence()
            self._effects.stop(agent)
            self._after = closing

    def hold(self, held: bool) -> None:
        """On hold the caller neither listens nor speaks: what the agent was saying stops there and goes on
        after it. Back again, the whole time to speak is theirs."""
        self._held = held
        if not held:
            self._silence.agent_spoke()

    def ended(self, now_ms: int) -> None:
        """The leg is gone: nothing more is said. A caller still speaking is asked for a transcript."""
        self._closing = True
        agent, self.agent = self.agent, None
        if agent is not None:
            self._effects.stop(agent)
            if agent.started_ms is not None:
                self._finish_turn(agent, interrupted=not agent.playback.finished)
        if self.caller is not None and self._detector.speaking:
            self._pause(self.caller, now_ms)

    def last_words(self) -> None:
        """Reports the caller's turn that nothing answered any more."""
        if self.caller is not None:
            self._overhear(self.caller)

    # --- media clock ------------------------------------------------------------------------------

    def on_frame(self, pcm: bytes, probability: float, energy: float, now_ms: int) -> None:
        if self._held:
            pcm, probability, energy = bytes(len(pcm)), 0.0, 0.0
        self._limits.received(energy)
        change = self._detector.feed(probability, energy, now_ms)
        self._listen(pcm, change, now_ms)
        if change is Change.ENDED and self.caller is not None:
            self.caller.decided_ms = now_ms
            self._consider()
        elif self._detector.speaking:
            self._barge_in(now_ms)
        self._tick(now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        self._tick(now_ms)
        agent = self.agent
        if agent is None or self._held or (agent.started_ms is None and not self._may_begin(agent, now_ms)):
            return None
        frame = agent.playback.next_frame()
        if frame is None:
            if agent.playback.finished:
                self._agent_done(agent, now_ms)
            return None
        if agent.started_ms is None:
            self._agent_begins(agent, now_ms)
        agent.last_frame_ms = now_ms
        if (begun := agent.playback.pieces_begun) > agent.shown:
            agent.shown = begun
            self._report.partial("agent", " ".join(agent.sentences[:begun]), now_ms)
        return frame

    def _listen(self, pcm: bytes, change: Change | None, now_ms: int) -> None:
        self._recent.append(pcm)
        if change is Change.STARTED:
            self._caller_starts(now_ms)
        elif change is Change.PAUSED and self.caller is not None:
            self._ears.feed(pcm)
            self._pause(self.caller, now_ms)
            self._consider()
        elif self._detector.speaking:
            self._ears.feed(pcm)

    def _tick(self, now_ms: int) -> None:
        """What only time decides; once per moment."""
        if now_ms <= self._ticked_ms:
            return
        self._ticked_ms = now_ms
        if (ending := self._limits.due(now_ms)) is not None:
            self._effects.hang_up(*ending)
        caller = self.caller
        if caller is not None:
            if caller.time_out(self._rules.transcript_timeout_ms, now_ms):
                self._consider()
            elif caller.dropped and now_ms - caller.ended_ms > REVIVED_MS:
                self.caller = None
        if self._closing:
            return
        if self._limits.time_is_up(now_ms):
            farewell = self._max_duration_message
            self.close(AgentTurn(Kind.CLOSING, text=farewell, end_reason=EndReason.MAX_DURATION), now_ms)
            return
        self._say_next(now_ms)
        if (prompt := self._silence.tick(self._idle, now_ms)) is None:
            return
        if prompt.last:
            self.close(AgentTurn(Kind.CLOSING, text=prompt.text, end_reason=EndReason.SILENCE), now_ms)
        else:
            self._start(AgentTurn(Kind.PROMPT, text=prompt.text))

    @property
    def _idle(self) -> bool:
        nobody_speaks = self.agent is None and self._detector.quiet
        return not self._held and nobody_speaks and (self.caller is None or self.caller.dropped)

    # --- the caller's side ------------------------------------------------------------------------

    def _caller_starts(self, now_ms: int) -> None:
        caller = self.caller
        continued = caller is not None
        if caller is None:
            caller = self.caller = CallerTurn(whole=self._ears.whole_turns)
        self._yield_to_caller()
        self._utterances += 1
        caller.begin(self._utterances, self._detector.started_ms, now_ms)
        self._ears.begin(self._utterances, b"".join(self._recent), continued=continued)

    def _pause(self, caller: CallerTurn, now_ms: int) -> None:
        """A pause: its transcript is wanted. What follows belongs to the next utterance."""
        caller.last.ended_ms = self._detector.last_speech_ms
        caller.last.speech_ms = self._detector.speech_ms
        caller.last.asked_ms = now_ms
        self._recent.clear()
        self._ears.finalize()

    def transcript(self, transcript: Transcript, now_ms: int) -> None:
        caller = self.caller
        if caller is not None and caller.take(transcript, now_ms):
            if not transcript.final:
                self._report.partial("caller", caller.text, now_ms)
            self._consider()

    def _consider(self) -> None:
        """Whether the caller's turn can be answered, as it is now known."""
        caller = self.caller
        if caller is None or self._detector.speaking or not caller.settled:
            return
        agent = self.agent
        if self._closing or (agent is not None and agent.caller is not caller):
            # The agent speaks and was not to be interrupted: it is noted, not answered.
            if caller.decided_ms is not None:
                self._overhear(caller)
            return
        text = caller.text
        if agent is not None:
            if agent.said is not None and agent.said.text == text:
                return
            self._discard(agent)
        if text:
            self._answer(caller, UserInput(text=text))
        elif caller.decided_ms is not None and not caller.dropped:
            self._not_understood(caller)

    def _answer(self, caller: CallerTurn, said: UserInput) -> None:
        caller.dropped = False
        last = caller.last
        timing = Timing(caller.ended_ms, transcript_asked=last.asked_ms, transcript_got=last.got_ms)
        self._start(AgentTurn(Kind.REPLY, said=said, caller=caller, timing=timing))

    def _not_understood(self, caller: CallerTurn) -> None:
        if caller.speech_ms >= UNCLEAR_MS:
            self._answer(caller, UserInput(unclear=True))
            return
        rest = self._cut.unheard() if caller.cut_in and self._cut is not None else ""
        if any(u.timed_out for u in caller.utterances):
            caller.dropped = True
        else:
            self.caller = None
        if rest:
            # A cough is no reason to fall silent: the agent takes up the sentence that was cut.
            self._start(AgentTurn(Kind.PROMPT, text=rest))

    def _overhear(self, caller: CallerTurn) -> None:
        """The caller's words are kept without an answer."""
        self.caller = None
        if caller.text:
            self._report.caller_turn(caller)
            self._silence.caller_spoke()

    def _yield_to_caller(self) -> None:
        """The caller speaks before the agent has begun."""
        agent = self.agent
        if agent is None or agent.started_ms is not None or agent.pressed:
            return
        if agent.kind is Kind.COMMAND:
            self._commands.appendleft(agent.text)
        if agent.kind in (Kind.REPLY, Kind.PROMPT, Kind.COMMAND):
            self._discard(agent)

    def _barge_in(self, now_ms: int) -> None:
        agent = self.agent
        if agent is None or agent.started_ms is None or self.caller is None or not self._may_cut(agent):
            return
        if self._detector.speech_ms >= self._rules.barge_in_min_speech_ms:
            self.caller.cut_in = True
            self._interrupt(agent, now_ms)

    # --- digits and commands ----------------------------------------------------------------------

    def digit(self, digit: str, now_ms: int) -> None:
        """A pressed key answers for what was said before it, and is a turn of its own."""
        agent, caller = self.agent, self.caller
        if agent is not None and self._may_cut(agent):
            self._interrupt(agent, now_ms)
        elif agent is not None and agent.started_ms is None and not (agent.pressed or self._closing):
            if agent.kind is Kind.COMMAND:
                self._commands.appendleft(agent.text)
            self._discard(agent)
        if caller is not None and caller.settled and not self._detector.speaking:
            self._overhear(caller)
        self._report.digit(digit, now_ms)
        self._silence.caller_spoke()
        if not self._closing:
            self._digits.append((digit, now_ms))
            self._say_next(now_ms)

    def say(self, text: str) -> None:
        """Speaks `text` as soon as neither side speaks."""
        if not self._closing:
            self._commands.append(text)

    def begun(self, turn: AgentTurn) -> None:
        """The dialogue has given the first item of its reply: that to a digit stands at once."""
        if turn.pressed and not turn.committed and not turn.cancelled:
            self._commit(turn)

    def _say_next(self, now_ms: int) -> None:
        agent = self.agent
        if self._digits:
            if agent is not None and self._may_cut(agent):
                self._interrupt(agent, now_ms)
            if self.agent is None:
                digit, pressed_ms = self._digits.popleft()
                said = UserInput(dtmf=digit)
                self._start(AgentTurn(Kind.REPLY, said=said, timing=Timing(pressed_ms), pressed=True))
        elif self._commands and agent is None and self._detector.quiet and self.caller is None:
            self._start(AgentTurn(Kind.COMMAND, text=self._commands.popleft()))

    # --- the agent's side -------------------------------------------------------------------------

    def _start(self, turn: AgentTurn) -> None:
        self.agent = turn
        self._effects.start(turn)

    def _discard(self, agent: AgentTurn) -> None:
        """Drops a turn that has not begun: nobody ever knows of it."""
        agent.cancelled = True
        self.agent = None
        self._effects.stop(agent)

    def _may_begin(self, agent: AgentTurn, now_ms: int) -> bool:
        may = agent.pressed or agent.kind is Kind.CLOSING or self._detector.quiet
        return may and self._limits.may_speak(now_ms)

    def _agent_begins(self, agent: AgentTurn, now_ms: int) -> None:
        agent.started_ms = now_ms
        if agent.timing is not None:
            agent.timing.first_frame = now_ms
        if not agent.committed:
            self._commit(agent)

    def _commit(self, agent: AgentTurn) -> None:
        """From here on the turn stands, whatever the caller does."""
        agent.committed = True
        caller = agent.caller
        if caller is not None:
            if agent.timing is not None:
                agent.timing.decided = caller.decided_ms
            self._report.caller_turn(caller)
            self._silence.caller_spoke()
            self.caller = None
        for deferred in agent.deferred:
            deferred()
        agent.deferred.clear()
        if agent.said is not None:
            self._effects.commit(agent)

    def _agent_done(self, agent: AgentTurn, now_ms: int) -> None:
        """All has been played (or there was nothing to play)."""
        self.agent = None
        if not agent.committed:
            self._commit(agent)
        self._finish_turn(agent, interrupted=False)
        if self._after is not None:
            self._start(self._after)
            self._after = None
        elif agent.end_reason is not None:
            self._closing = True
            self._limits.end_after(agent, now_ms)

    def _finish_turn(self, agent: AgentTurn, *, interrupted: bool) -> int | None:
        """Reports what was heard; the index of the reported turn, None when nothing was."""
        text = agent.playback.heard() if agent.started_ms is not None else ""
        self._silence.agent_spoke()
        if agent.said is not None or text:
            self._effects.heard(text, interrupted)
        return None if agent.started_ms is None else self._report.agent_turn(agent, interrupted=interrupted)

    def _may_cut(self, agent: AgentTurn) -> bool:
        """Whether the caller may interrupt the turn now; an answer to a digit must at least exist."""
        if self._closing or not agent.interruptible:
            return False
        return agent.committed if agent.started_ms is None else self._rules.barge_in

    def _interrupt(self, agent: AgentTurn, now_ms: int) -> None:
        """Silence from the next frame on."""
        agent.cancelled = True
        self.agent = None
        self._effects.stop(agent)
        index = self._finish_turn(agent, interrupted=True)
        if index is not None:
            self._report.barge_in(agent, index, now_ms)
        self._cut = agent
