"""When a request that changes or refreshes a session may be tried again after a 491 (RFC 3261, 14.1).

pjsip does not try again (pjproject #1169), not even when it was its own refresh of the session timer:
the call would end when the session expires. Time is a parameter.
"""

from __future__ import annotations

import random
from typing import Literal

CHANGES = ("INVITE", "UPDATE")


class GlareRetry:
    """The pending retry of one call. `owns_call_id`: the call was made by us; such a side waits longer,
    so that the two do not collide again."""

    def __init__(self, *, owns_call_id: bool) -> None:
        self._bounds_ms = (2_100, 4_000) if owns_call_id else (0, 2_000)
        self._due_at: float | None = None
        self._method: Literal["INVITE", "UPDATE"] = "INVITE"

    def answered(self, method: str, status: int | None, now: float) -> None:
        """A response to a request of ours (without a status it is none). `now` in seconds, monotonic."""
        if method not in CHANGES or status is None:
            return
        if status == 491 and self._due_at is None:
            self._method = "UPDATE" if method == "UPDATE" else "INVITE"
            self._due_at = now + random.randint(*self._bounds_ms) // 10 / 100
        elif 200 <= status < 300:
            self._due_at = None

    def due(self, now: float) -> Literal["INVITE", "UPDATE"] | None:
        """What is to be sent again now; told once."""
        if self._due_at is None or now < self._due_at:
            return None
        self._due_at = None
        return self._method
