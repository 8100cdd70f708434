"""The gate as part of a line: asks it about each request, answers, and counts what was turned away."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable

from media_workers.sip import gate, hook

log = logging.getLogger(__name__)

LOG_EVERY_S = 60.0


class Door:
    """Owner thread only, except `turned_away`, which anyone may read: how many requests were refused or
    dropped, by reason.

    The text of a request is the one in pjsip's message log, written just before the module hears of it.
    """

    def __init__(
        self, capacity: Callable[[], int], leg_of: Callable[[str], gate.DialogEvents | None]
    ) -> None:
        self.turned_away: Counter[str] = Counter()
        self._capacity = capacity
        self._leg_of = leg_of
        self._entry = ""
        self._hook: hook.RequestHook | None = None
        self._gate: gate.Gate | None = None
        self._log_at: dict[str, float] = {}

    def open(self, contact: str) -> None:
        """From now on requests pass here. After the endpoint's initialisation."""
        self._gate = gate.Gate(self, contact)
        self._hook = hook.RequestHook(self._take)
        self._hook.keep_capabilities(hook.ALLOW, gate.ALLOW)
        self._hook.keep_capabilities(hook.SUPPORTED, gate.SUPPORTED)

    def logged(self, entry: str) -> None:
        """Takes an entry of pjsip's log."""
        if entry.startswith("RX "):
            self._entry = entry

    @property
    def full(self) -> bool:
        """pjsip has no slot for one more call."""
        return self._hook is not None and self._hook.calls() >= self._capacity()

    def find(self, call_id: str, local_tag: str, remote_tag: str) -> gate.DialogEvents | None:
        """The leg of that dialog."""
        if self._hook is None or not self._hook.in_dialog(call_id, local_tag, remote_tag):
            return None
        return self._leg_of(call_id)

    def _take(self, name: str, handle: int) -> bool:
        first_line, _, text = self._entry.partition("\n")
        if self._gate is None or self._hook is None or name not in first_line:
            return False
        verdict = self._gate.judge(gate.read_request(text.partition("\n--end msg--")[0]))
        if verdict == "pass":
            return False
        source = first_line.partition(" from ")[2].strip().rstrip(":")
        if verdict == "drop":
            self._count("a scanner", source)
        else:
            if verdict.why:
                self._count(verdict.why, source)
            self._hook.respond(handle, verdict.code, verdict.reason, verdict.headers)
        return True

    def _count(self, why: str, source: str) -> None:
        """Once a minute for each reason: floods are no news."""
        self.turned_away[why] += 1
        now = time.monotonic()
        if now >= self._log_at.get(why, 0.0):
            self._log_at[why] = now + LOG_EVERY_S
            log.warning("turned away: %s, from %s (%d so far)", why, source, self.turned_away[why])
