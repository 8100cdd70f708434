"""Calls at a rate: INVITE, 200, ACK and BYE, one after the other however slow the answers are.

One UDP socket and one thread; the time of an answer is the kernel's (see `sip_caller`). A call fails
when its INVITE or BYE gets another final answer than 200, or none within `PATIENCE_S`.
"""

from __future__ import annotations

import heapq
import itertools
import random
import re
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.sip_caller import Message, new_branch, receive, sdp, stamped_socket

PATIENCE_S = 3.0
T1_S = 0.5
Address = tuple[str, int]


@dataclass
class Rate:
    """What so many calls a second came to. `setup_ms`: INVITE to 200 of each call that came up."""

    per_second: float
    calls: int = 0
    setup_ms: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    def failed(self, why: str) -> None:
        self.failures[why] = self.failures.get(why, 0) + 1


@dataclass
class _Call:
    target: Address
    branch: str
    sent_ns: int
    text: str
    resend_at: float
    give_up_at: float
    waiting_for: str = "INVITE"


class CallRate:
    """Calls `targets` in turn, and each time the next of `numbers`, from `host`."""

    def __init__(self, targets: Sequence[Address], numbers: Sequence[str], host: str = "127.0.0.1") -> None:
        self._targets = targets
        self._numbers = itertools.cycle(numbers)
        self._sock = stamped_socket(host)
        self._host, self._port = self._sock.getsockname()
        self._calls: dict[str, _Call] = {}
        self._timers: list[tuple[float, str]] = []

    def close(self) -> None:
        self._sock.close()

    def measure(self, per_second: float, seconds: float) -> Rate:
        """So many calls a second for so long; returns when all are over."""
        rate = Rate(per_second)
        start = time.monotonic()
        total = int(per_second * seconds)
        while rate.calls < total or self._calls:
            now = time.monotonic()
            while rate.calls < total and now >= start + rate.calls / per_second:
                self._invite(self._targets[rate.calls % len(self._targets)])
                rate.calls += 1
            self._tick(now, rate)
            following = start + rate.calls / per_second if rate.calls < total else now + 0.05
            if select.select([self._sock], [], [], max(0.0, min(following - now, 0.05)))[0]:
                self._heard(rate)
        return rate

    def _invite(self, target: Address) -> None:
        call_id, branch = f"{random.getrandbits(64):x}@rate", new_branch()
        uri = f"sip:{next(self._numbers)}@{target[0]}:{target[1]}"
        head = [f"From: <sip:caller@{self._host}>;tag={random.getrandbits(32):x}", f"To: <{uri}>"]
        text = self._text("INVITE", uri, branch, [*head, f"Call-ID: {call_id}"], 1, sdp(40_000))
        now = time.monotonic()
        self._calls[call_id] = _Call(target, branch, time.time_ns(), text, now + T1_S, now + PATIENCE_S)
        heapq.heappush(self._timers, (now + T1_S, call_id))
        self._sock.sendto(text.encode(), target)

    def _tick(self, now: float, rate: Rate) -> None:
        while self._timers and self._timers[0][0] <= now:
            _, call_id = heapq.heappop(self._timers)
            call = self._calls.get(call_id)
            if call is None:
                continue
            if now >= call.give_up_at:
                rate.failed(f"no answer to {call.waiting_for}")
                del self._calls[call_id]
            else:
                self._sock.sendto(call.text.encode(), call.target)
                heapq.heappush(self._timers, (now + T1_S, call_id))

    def _heard(self, rate: Rate) -> None:
        data, at_ns = receive(self._sock)
        answer = Message(data.decode(errors="replace"), at_ns)
        call_id = answer.header("Call-ID")
        call = self._calls.get(call_id)
        if call is None or answer.code < 200:
            return
        method = answer.header("CSeq").rpartition(" ")[2]
        if method != call.waiting_for:
            return
        if answer.code != 200:
            rate.failed(f"{answer.code} to {method}")
            if method == "INVITE":
                self._say("ACK", answer, call, call.branch)
            del self._calls[call_id]
        elif method == "INVITE":
            rate.setup_ms.append((at_ns - call.sent_ns) / 1e6)
            self._say("ACK", answer, call, new_branch())
            call.waiting_for, call.text = "BYE", self._say("BYE", answer, call, new_branch())
            call.give_up_at = time.monotonic() + PATIENCE_S
        else:
            del self._calls[call_id]

    def _say(self, method: str, answer: Message, call: _Call, branch: str) -> str:
        """ACK or BYE of a call that `answer` was the answer to."""
        contact = re.search(r"<([^>]*)>", answer.header("Contact"))
        uri = contact[1] if contact and answer.code == 200 else f"sip:{call.target[0]}:{call.target[1]}"
        routes = [f"Route: {route}" for route in answer.headers("Record-Route")[::-1]]
        head = [f"{name}: {answer.header(name)}" for name in ("From", "To", "Call-ID")]
        text = self._text(method, uri, branch, [*routes, *head], 2 if method == "BYE" else 1)
        self._sock.sendto(text.encode(), call.target)
        return text

    def _text(self, method: str, uri: str, branch: str, head: list[str], cseq: int, body: str = "") -> str:
        here = f"{self._host}:{self._port}"
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {here};rport;branch={branch}"]
        lines += ["Max-Forwards: 70", *head, f"CSeq: {cseq} {method}", f"Contact: <sip:caller@{here}>"]
        lines += ["Content-Type: application/sdp"] if body else []
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
