"""When a call may begin to speak, when its time is up, and when it is hung up."""

from __future__ import annotations

from dataclasses import dataclass

from media_workers.contract.events import EndReason
from media_workers.conversation.speaking import AgentTurn

FIRST_WORDS_MS = 200
"""After the answer the agent waits this long for a packet, so that its greeting is not cut off."""

TAIL_MS = 200
"""From the last frame to the hang-up: what is still in buffers on the way must arrive."""

CLOSING_LIMIT_MS = 20_000
"""Last words may take this long; then the call ends in the middle of them."""

MS_PER_CHARACTER = 75
"""Of speech, slowly spoken."""

BEFORE_WORDS_MS = 2_000
"""Until last words begin: the agent finishes its sentence, and a voice is asked for them."""

Ending = tuple[EndReason, str]


@dataclass(frozen=True, slots=True)
class Times:
    """How long a call may be, what is said then (`farewell`), and, `warning_ms` before, `warning`; what is
    said when its money ends (`money_ended`)."""

    max_duration_ms: int
    farewell: str = ""
    warning_ms: int | None = None
    warning: str = ""
    money_ended: str = ""


class Limits:
    """Monotonic ms throughout. The call is hung up once, for the reason given last."""

    def __init__(self, times: Times) -> None:
        self._max_duration_ms = times.max_duration_ms
        self._warning_ms = times.warning_ms
        self._money_words_ms = words_ms(times.money_ended)
        self._paid_ms: int | None = None
        self._answered_ms = 0
        self._packet_seen = False
        self._ending: Ending | None = None
        self._hang_up_ms = 0
        self._hung_up = False

    def answered(self, now_ms: int) -> None:
        self._answered_ms = now_ms

    def received(self, energy: float) -> None:
        """A frame of the caller; silence may be ours, made up while no packets arrive."""
        self._packet_seen = self._packet_seen or energy > 0

    def may_speak(self, now_ms: int) -> bool:
        return self._packet_seen or now_ms - self._answered_ms >= FIRST_WORDS_MS

    def time_is_up(self, now_ms: int) -> bool:
        return now_ms - self._answered_ms >= self._max_duration_ms

    def pay_until(self, paid_ms: int | None) -> None:
        """The call's money lasts for `paid_ms` from the answer; None: it does not end. The last that was told
        counts."""
        self._paid_ms = paid_ms

    def money_ends(self, now_ms: int) -> bool:
        """So little of what is paid is left that the last words have to begin."""
        paid_ms = self._paid_ms
        return paid_ms is not None and now_ms - self._answered_ms >= paid_ms - self._money_words_ms

    def warning_due(self, now_ms: int) -> bool:
        """Once, when so little of the time is left that the caller is to know it."""
        left_ms = self._answered_ms + self._max_duration_ms - now_ms
        if self._warning_ms is None or left_ms > self._warning_ms:
            return False
        self._warning_ms = None
        return True

    def end_after(self, turn: AgentTurn, now_ms: int) -> None:
        """`turn` has been played and ends the call."""
        self._end(turn, now_ms if turn.started_ms is None else now_ms + TAIL_MS)

    def end_during(self, closing: AgentTurn, now_ms: int) -> None:
        """However the last words go, the call ends for their reason."""
        self._end(closing, now_ms + CLOSING_LIMIT_MS)

    def due(self, now_ms: int) -> Ending | None:
        """Why to hang up now; given once."""
        if self._ending is None or self._hung_up or now_ms < self._hang_up_ms:
            return None
        self._hung_up = True
        return self._ending

    def _end(self, turn: AgentTurn, at_ms: int) -> None:
        self._ending = (turn.end_reason or EndReason.AGENT_HUNG_UP, turn.end_detail)
        self._hang_up_ms = at_ms


def words_ms(text: str) -> int:
    """How long before the end last words have to be begun, so that they are heard."""
    return min(BEFORE_WORDS_MS + MS_PER_CHARACTER * len(text), CLOSING_LIMIT_MS) if text else 0
