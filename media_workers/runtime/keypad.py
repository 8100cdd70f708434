"""Keys that the agent presses towards the other side of its call."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from media_workers.contract.events import Dtmf, EventBody
from media_workers.conversation.control import IMPOSSIBLE, Deed
from media_workers.conversation.secrecy import Secrecy

ALLOWED = re.compile(r"[0-9*#A-Dw,]{1,32}")
KEY_S = 0.2
"""From one key to the next, as they are sent."""

PAUSE_S = 0.5


@runtime_checkable
class _Presses(Protocol):
    def send_dtmf(self, digits: str) -> None: ...


class Keypad:
    """Of one call. `leg` gives what is connected; a browser has no keys to hear."""

    def __init__(
        self,
        leg: Callable[[], object],
        *,
        secrecy: Secrecy,
        emit: Callable[[EventBody], None],
        at: Callable[[], int],
    ) -> None:
        self._leg = leg
        self._secrecy = secrecy
        self._emit = emit
        self._at = at

    async def press(self, digits: str) -> Deed:
        """`w` and a comma wait for half a second."""
        leg = self._leg()
        if not isinstance(leg, _Presses):
            return Deed(False, IMPOSSIBLE)
        if not ALLOWED.fullmatch(digits):
            return Deed(False, "Error: give 1 to 32 of 0-9, *, #, A-D and w for a pause.")
        masked = self._secrecy.mask(digits) != digits
        for keys in re.findall(r"[0-9*#A-D]+|[w,]", digits):
            if keys in "w,":
                await asyncio.sleep(PAUSE_S)
                continue
            leg.send_dtmf(keys)
            for key in keys:
                self._emit(
                    Dtmf(digit="*" if masked else key, direction="out", masked=masked, at_ms=self._at())
                )
            await asyncio.sleep(KEY_S * len(keys))
        return Deed(True, f"The keys {self._secrecy.mask(digits)} have been pressed.")
