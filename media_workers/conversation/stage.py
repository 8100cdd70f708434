"""The agent's side of the floor: the turn that is made or played, from its start to its report."""

from __future__ import annotations

from typing import Protocol

from media_workers.contract.agent import TurnTaking
from media_workers.contract.events import EndReason
from media_workers.conversation.hearing import Hearing
from media_workers.conversation.interrupting import CERTAIN_MS, Protected
from media_workers.conversation.limits import Limits
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.speaking import AgentTurn, Kind


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

    def overheard(self, text: str) -> None:
        """The caller said `text`, which the dialogue does not answer."""

    def interject(self, turn: AgentTurn, text: str) -> None:
        """Have `text` said as the next sentence of `turn`, where that still goes."""

    def hang_up(self, reason: EndReason, detail: str) -> None: ...


class Stage:
    """`agent` is being made or played. `suspended` was interrupted by what may prove to be nothing: its
    frames are withheld while everything else of it goes on. Never both.

    `cut`: the turn interrupted last. `closing`: nothing is begun any more but last words.
    """

    def __init__(
        self,
        *,
        rules: TurnTaking,
        hearing: Hearing,
        limits: Limits,
        silence: SilenceWatch,
        report: Reporter,
        effects: Effects,
    ) -> None:
        self._rules = rules
        self._hearing = hearing
        self._limits = limits
        self._silence = silence
        self._report = report
        self._effects = effects
        self._protected = Protected(rules.protected_phrases)
        self._after: AgentTurn | None = None
        self.agent: AgentTurn | None = None
        self.suspended: AgentTurn | None = None
        self.cut: AgentTurn | None = None
        self.closing = False

    @property
    def free(self) -> bool:
        """The agent neither speaks nor prepares to."""
        return self.agent is None and self.suspended is None

    @property
    def audible(self) -> AgentTurn | None:
        """The turn that is being played."""
        agent = self.agent
        return agent if agent is not None and agent.started_ms is not None else None

    @property
    def said_lately(self) -> str:
        """What of the agent may still be on its way back: its last turn, and what it says now."""
        turn = self.agent or self.suspended
        sentences = [] if turn is None else turn.sentences[: turn.playback.pieces_begun + 1]
        return " ".join((self._hearing.question, *sentences))

    # --- making and playing -----------------------------------------------------------------------

    def start(self, turn: AgentTurn) -> None:
        self.agent = turn
        self._effects.start(turn)

    def discard(self) -> None:
        """Drops a turn that has not begun: nobody ever knows of it."""
        agent, self.agent = self.agent, None
        if agent is None:
            return
        agent.cancelled = True
        if agent.caller is not None:
            agent.caller.drafts += 1
        self._effects.stop(agent)

    def frame(self, now_ms: int) -> bytes | None:
        """The next 20 ms of the turn; None when it has none to give now. It may be over then."""
        agent = self.agent
        if agent is None or (agent.started_ms is None and not self._may_begin(agent, now_ms)):
            return None
        frame = agent.playback.next_frame()
        if frame is None:
            return None
        if agent.started_ms is None:
            self._begins(agent, now_ms)
        agent.last_frame_ms = now_ms
        if (begun := agent.playback.pieces_begun) > agent.shown:
            agent.shown = begun
            self._report.partial("agent", " ".join(agent.sentences[:begun]), now_ms)
        return frame

    def over(self, agent: AgentTurn, now_ms: int) -> bool:
        """All of it has been played, or there was nothing to play and it would be its turn."""
        return agent.playback.finished and (agent.started_ms is not None or self._may_begin(agent, now_ms))

    def done(self, now_ms: int) -> None:
        """All of the turn has been played (or there was nothing to play)."""
        agent, self.agent = self.agent, None
        if agent is None:
            return
        if not agent.committed:
            self.commit(agent)
        self._finish(agent, interrupted=False)
        if self._after is not None:
            self.start(self._after)
            self._after = None
        elif agent.end_reason is not None:
            self.closing = True
            self._limits.end_after(agent, now_ms)

    def commit(self, agent: AgentTurn) -> None:
        """From here on the turn stands, whatever the caller does."""
        agent.committed = True
        caller = agent.caller
        if caller is not None:
            agent.drafts, agent.endpointing = caller.drafts, caller.endpointing
            if agent.timing is not None:
                agent.timing.decided = caller.decided_ms
            self._report.caller_turn(caller)
            self._silence.caller_spoke()
            self._hearing.turn = None
        for deferred in agent.deferred:
            deferred()
        agent.deferred.clear()
        if agent.said is not None:
            self._effects.commit(agent)

    def close(self, closing: AgentTurn) -> None:
        """Last words, after the sentence being spoken."""
        agent = self.audible
        if agent is None:
            self.cut_off()
            self.discard()
            self.start(closing)
        else:
            agent.playback.complete_sentence()
            self._effects.stop(agent)
            self._after = closing

    def leave(self) -> None:
        """The leg is gone: what was heard until now is all."""
        self.cut_off()
        agent, self.agent = self.agent, None
        if agent is not None:
            self._effects.stop(agent)
            if agent.started_ms is not None:
                self._finish(agent, interrupted=not agent.playback.finished)

    def _may_begin(self, agent: AgentTurn, now_ms: int) -> bool:
        may = agent.pressed or agent.kind is Kind.CLOSING or self._hearing.quiet
        return may and self._limits.may_speak(now_ms)

    def _begins(self, agent: AgentTurn, now_ms: int) -> None:
        agent.started_ms = now_ms
        if agent.timing is not None:
            agent.timing.first_frame = now_ms
        if not agent.committed:
            self.commit(agent)

    # --- interruptions ----------------------------------------------------------------------------

    def may_cut(self, agent: AgentTurn) -> bool:
        """Whether the caller may interrupt the turn now; an answer to a digit must at least exist."""
        if self.closing or not agent.interruptible:
            return False
        if agent.started_ms is None:
            return agent.committed
        return self._rules.barge_in and not self.protected(agent)

    def protected(self, agent: AgentTurn) -> bool:
        """What sounds now belongs to a protected phrase."""
        if not self._rules.protected_phrases or agent.started_ms is None:
            return False
        return self._protected.covers(agent.sentences, agent.playback.next_piece, id(agent))

    def suspend(self, agent: AgentTurn, now_ms: int) -> None:
        """The caller cuts in: silence from the next frame on."""
        agent.cut_ms = now_ms
        self.agent, self.suspended = None, agent
        if self._rules.resume_after_ms is None or self._hearing.speech_ms >= CERTAIN_MS:
            self.cut_off()

    def cut_off(self) -> None:
        """The interruption stands: the turn suspended is over."""
        agent, self.suspended = self.suspended, None
        if agent is None:
            return
        agent.cancelled = True
        self._effects.stop(agent)
        index = self._finish(agent, interrupted=True)
        if index is not None:
            self._report.barge_in(agent, index, agent.cut_ms)
        self.cut = agent

    def interrupt(self, agent: AgentTurn, now_ms: int) -> None:
        """At once and for good: there is no doubt that the caller meant it."""
        agent.cut_ms = now_ms
        self.agent, self.suspended = None, agent
        self.cut_off()

    def resume_if_due(self, now_ms: int) -> None:
        """It was nothing, and the caller has been quiet for long enough: the turn suspended goes on with
        the word that was cut."""
        agent, caller = self.suspended, self._hearing.turn
        after_ms = self._rules.resume_after_ms
        if agent is None or after_ms is None or not (caller is None or caller.dropped):
            return
        if self._hearing.quiet and now_ms - self._hearing.last_speech_ms >= after_ms:
            agent.false_cuts.append(agent.cut_ms)
            agent.playback.rewind()
            self.agent, self.suspended = agent, None

    def _finish(self, agent: AgentTurn, *, interrupted: bool) -> int | None:
        """Reports what was heard; the index of the reported turn, None when nothing was."""
        text = agent.playback.heard() if agent.started_ms is not None else ""
        self._silence.agent_spoke()
        if agent.said is not None or text:
            self._effects.heard(text, interrupted)
        if agent.started_ms is None:
            return None
        index = self._report.agent_turn(agent, interrupted=interrupted)
        for cut_ms in agent.false_cuts:
            self._report.barge_in(agent, index, cut_ms, resumed=True)
        self._hearing.question = text
        return index
