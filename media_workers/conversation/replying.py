"""What the agent makes of the caller's words: an answer, an interruption of what it is saying, or nothing."""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.agenda import Agenda
from media_workers.conversation.answered_by.policy import AnswerPolicy
from media_workers.conversation.endpointing import Change
from media_workers.conversation.hearing import Hearing
from media_workers.conversation.interrupting import CERTAIN_MS, BargeIn
from media_workers.conversation.latency import Timing
from media_workers.conversation.own_voice import OwnVoice
from media_workers.conversation.presence import Presence
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.stage import Effects, Stage
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import Transcript, TurnSign, UserInput

UNCLEAR_MS = 400
"""Speech without a transcript counts as noise below this, and as not understood from here on."""

MOST_DRAFTS = 6
"""Answers to one turn that are begun early and dropped; each is paid for. Who pauses more often than that is
answered when the turn is over."""


class Replying:
    """Where `Hearing` and `Stage` meet. `consider` is to be called whenever something has changed that an
    answer may wait for."""

    def __init__(
        self,
        *,
        rules: TurnTaking,
        language: str,
        hearing: Hearing,
        stage: Stage,
        presence: Presence,
        agenda: Agenda,
        silence: SilenceWatch,
        own_voice: OwnVoice,
        answerer: AnswerPolicy | None,
        report: Reporter,
        effects: Effects,
    ) -> None:
        self._rules = rules
        self._hearing = hearing
        self._stage = stage
        self._presence = presence
        self._agenda = agenda
        self._silence = silence
        self._own_voice = own_voice
        self._answerer = answerer
        self._report = report
        self._effects = effects
        self._barge_in = BargeIn(rules, language)

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
        self.consider(now_ms)

    def sign(self, sign: TurnSign, now_ms: int) -> None:
        """What the transcriber's own turn detector says."""
        self._hearing.sign(sign, now_ms)
        self.consider(now_ms)

    def judged(self, utterance: int, completeness: float, now_ms: int) -> None:
        """What the turn model makes of a pause: 0 (goes on) to 1 (is over)."""
        self._hearing.judged(utterance, completeness, now_ms)
        self.consider(now_ms)

    def change_language(self, language: str) -> None:
        """The caller speaks `language` from here on."""
        self._hearing.language = language
        self._barge_in = BargeIn(self._rules, language)

    def changed(self, change: Change, now_ms: int) -> None:
        """The caller has begun to speak, pauses, or is at the end."""
        caller = self._hearing.turn
        if caller is None:
            return
        if change is Change.STARTED:
            self._yield_to_caller()
            self._own_voice.begin(caller)
        else:
            self.consider(now_ms)

    def consider(self, now_ms: int) -> None:
        """Whether the caller's turn can be answered, as it is now known."""
        caller = self._hearing.turn
        if caller is None or self._hearing.speaking or not caller.settled:
            return
        if self._is_own_voice(caller):
            self._hearing.turn = None
        elif self._presence.quiet and not self._stage.closing:
            if caller.decided_ms is not None:
                if self._presence.muted:
                    self._effects.overheard(caller.text)
                self.overhear(caller)
        elif self._is_heard_out(caller, now_ms):
            self._begin_answer(caller)

    def last_words(self) -> None:
        """Reports the caller's turn that nothing answered any more."""
        if self._hearing.turn is not None:
            self.overhear(self._hearing.turn)

    def overhear(self, caller: CallerTurn) -> None:
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

    def talked_over(self, now_ms: int) -> None:
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
            self.overhear(caller)
        return False

    def _settle_interruption(self, caller: CallerTurn) -> bool:
        """Of what made the agent fall silent the transcript is there: words, or nothing."""
        if caller.text and not self._barge_in.ignores(caller.text):
            self._stage.cut_off()
            return True
        if caller.decided_ms is not None:
            if caller.text:
                self.overhear(caller)
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
        if self._answerer is not None:
            self._answerer.caller_answered()
        last = caller.last
        timing = Timing(caller.ended_ms, transcript_asked=last.asked_ms, transcript_got=last.got_ms)
        silent = self._answerer is not None and self._answerer.in_menu
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

    def _is_own_voice(self, caller: CallerTurn) -> bool:
        return caller.over_agent and self._own_voice.explains(caller, self._stage.said_lately)
