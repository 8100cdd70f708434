"""What the caller types: the number that a function waits for, or a turn of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from media_workers.contract.tools import CollectDigitsTool, KeyInput
from media_workers.conversation.control import Collected
from media_workers.conversation.secrecy import Secrecy

MOST_KEYS = 40
"""Of one number; who goes on pressing begins the next."""

FADES_MS = 600
"""So long after a key its tone may still be heard."""

SHORTEST_SECRET = 2
"""Keys; a single one is in every text by chance."""

NOTHING = "the caller has typed nothing"


@dataclass(frozen=True, slots=True)
class Typed:
    """Complete. `digits` without the terminator, unless there was nothing else."""

    digits: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A key. `first` of a turn; `awaited`: a function waits for it; `typed`: it makes something complete."""

    masked: bool
    first: bool = False
    awaited: bool = False
    typed: Typed | None = None


@dataclass(eq=False, slots=True)
class _Wanted:
    tool: CollectDigitsTool
    done: Callable[[Collected], None]
    since_ms: int
    digits: str = ""


def tell(found: asyncio.Future[Collected], collected: Collected) -> None:
    """On the loop; whoever waited may be gone."""
    if not found.done():
        found.set_result(collected)


class Keys:
    """Plain state on passed-in time. `rules`: how keys make a turn now. While something sensitive is typed,
    `secrecy` hides the caller's side, until the last tone has faded."""

    def __init__(self, rules: KeyInput, secrecy: Secrecy) -> None:
        self._own_rules = self._rules = rules
        self._secrecy = secrecy
        self._digits = ""
        self._pressed_ms = 0
        self._wanted: _Wanted | None = None
        self._hides = False
        self._spoken = False
        self._shows_ms: int | None = None

    @property
    def typing(self) -> bool:
        """A number has begun and is not complete."""
        return bool(self._digits) or self._wanted is not None

    @property
    def awaited(self) -> bool:
        """A function waits for a number."""
        return self._wanted is not None

    def expect(self, rules: KeyInput | None) -> None:
        """How keys make a turn from here on; None: as the agent has it. When what is asked for is sensitive,
        so is what is spoken."""
        self._rules = rules or self._own_rules
        spoken = rules is not None and rules.sensitive
        if spoken and not self._spoken:
            self._secrecy.begin()
        elif self._spoken and not spoken:
            self._secrecy.end()
        self._spoken = spoken

    def collect(self, tool: CollectDigitsTool, now_ms: int, done: Callable[[Collected], None]) -> None:
        """A function waits for a number; what was typed before is none of it. `done` is called once."""
        self.give_up(now_ms)
        self._digits = ""
        self._wanted = _Wanted(tool, done, now_ms)
        if tool.sensitive:
            self._hide()

    def give_up(self, now_ms: int) -> None:
        """Nobody waits any more."""
        self._wanted = None
        self._show_later(now_ms)

    def close(self) -> None:
        """The conversation is over."""
        self._wanted = None
        self.expect(None)
        self._show()

    def pressed(self, digit: str, now_ms: int) -> Press:
        self._pressed_ms = now_ms
        wanted = self._wanted
        if wanted is not None:
            return self._awaited(wanted, digit, now_ms)
        rules, first = self._rules, not self._digits
        if rules.sensitive:
            self._hide()
        ends = bool(rules.terminator) and digit == rules.terminator
        if not ends:
            self._digits += digit
        complete = ends or len(self._digits) >= min(rules.length, MOST_KEYS)
        typed = self._complete(digit, now_ms) if complete else None
        return Press(rules.sensitive, first=first, typed=typed)

    def due(self, now_ms: int, agent_spoke_ms: int) -> Typed | None:
        """What has become complete by waiting. `agent_spoke_ms`: the caller was asked until then."""
        if self._shows_ms is not None and now_ms >= self._shows_ms:
            self._show()
        wanted = self._wanted
        if wanted is not None:
            since_ms = max(wanted.since_ms, self._pressed_ms, agent_spoke_ms)
            late = now_ms - since_ms >= wanted.tool.timeout_ms
            return self._collected(wanted, now_ms) if late else None
        if self._digits and now_ms - self._pressed_ms >= self._rules.timeout_ms:
            return self._complete("", now_ms)
        return None

    def _complete(self, last: str, now_ms: int) -> Typed:
        digits, self._digits = self._digits or last, ""
        if self._rules.sensitive:
            self._show_later(now_ms)
            if len(digits) >= SHORTEST_SECRET:
                self._secrecy.keep("keys", digits)
        return Typed(digits, self._rules.sensitive)

    def _awaited(self, wanted: _Wanted, digit: str, now_ms: int) -> Press:
        tool = wanted.tool
        ends = bool(tool.terminator) and digit == tool.terminator
        if not ends:
            wanted.digits += digit
        complete = ends or len(wanted.digits) >= tool.max_digits
        typed = self._collected(wanted, now_ms) if complete else None
        return Press(tool.sensitive, awaited=True, typed=typed)

    def _collected(self, wanted: _Wanted, now_ms: int) -> Typed | None:
        """None: there is nothing to show."""
        self.give_up(now_ms)
        count, least = len(wanted.digits), wanted.tool.min_digits
        trouble = ""
        if not count:
            trouble = NOTHING
        elif count < least:
            trouble = f"the caller has typed {count} digits, and {least} are needed"
        wanted.done(Collected(wanted.digits, trouble))
        if wanted.tool.sensitive and count >= SHORTEST_SECRET:
            self._secrecy.keep(wanted.tool.save_as, wanted.digits)
        return Typed(wanted.digits, wanted.tool.sensitive) if count else None

    # --- hiding -----------------------------------------------------------------------------------

    def _hide(self) -> None:
        self._shows_ms = None
        if not self._hides:
            self._hides = True
            self._secrecy.begin()

    def _show_later(self, now_ms: int) -> None:
        if self._hides:
            self._shows_ms = now_ms + FADES_MS

    def _show(self) -> None:
        self._shows_ms = None
        if self._hides:
            self._hides = False
            self._secrecy.end()
