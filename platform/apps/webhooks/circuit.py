"""Which hooks are left alone for a while because they fail. Pure, in the memory of one process."""

from __future__ import annotations

import threading
from dataclasses import dataclass

AFTER = 5
"""Failures in a row."""

REST_S = 30.0
AT_ONCE = 32
"""Questions that wait for one hook's answer, in one process."""

KEPT = 10_000


@dataclass(slots=True)
class _Hook:
    failures: int = 0
    rests_until: float = 0.0
    asking: int = 0


class Circuits:
    """Of all hooks, by a key of theirs. Times are `time.monotonic`'s.

    Calls that come at once all reach `begin`, in threads of their own. When a rest is over one question
    goes out, and what comes of it decides for the others.
    """

    def __init__(self) -> None:
        self._hooks: dict[str, _Hook] = {}
        self._lock = threading.Lock()

    def begin(self, key: str, *, now: float) -> str:
        """Why the hook is not asked now, in words; empty: it is being asked until `end`."""
        with self._lock:
            hook = self._hooks.setdefault(key, _Hook())
            if hook.rests_until > now:
                left = max(1, round(hook.rests_until - now))
                return f"It failed {hook.failures} times in a row, and is asked again in {left} s."
            if hook.failures >= AFTER and hook.asking:
                return f"It failed {hook.failures} times in a row, and is being tried again."
            if hook.asking >= AT_ONCE:
                return f"{AT_ONCE} calls wait for its answer already."
            hook.asking += 1
            return ""

    def end(self, key: str, *, now: float, ok: bool) -> None:
        """The question that `begin` allowed is over; `ok`: with an answer that can be used."""
        with self._lock:
            hook = self._hooks.setdefault(key, _Hook(asking=1))
            hook.asking -= 1
            hook.failures = 0 if ok else hook.failures + 1
            hook.rests_until = now + REST_S if hook.failures >= AFTER else 0.0
            if ok and not hook.asking:
                del self._hooks[key]
            if len(self._hooks) > KEPT:
                self._tidy(now)

    def _tidy(self, now: float) -> None:
        """Hooks that were changed or deleted leave theirs behind."""
        idle = [key for key, hook in self._hooks.items() if not hook.asking and hook.rests_until <= now]
        for key in idle:
            del self._hooks[key]
