"""What an agent can do to its own call beside talking; the runtime does it.

Nothing here raises: what went wrong is told in words, which the model says in its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from media_workers.contract.tools import CollectDigitsTool
from media_workers.contract.transfers import TransferTarget

IMPOSSIBLE = "This is not possible in this call."


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of it. `words` are for the model; `over`: the agent is out of the call, or another goes on
    with it, so that the model is not asked any more."""

    ok: bool
    words: str
    over: bool = False


class CallControl(Protocol):
    """On the loop. Each returns when it is decided how it went."""

    async def transfer(self, target: TransferTarget) -> Deed:
        """Somebody outside the call; `target.agent` is None."""

    async def hand_over(self, target: TransferTarget) -> Deed:
        """`target.agent` goes on with the call."""

    async def send_digits(self, digits: str) -> Deed:
        """`digits`: 0-9, *, #, A-D, and w or a comma for half a second's pause."""

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        """Says the tool's prompt, and waits for keys."""

    async def leave_voicemail(self) -> Deed: ...

    async def switch_language(self, language: str) -> Deed:
        """`language`: a BCP 47 tag, one of the agent's."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The keys that were pressed, without the terminator. `trouble`: why they are not enough, in words."""

    digits: str
    trouble: str = ""


class NoControl:
    """Of a conversation that nobody carries: a test bench, a simulation by text."""

    async def transfer(self, target: TransferTarget) -> Deed:
        return Deed(False, IMPOSSIBLE)

    async def hand_over(self, target: TransferTarget) -> Deed:
        return Deed(False, IMPOSSIBLE)

    async def send_digits(self, digits: str) -> Deed:
        return Deed(False, IMPOSSIBLE)

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        return Collected("", IMPOSSIBLE)

    async def leave_voicemail(self) -> Deed:
        return Deed(False, IMPOSSIBLE)

    async def switch_language(self, language: str) -> Deed:
        return Deed(False, IMPOSSIBLE)
