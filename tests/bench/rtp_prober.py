"""Measures an echo service as a telephone would hear it: delay, gaps, and how fast it answers.

`python tests/bench/rtp_prober.py 127.0.0.1 5060 +12025550100 --calls 4 --seconds 10` prints JSON.
Independent of the program and of pjsip.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import selectors
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.sip_caller import ProbeError, SipCaller, receive, sdp, stamped_socket

FRAME_NS = 20_000_000
FRAME_BYTES = 160
SILENCE = b"\xff" * FRAME_BYTES
PULSE_EVERY = 25
"""Packets from one pulse to the next: two pulses a second, longer apart than any echo takes."""

PULSE_CODES = bytes(range(8))
"""The loudest mu-law values. A pulse is one whole packet of one of them, each in turn."""

SETTLE_NS = 1_000_000_000
"""The first second of a call is not judged: jitter buffers are finding their size."""

RTP_HEADER = struct.Struct("!BBHII")


@dataclass
class Heard:
    """What came back on one call. Times in ms."""

    delays: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    sent: int = 0
    received: int = 0
    pulses: int = 0


class Probe:
    """One call's RTP: sends 20 ms of mu-law at a time, times the echo of its pulses."""

    def __init__(self, sock: socket.socket, remote: tuple[str, int], first_ns: int) -> None:
        self.sock = sock
        self.due_ns = first_ns
        self.heard = Heard()
        self._judge_from = first_ns + SETTLE_NS
        self._ssrc = random.getrandbits(32)
        self._pulses: dict[int, int] = {}
        self._last_ns = 0
        sock.connect(remote)
        sock.setblocking(False)

    def send(self) -> None:
        """The packet that is due."""
        count = self.heard.sent
        payload = SILENCE
        if count % PULSE_EVERY == PULSE_EVERY - 1:
            code = PULSE_CODES[count // PULSE_EVERY % len(PULSE_CODES)]
            payload = bytes([code]) * FRAME_BYTES
            self._pulses[code] = time.time_ns()
        header = RTP_HEADER.pack(0x80, 0, count & 0xFFFF, count * FRAME_BYTES, self._ssrc)
        try:
            self.sock.send(header + payload)
        except ConnectionRefusedError:
            return
        finally:
            self.heard.sent += 1
            self.due_ns += FRAME_NS

    def receive(self) -> None:
        """A packet that has arrived."""
        try:
            data, at_ns = receive(self.sock)
        except (BlockingIOError, ConnectionRefusedError):
            return
        if len(data) < RTP_HEADER.size + FRAME_BYTES or data[1] & 0x7F:
            return
        self.heard.received += 1
        if at_ns >= self._judge_from:
            if self._last_ns:
                self.heard.gaps.append((at_ns - self._last_ns) / 1e6)
            self._last_ns = at_ns
        self._find_pulse(data[RTP_HEADER.size :], at_ns)

    def _find_pulse(self, payload: bytes, at_ns: int) -> None:
        code = max(set(payload), key=payload.count)
        sent_ns = self._pulses.pop(code, None)
        if sent_ns is not None and at_ns >= self._judge_from:
            self.heard.pulses += 1
            self.heard.delays.append((at_ns - sent_ns) / 1e6)


@dataclass
class Result:
    """All calls of a run. Times in ms."""

    calls: int
    seconds: float
    invite_to_200: list[float]
    delays: list[float]
    gaps: list[float]
    sent: int
    received: int


def probe(targets: list[tuple[str, int]], number: str, seconds: float, calls: int) -> Result:
    """`calls` calls at once, dealt out over `targets` in turn, for `seconds` after the last is up."""
    callers: list[SipCaller] = []
    sockets: list[socket.socket] = []
    probes: list[Probe] = []
    try:
        for i in range(calls):
            caller = SipCaller(targets[i % len(targets)], number)
            callers.append(caller)
            media = stamped_socket()
            sockets.append(media)
            answer = caller.invite(sdp(media.getsockname()[1]))
            if answer.code != 200:
                raise ProbeError(f"call {i + 1} of {calls} was answered {answer.text.splitlines()[0]}")
            # Each call at another moment of the 20 ms, as strangers' calls are.
            phase = FRAME_NS * i // calls + random.randrange(FRAME_NS // calls)
            probes.append(Probe(media, answer.rtp, time.time_ns() + 50_000_000 + phase))
        run(probes, seconds)
        for caller in callers:
            caller.bye()
    finally:
        for sock in [*sockets, *(caller.sock for caller in callers)]:
            sock.close()
    heard = [p.heard for p in probes]
    return Result(
        calls=calls,
        seconds=seconds,
        invite_to_200=[caller.invite_to_final_ms for caller in callers],
        delays=[d for h in heard for d in h.delays],
        gaps=[g for h in heard for g in h.gaps],
        sent=sum(h.sent for h in heard),
        received=sum(h.received for h in heard),
    )


def run(probes: list[Probe], seconds: float) -> None:
    """Sends and receives for all probes until the time is up."""
    with punctual(), selectors.DefaultSelector() as selector:
        for p in probes:
            selector.register(p.sock, selectors.EVENT_READ, p)
        end_ns = time.time_ns() + int(seconds * 1e9) + SETTLE_NS
        while (now := time.time_ns()) < end_ns:
            for p in probes:
                if p.due_ns <= now:
                    p.send()
            wait_ns = min(p.due_ns for p in probes) - time.time_ns()
            for key, _ in selector.select(max(0.0, wait_ns / 1e9)):
                key.data.receive()


@contextlib.contextmanager
def punctual() -> Iterator[None]:
    """Runs this process before others, where that is granted: a watch must not be late itself."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, -15)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


def setup_times(target: tuple[str, int], number: str, count: int, pause_s: float = 0.05) -> list[float]:
    """INVITE to 200 in ms of `count` calls, one after the other, each ended at once.

    The pause keeps below the rate at which a line holds calls up (about 30 a second).
    """
    times = []
    for _ in range(count):
        time.sleep(pause_s)
        with SipCaller(target, number) as caller, stamped_socket() as media:
            answer = caller.invite(sdp(media.getsockname()[1]))
            if answer.code != 200:
                raise ProbeError(f"answered {answer.text.splitlines()[0]}")
            times.append(caller.invite_to_final_ms)
            caller.bye()
    return times


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank). ValueError without values."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1e6 * len(ordered)) // 1_000_000) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Probe an echo service by telephone")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("number")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    result = probe([(given.host, given.port)], given.number, given.seconds, given.calls)
    facts = {k: v for k, v in asdict(result).items() if not isinstance(v, list)}
    facts |= {"echo_p50_ms": percentile(result.delays, 0.5), "echo_p99_ms": percentile(result.delays, 0.99)}
    facts |= {"rtp_gap_p999_ms": percentile(result.gaps, 0.999), "invite_to_200_ms": result.invite_to_200}
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
