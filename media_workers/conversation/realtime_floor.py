"""Who has the floor when the model hears and speaks itself: the vendor decides when a turn is over and when
the agent is interrupted; here is decided what the caller hears of it, and everything that is not speech.

Nothing here locks, awaits or calls a vendor: `RealtimeConversation` does, and calls every method with its
lock held. What a decision causes goes through `Effects`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from media_workers.contract.agent import SilencePolicy, TurnTaking
from media_workers.contract.events import EndReason, TurnUsage
from media_workers.contract.tools import KeyInput
from media_workers.conversation.account import Account, Ledger
from media_workers.conversation.answering import spoken
from media_workers.conversation.keys import Keys, Typed
from media_workers.conversation.limits import Limits, Times
from media_workers.conversation.realtime_hearing import RealtimeHearing
from media_workers.conversation.realtime_turns import Order, SpokenAnswer, agent_turn
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.providers.base import ProviderError, Served, UserInput
from media_workers.providers.llm.chat_history import OPENING, told

SHOWN_EVERY_MS = 400
"""How often the live transcript of the agent grows."""

MOST_AHEAD_MS = 20 * 60_000
"""Of audio that waits to be played: a vendor that sends without end is left."""


class Effects(Protocol):
    """What a decision causes. Each returns at once and keeps the order of the calls."""

    def speak(self, text: str) -> None: ...

    def tell(self, text: str) -> None: ...

    def cut(self, answer: str, heard_ms: int) -> None: ...

    def fail(self, error: ProviderError) -> None:
        """The vendor is of no use any more."""

    def hang_up(self, reason: EndReason, detail: str) -> None: ...


class RealtimeFloor:
    """`answers` are played one after the other. `closing`: no answer is begun any more but last words."""

    def __init__(
        self,
        *,
        rules: TurnTaking,
        silence: SilencePolicy,
        times: Times,
        answer_limit_ms: int,
        end_call_phrases: Sequence[str],
        served: Served,
        report: Reporter,
        ledger: Ledger,
        effects: Effects,
        keys: Keys | None = None,
    ) -> None:
        self._keys = keys or Keys(KeyInput(), Secrecy())
        self._answer_limit_ms = answer_limit_ms
        self._goodbyes = [p for p in map(spoken, end_call_phrases) if p.strip()]
        self._served = served
        self._report = report
        self._ledger = ledger
        self._effects = effects
        self._times = times
        self._silence = SilenceWatch(silence)
        self._limits = Limits(times)
        self._order = Order()
        self._commands: deque[str] = deque()
        self._hearing = RealtimeHearing(rules, order=self._order, report=report)
        self._gone: dict[str, Account] = {}
        self._awaited_ms: int | None = None
        self._last_words = False
        self._ticked_ms = -1
        self._held = False
        self._spoke_last = False
        self._gone_for_good = False
        self._ending: AgentTurn | None = None
        self.detector = self._hearing.detector
        self.answers: deque[SpokenAnswer] = deque()
        self.closing = False

    # --- the call begins and ends -------------------------------------------------------------------

    def answered(self, first_message: str, now_ms: int, since_ms: int | None = None) -> None:
        """`since_ms`: when the call was answered, if that was earlier, by another agent."""
        self._limits.answered(now_ms if since_ms is None else since_ms)
        self._awaited_ms = now_ms
        if first_message:
            self._effects.speak(first_message)
        else:
            self._effects.tell(OPENING)

    def answered_broken(self, now_ms: int) -> None:
        """The call is up, and nobody is there to speak: `fallback` follows."""
        self._limits.answered(now_ms)

    @property
    def expecting(self) -> bool:
        """The model still owes its last words."""
        return self._last_words

    def close(self, text: str, reason: EndReason, now_ms: int, detail: str = "") -> None:
        """Has the model say last words, after what is being said, and hangs up. The first reason stands."""
        if self.closing:
            return
        self._ends(reason, detail, now_ms)
        if text:
            self._last_words = True
            self._effects.speak(text)

    def fallback(self, answer: SpokenAnswer, reason: EndReason, detail: str, now_ms: int) -> None:
        """The vendor is gone: `answer`, of another voice, is the last that is heard."""
        self._awaited_ms = None
        self.cut(now_ms)
        if not self.closing:
            self._ends(reason, detail, now_ms)
        self._last_words = False
        self.answers.append(answer)

    def nothing_more(self) -> None:
        """The vendor is gone while its last words are played: those that are here are all."""
        for answer in self.answers:
            answer.complete = True

    def ends_call(self, now_ms: int) -> bool:
        """The model hangs up. False: it has not said a word of goodbye, and is to do so first."""
        spoken = bool(self.answers) or self._spoke_last
        if not self.closing:
            self._ends(EndReason.AGENT_HUNG_UP, "", now_ms)
            self._last_words = not spoken
        return spoken

    def hold(self, held: bool) -> None:
        self._held = held
        if not held:
            self._silence.agent_spoke()

    def pay_until(self, paid_ms: int | None) -> None:
        """The call's money lasts for `paid_ms` from the answer: it ends by then, with last words."""
        self._limits.pay_until(paid_ms)

    @property
    def held(self) -> bool:
        return self._held

    def ended(self, now_ms: int) -> None:
        """The leg is gone: nothing more is said."""
        self._gone_for_good = self.closing = True
        self.cut(now_ms)

    @property
    def settled(self) -> bool:
        """Nothing is being transcribed any more."""
        return self._hearing.settled

    def last_words(self) -> None:
        self._order.flush(all=True)

    def _ends(self, reason: EndReason, detail: str, now_ms: int) -> None:
        ending = agent_turn(Kind.CLOSING)
        ending.end_reason, ending.end_detail = (reason, detail)
        self.closing = True
        self._commands.clear()
        self._limits.end_during(ending, now_ms)
        self._ending = ending

    # --- media clock --------------------------------------------------------------------------------

    def on_frame(self, probability: float, energy: float, now_ms: int) -> None:
        self._limits.received(energy)
        if not self._held:
            self.detector.feed(probability, energy, now_ms)
        self._tick(now_ms)

    def next_frame(self, now_ms: int) -> bytes | None:
        if self._gone_for_good:
            return None
        self._tick(now_ms)
        if self._held or not self._limits.may_speak(now_ms):
            return None
        while self.answers:
            answer = self.answers[0]
            if (frame := answer.next_frame()) is not None:
                self._played(answer, now_ms)
                return frame
            if not answer.finished:
                return None
            self.answers.popleft()
            self._done(answer)
        return None

    def _played(self, answer: SpokenAnswer, now_ms: int) -> None:
        turn = answer.turn
        turn.last_frame_ms = now_ms
        if turn.started_ms is None:
            turn.started_ms = now_ms
            if turn.timing is not None:
                turn.timing.first_frame = now_ms
            self._order.add(lambda: answer not in self.answers, lambda: self._tell(answer))
        if answer.played_ms - turn.shown >= SHOWN_EVERY_MS:
            turn.shown = answer.played_ms
            self._report.partial("agent", answer.heard(), now_ms)

    def _tell(self, answer: SpokenAnswer) -> None:
        interrupted = not answer.finished
        index = self._report.agent_turn(answer.report(), interrupted=interrupted)
        if interrupted and answer.turn.cut_ms:
            self._report.barge_in(answer.turn, index, answer.turn.cut_ms)

    def _done(self, answer: SpokenAnswer) -> None:
        """All of it has been played, or there was nothing to play."""
        self._silence.agent_spoke()
        self._spoke_last = answer.turn.started_ms is not None
        if not self._spoke_last:
            self._ledger.silent(answer.turn.account)
        self._order.flush()

    def _tick(self, now_ms: int) -> None:
        """What only time decides; once per moment."""
        if now_ms <= self._ticked_ms:
            return
        self._ticked_ms = now_ms
        if (ending := self._limits.due(now_ms)) is not None:
            self._effects.hang_up(*ending)
        self._type_what_is_due(now_ms)
        for turn, text in self._hearing.overdue(now_ms):
            self.caller_said(turn, text, final=True, now_ms=now_ms)
        late = self._awaited_ms is not None and now_ms - self._awaited_ms > self._answer_limit_ms
        if late and not self.closing:
            self._awaited_ms = None
            detail = f"did not answer within {self._answer_limit_ms} ms"
            self._effects.fail(ProviderError("realtime", self._served.vendor, detail))
        elif self.closing:
            self._finish(late, now_ms)
        else:
            self._say_what_is_due(now_ms)

    def _finish(self, late: bool, now_ms: int) -> None:
        """Hangs up once the last words have been played, or are not to be had."""
        if not self.answers and (not self._last_words or late):
            self._last_words = False
            if (ending := self._ending) is not None:
                self._ending = None
                self._limits.end_after(ending, now_ms)

    def _say_what_is_due(self, now_ms: int) -> None:
        if self._limits.money_ends(now_ms):
            self.close(self._times.money_ended, EndReason.MONEY_ENDED, now_ms)
            return
        if self._limits.time_is_up(now_ms):
            self.close(self._times.farewell, EndReason.MAX_DURATION, now_ms)
            return
        if self._limits.warning_due(now_ms) and self._times.warning:
            self._commands.append(self._times.warning)
        if self._commands and self._idle:
            self._say(self._commands.popleft(), now_ms)
        elif (prompt := self._silence.tick(self._idle, now_ms)) is not None:
            if prompt.last:
                self.close(prompt.text, EndReason.SILENCE, now_ms)
            else:
                self._say(prompt.text, now_ms)

    def _say(self, text: str, now_ms: int) -> None:
        self._awaited_ms = now_ms
        self._effects.speak(text)

    @property
    def _idle(self) -> bool:
        waiting = self._awaited_ms is not None or bool(self.answers) or self._held
        return not waiting and self.detector.quiet

    # --- told by the vendor, on the loop --------------------------------------------------------------

    def asked(self, now_ms: int) -> None:
        self._awaited_ms = now_ms

    def working(self) -> None:
        """A function runs: nobody waits for the vendor."""
        self._awaited_ms = None

    def caller_speaks(self, turn: str, interrupts: bool, now_ms: int) -> None:
        self._hearing.begins(turn, now_ms)
        self._spoke_last = False
        self._silence.caller_spoke()
        if interrupts and not self.closing:
            self._awaited_ms = None
            self.cut(now_ms, barge_in=True)

    def caller_pauses(self, now_ms: int) -> None:
        self._hearing.pauses(now_ms)

    def caller_said(self, turn: str, text: str, *, final: bool, now_ms: int) -> None:
        if text:
            self._spoke_last = False
            self._silence.caller_spoke()
        self._hearing.said(turn, text, final=final, now_ms=now_ms)

    def audio(self, id: str, pcm: bytes, now_ms: int) -> None:
        if sum(answer.ahead_ms for answer in self.answers) > MOST_AHEAD_MS:
            self._effects.fail(ProviderError("realtime", self._served.vendor, "sent audio without end"))
            return
        if (answer := self._answer(id, now_ms)) is not None:
            timing = answer.turn.timing
            if timing is not None and timing.audio_got is None:
                timing.audio_got = now_ms
            answer.add(pcm)

    def words(self, id: str, text: str, now_ms: int) -> None:
        if (answer := self._answer(id, now_ms)) is not None:
            timing = answer.turn.timing
            if timing is not None and timing.token_got is None:
                timing.token_got = now_ms
            answer.text += text
            said = spoken(answer.text) if self._goodbyes and not self.closing else ""
            if any(goodbye in said for goodbye in self._goodbyes):
                self._ends(EndReason.AGENT_HUNG_UP, "", now_ms)

    def done(self, id: str, usage: TurnUsage) -> None:
        self._awaited_ms = None
        for answer in self.answers:
            if answer.id == id:
                answer.complete = True
                self._ledger.spend(answer.turn.account, usage)
                return
        account = self._gone.pop(id, None)
        if account is None:
            self._ledger.silent(account := Account())
        self._ledger.spend(account, usage)

    def _answer(self, id: str, now_ms: int) -> SpokenAnswer | None:
        """The answer of that name, begun if it is new; None when nobody is to hear it."""
        self._awaited_ms = None
        for answer in self.answers:
            if answer.id == id:
                return answer
        if id in self._gone or (self.closing and not self._last_words):
            self._gone.setdefault(id, Account())
            return None
        self._last_words = False
        turn = agent_turn(Kind.CLOSING if self.closing else Kind.REPLY)
        turn.timing = self._hearing.timing()
        self._ledger.served(turn.account, "realtime", self._served)
        answer = SpokenAnswer(id, turn)
        self.answers.append(answer)
        return answer

    # --- the caller's other ways ----------------------------------------------------------------------

    def cut(self, now_ms: int, *, barge_in: bool = False) -> None:
        """Silence from the next frame on; the model learns what was heard."""
        while self.answers:
            answer = self.answers.popleft()
            turn = answer.turn
            self._gone[answer.id] = turn.account
            turn.cut_ms = now_ms if barge_in else 0
            if turn.started_ms is None:
                self._ledger.drop(turn.account)
            self._effects.cut(answer.id, answer.played_ms)
        self._order.flush()

    def digit(self, digit: str, now_ms: int) -> None:
        press = self._keys.pressed(digit, now_ms)
        self._spoke_last = False
        if (press.first or press.awaited) and not self.closing:
            self.cut(now_ms)
        self._silence.caller_spoke()
        self._order.add(lambda: True, lambda: self._report.key(digit, now_ms, masked=press.masked))
        if press.typed is not None:
            self._typed(press.typed, now_ms, turn=not press.awaited)

    def _typed(self, typed: Typed, now_ms: int, *, turn: bool) -> None:
        """A number is complete: it is told the model, unless a function has waited for it."""
        if turn and not self.closing:
            self._awaited_ms = now_ms
            self._effects.tell(told(UserInput(dtmf=typed.digits), begun=True))
        self._order.add(lambda: True, lambda: self._report.typed(typed.digits, now_ms, masked=typed.masked))

    def _type_what_is_due(self, now_ms: int) -> None:
        awaited = self._keys.awaited
        agent_ms = self.answers[0].turn.last_frame_ms if self.answers else 0
        if (typed := self._keys.due(now_ms, agent_ms)) is not None:
            self._typed(typed, now_ms, turn=not awaited)

    def say(self, text: str) -> None:
        """Speaks `text` as soon as neither side speaks."""
        if not self.closing:
            self._commands.append(text)
