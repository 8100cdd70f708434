"""The gate as part of a line: asks it about each request, answers, and counts what was turned away."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable

from media_workers.sip import gate, hook, screen

log = logging.getLogger(__name__)

LOG_EVERY_S = 60.0
ANSWERS_PER_S = 50
"""So many unreadable requests are answered in a second; a flood is not."""

_SIZE = re.compile(r"RX (\d+) bytes")
_DROPPING = re.compile(r"Dropping \d+ bytes packet from UDP\d? (?:IPv6 )?(\S+)")
_DROPPED = "Dropped packet:"
_INCOMPLETE = re.compile(r"Error processing packet from (\S+): Missing required header[^\n]*:\r?\n")
_END = re.compile(r"(?:--end msg--|-- end of packet\.)\s*\Z")


class Door:
    """Owner thread only, except `turned_away`, which anyone may read: how many requests were refused or
    dropped, by reason.

    The text of a request is the one in pjsip's log: of its messages, written just before the modules
    hear of them, and of what it could not parse, of which no module hears.
    """

    def __init__(
        self, capacity: Callable[[], int], leg_of: Callable[[str], gate.DialogEvents | None]
    ) -> None:
        self.turned_away: Counter[str] = Counter()
        self._capacity = capacity
        self._leg_of = leg_of
        self._entry = ""
        self._dropping = ""
        self._unreadable: list[tuple[str, bytes]] = []
        self._answered = (0, 0)
        self._hook: hook.RequestHook | None = None
        self._screen: hook.RequestHook | None = None
        self._gate: gate.Gate | None = None
        self._log_at: dict[str, float] = {}

    def open(self, contact: str) -> None:
        """From now on requests pass here. After the endpoint's initialisation."""
        self._gate = gate.Gate(self, contact)
        self._screen = hook.RequestHook(
            self._look, "mod-trunkline-screen", hook.BEFORE_TRANSACTIONS, take_response=self._look_at_response
        )
        self._hook = hook.RequestHook(self._take, "mod-trunkline-gate", hook.BEFORE_USER_AGENT)
        self._hook.keep_capabilities(hook.ALLOW, gate.ALLOW)
        self._hook.keep_capabilities(hook.SUPPORTED, gate.SUPPORTED)

    def logged(self, entry: str) -> None:
        """Takes an entry of pjsip's log."""
        if entry.startswith("RX "):
            self._entry = entry
        elif dropping := _DROPPING.match(entry):
            self._dropping = dropping[1]
        elif entry.startswith(_DROPPED):
            self._cannot_read(self._dropping, entry.removeprefix(_DROPPED))
            self._dropping = ""
        elif incomplete := _INCOMPLETE.match(entry):
            self._cannot_read(incomplete[1], entry[incomplete.end() :])

    def answer_unreadable(self, now: float) -> None:
        """Outside pjsip's callbacks: says 400 to what it could not parse. `now`: monotonic, s."""
        waiting, self._unreadable = self._unreadable, []
        for source, answer in waiting:
            second, count = self._answered
            self._answered = (int(now), count + 1 if int(now) == second else 1)
            if self._screen is not None and self._answered[1] <= ANSWERS_PER_S:
                self._screen.send_datagram(source, answer)

    @property
    def full(self) -> bool:
        """pjsip has no slot for one more call."""
        return self._hook is not None and self._hook.calls() >= self._capacity()

    def find(self, call_id: str, local_tag: str, remote_tag: str) -> gate.DialogEvents | None:
        """The leg of that dialog."""
        if self._hook is None or not self._hook.in_dialog(call_id, local_tag, remote_tag):
            return None
        return self._leg_of(call_id)

    def _cannot_read(self, source: str, text: str) -> None:
        answer = screen.answer_to_unreadable(_END.sub("", text))
        if source and answer is not None:
            self._count("a request that cannot be read", source)
            if len(self._unreadable) < ANSWERS_PER_S:
                self._unreadable.append((source, answer))

    def _look(self, name: str, handle: int) -> bool:
        """Every request, retransmissions too."""
        size, method = _SIZE.match(self._entry), _method(name)
        fault = screen.fault_of(self._text(), method, int(size[1])) if size and self._is_of(name) else ""
        if not fault or self._screen is None:
            return False
        self._count("a malformed request", self._source())
        if method != "ACK":
            self._screen.respond(handle, 400, f"Bad Request: {fault}", ())
        return True

    def _look_at_response(self, name: str, handle: int) -> bool:
        """What is no use is left out: the answer that counts comes later."""
        if not self._is_of(name) or not screen.is_useless_early_answer(self._text()):
            return False
        self._count("an early answer without usable audio", self._source())
        return True

    def _take(self, name: str, handle: int) -> bool:
        """Requests that belong to no transaction yet."""
        if self._gate is None or self._hook is None or not self._is_of(name):
            return False
        verdict = self._gate.judge(gate.read_request(self._text(), _method(name)))
        if verdict == "pass":
            return False
        if verdict.why:
            self._count(verdict.why, self._source())
        if isinstance(verdict, gate.Answer):
            self._hook.respond(handle, verdict.code, verdict.reason, verdict.headers)
        return True

    def _is_of(self, name: str) -> bool:
        return name in self._entry.partition("\n")[0]

    def _text(self) -> str:
        return _END.sub("", self._entry.partition("\n")[2])

    def _source(self) -> str:
        return self._entry.partition("\n")[0].partition(" from ")[2].strip().rstrip(":")

    def _count(self, why: str, source: str) -> None:
        """Once a minute for each reason: floods are no news."""
        self.turned_away[why] += 1
        now = time.monotonic()
        if now >= self._log_at.get(why, 0.0):
            self._log_at[why] = now + LOG_EVERY_S
            log.warning("turned away: %s, from %s (%d so far)", why, source, self.turned_away[why])


def _method(name: str) -> str:
    """Of `Request msg INVITE/cseq=1 (rdata0x...)`."""
    return name.removeprefix("Request msg ").rpartition("/cseq=")[0]
