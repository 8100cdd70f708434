"""What is done about who answered: hang up, leave a message, answer a screening service, go through a menu.

A person is talked to as always. Everything here happens on the media clock with the conversation's lock held;
what it causes goes through `Hands`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from media_workers.contract.events import EndReason
from media_workers.conversation.answered_by.judge import Finding, Verdict
from media_workers.conversation.answered_by.watch import AnswerWatch
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.providers.base import Transcript

NO_BEEP_MS: Final = 2_500
"""After so much silence the message is left without a beep; one that comes later begins it again."""

REPLY_AFTER_MS: Final = 700
SCREENED_FOR_MS: Final = 60_000
"""How long a screening service may take to find its person."""

MENU_PAUSE_MS: Final = 1_600
"""Menus pause between their choices; that is nobody's turn to speak."""

MOST_REPLIES: Final = 3
ENOUGH_ANSWERS: Final = 6
"""Who has answered so often is a person; nobody listens for anything else any more."""

MENU_NOTE: Final = (
    "An automatic menu has answered. Nothing that you write is spoken to it. Listen to its choices and press "
    "keys with send_digits{goal}; when no choice fits yet, call nothing and wait."
)
PERSON_NOTE: Final = "A person is on the line now. Speak to them, and begin by saying who you are."
MACHINE_NOTE: Final = "An answering machine has taken the call."


@dataclass(frozen=True, slots=True)
class Rules:
    """`contract.tools.Voicemail` with its texts filled in; `language`: of the agent. `detect` false: nobody
    listens, but a message may still be left."""

    detect: bool
    action: str
    message: str
    beep_within_ms: int
    decide_within_ms: int
    screening_reply: str
    navigate: bool
    goal: str
    language: str


class Hands(Protocol):
    """What the floor does. Lock held."""

    def listen_only(self, on: bool, now_ms: int) -> None:
        """What the agent says stops, and it says nothing but commands and last words; what it hears is kept
        without an answer."""

    def begin(self, turn: AgentTurn) -> None:
        """The agent's next turn."""

    def say(self, text: str) -> None:
        """As soon as neither side speaks."""

    def say_last(self, turn: AgentTurn, now_ms: int) -> None:
        """At once, in place of whatever is being said; nothing interrupts them, and the call ends after."""

    def wait_at_least(self, ms: int) -> None:
        """Silence that the other side's turn ends with, at least; 0: as the agent has it."""

    @property
    def said_all(self) -> bool: ...


class _State(Enum):
    LISTENS = auto()
    WAITS_FOR_BEEP = auto()
    LEAVES = auto()
    SCREENED = auto()
    REPLIES = auto()
    WAITS_FOR_PERSON = auto()
    MENU = auto()
    OVER = auto()


class AnswerPolicy:
    """Of one call. `hands` is set before the first frame.

    `report(finding, beep)` tells who answered; `note` tells the agent's model something; `keep` stores who
    it is as a slot; `opening` makes the agent's first turn anew.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        report: Callable[[Finding, bool, int], None],
        note: Callable[[str], None],
        keep: Callable[[str, str], None],
        opening: Callable[[], AgentTurn],
    ) -> None:
        self._rules = rules
        self._report = report
        self._note = note
        self._keep = keep
        self._opening = opening
        self._watch = AnswerWatch(language=rules.language, decide_within_ms=rules.decide_within_ms)
        self._state = _State.LISTENS
        self._since_ms = 0
        self._replies = 0
        self._restarted = False
        self._told_to = False
        self._agent_spoke = False
        self._answers = 0
        self.hands: Hands

    @property
    def in_menu(self) -> bool:
        """A menu is being listened to: nothing is said to it."""
        return self._state is _State.MENU

    # --- what happens -------------------------------------------------------------------------------

    def on_frame(self, pcm: bytes, probability: float, energy: float, now_ms: int) -> None:
        if not self._attentive:
            return
        found = self._watch.feed(pcm, probability, energy)
        if self._beeps:
            self._beep(now_ms)
        if found is not None and self._rules.detect:
            self._found(found, now_ms)
        self._tick(now_ms)

    def heard(self, transcript: Transcript) -> None:
        """Words of the called side, as far as they are known."""
        if self._attentive:
            self._watch.heard(transcript)

    def agent_spoke(self) -> None:
        """The agent has said something to its end."""
        self._agent_spoke = True

    def caller_answered(self) -> None:
        """They have said something that the agent answers."""
        if self._agent_spoke and self._state is _State.LISTENS:
            self._agent_spoke = False
            self._answers += 1
            self._watch.answered()

    def pressed(self) -> None:
        """We have pressed keys: somebody else may answer now."""
        if self._attentive:
            self._watch.restart()

    def leave_message(self, now_ms: int) -> bool:
        """Because the model says so. False: the call is ending already."""
        if self._state in (_State.OVER, _State.LEAVES):
            return False
        self._told_to = True
        if self._state is not _State.WAITS_FOR_BEEP:
            self._wait_for_beep(now_ms)
        return True

    @property
    def _attentive(self) -> bool:
        if self._state is _State.LISTENS:
            return self._rules.detect and self._answers < ENOUGH_ANSWERS
        return self._state is not _State.OVER

    # --- who it is ----------------------------------------------------------------------------------

    def _found(self, found: Finding, now_ms: int) -> None:
        self._report(found, False, now_ms)
        acts: dict[Verdict, Callable[[Finding, int], None]] = {
            "human": self._human,
            "machine": self._machine,
            "screening": self._screening,
            "menu": self._menu,
        }
        if found.verdict in acts and self._state not in (_State.LEAVES, _State.OVER):
            acts[found.verdict](found, now_ms)

    def _human(self, found: Finding, now_ms: int) -> None:
        if self._state is _State.LISTENS or self._told_to:
            return
        before, self._state = self._state, _State.LISTENS
        self._keep("answered_by", "human")
        if before is _State.MENU:
            self.hands.wait_at_least(0)
            self._note(PERSON_NOTE)
            return
        self.hands.listen_only(False, now_ms)
        self.hands.begin(self._opening())

    def _machine(self, found: Finding, now_ms: int) -> None:
        if self._state is _State.MENU:
            self.hands.wait_at_least(0)
        if self._rules.action == "continue":
            self._state = _State.LISTENS
            self._keep("answered_by", "machine")
            self._note(MACHINE_NOTE)
        elif self._rules.action == "leave_message" and self._watch.records:
            if self._state is not _State.WAITS_FOR_BEEP:
                self._wait_for_beep(now_ms)
        else:
            self._hang_up(_detail(found), now_ms)

    def _screening(self, found: Finding, now_ms: int) -> None:
        if self._replies < MOST_REPLIES:
            self._go(_State.SCREENED, now_ms)
            self.hands.listen_only(True, now_ms)

    def _menu(self, found: Finding, now_ms: int) -> None:
        self._keep("answered_by", "menu")
        if not self._rules.navigate or self._state is _State.MENU:
            return
        self._go(_State.MENU, now_ms)
        # What is being said stops; what comes next is the model's, who presses keys.
        self.hands.listen_only(True, now_ms)
        self.hands.listen_only(False, now_ms)
        self.hands.wait_at_least(MENU_PAUSE_MS)
        self._note(MENU_NOTE.format(goal=f", to reach this: {self._rules.goal}" if self._rules.goal else ""))

    # --- machines -----------------------------------------------------------------------------------

    def _wait_for_beep(self, now_ms: int) -> None:
        self._go(_State.WAITS_FOR_BEEP, now_ms)
        self.hands.listen_only(True, now_ms)
        if self._beeps:
            self._beep(now_ms)

    @property
    def _beeps(self) -> bool:
        """A beep has ended with this frame."""
        return self._watch.tone is not None and self._watch.tone.kind in ("beep", "cng")

    def _beep(self, now_ms: int) -> None:
        if self._state is _State.WAITS_FOR_BEEP:
            self._report(self._watch.finding, True, now_ms)
            self._leave(now_ms, "after the beep")
        elif self._state is _State.LEAVES and not self._restarted:
            self._restarted = True
            self._report(self._watch.finding, True, now_ms)
            self._leave(now_ms, "after the beep")

    def _leave(self, now_ms: int, when: str) -> None:
        self._go(_State.LEAVES, now_ms)
        detail = f"A message was left {when}."
        turn = AgentTurn(
            Kind.CLOSING, text=self._rules.message, end_reason=EndReason.VOICEMAIL, end_detail=detail
        )
        self.hands.say_last(turn, now_ms)

    def _hang_up(self, why: str, now_ms: int) -> None:
        self._go(_State.OVER, now_ms)
        turn = AgentTurn(Kind.CLOSING, end_reason=EndReason.VOICEMAIL, end_detail=why)
        self.hands.say_last(turn, now_ms)

    def _go(self, state: _State, now_ms: int) -> None:
        self._state, self._since_ms = state, now_ms

    # --- time ---------------------------------------------------------------------------------------

    def _tick(self, now_ms: int) -> None:
        quiet_ms, passed_ms = self._watch.quiet_ms, now_ms - self._since_ms
        if self._state is _State.WAITS_FOR_BEEP:
            # The silence may have begun before it was known who is there; the beep comes after the words.
            if quiet_ms >= NO_BEEP_MS:
                self._leave(now_ms, "without a beep")
            elif passed_ms >= self._rules.beep_within_ms:
                self._hang_up("The answering machine came to no end.", now_ms)
        elif self._state is _State.SCREENED and quiet_ms >= REPLY_AFTER_MS:
            self._replies += 1
            self._go(_State.REPLIES, now_ms)
            self.hands.say(self._rules.screening_reply)
        elif self._state is _State.REPLIES and self.hands.said_all:
            self._go(_State.WAITS_FOR_PERSON, now_ms)
            self._watch.restart()
        elif self._state is _State.WAITS_FOR_PERSON and passed_ms >= SCREENED_FOR_MS:
            self._go(_State.LISTENS, now_ms)
            self.hands.listen_only(False, now_ms)


def _detail(found: Finding) -> str:
    return f"Told by: {', '.join(found.signals[:3])}." if found.signals else ""
