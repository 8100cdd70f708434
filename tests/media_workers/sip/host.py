"""The test's end of `line_host.py`: a real line in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Event = dict[str, Any]

ANSWER: list[dict[str, Any]] = [{"do": "ring"}, {"do": "answer"}]
_blocks = itertools.count(os.getpid() % 400)


class Host:
    """A context manager. `events` grows as the line reports; all waiting has a deadline. `wrapper` is the
    beginning of a command that runs the rest of it, elsewhere (`tests.sip.netns`)."""

    def __init__(
        self,
        on_invite: list[dict[str, Any]] | None = None,
        environment: dict[str, str] | None = None,
        wrapper: Sequence[str] = (),
        **config: Any,
    ) -> None:
        first = 20_000 + next(_blocks) % 400 * 100
        config = {"port": 0, "rtp_ports": [first, first + 99], **config}
        steps = ANSWER if on_invite is None else on_invite
        command = [*wrapper, sys.executable, str(Path(__file__).with_name("line_host.py"))]
        command += [json.dumps(config), json.dumps(steps)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            command, text=True, env={**os.environ, **(environment or {})}, **pipes
        )
        self.events: list[Event] = []
        self.stderr = ""
        self._news = threading.Condition()
        self._asking = threading.Lock()
        reads = (self._read, self._read_errors)
        self._readers = [threading.Thread(target=read, daemon=True) for read in reads]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Host:
        started = self.wait("started")
        self.port, self.capacity = started["port"], started["capacity"]
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def stop(self, timeout_s: float = 20.0) -> int:
        """Stops the line and its process; the exit code."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the line did not stop:\n{self.stderr}") from None
        for reader in self._readers:
            reader.join(5)
        return code

    def do(self, what: str, leg: int = 0, *args: Any, **options: Any) -> None:
        """A command to the line, or to one of its legs."""
        self.send({"do": what, "leg": leg, "args": args, "options": options})

    def send(self, command: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def dial(self, port: int, *, mouth: str = "", transport: str = "udp", **more: Any) -> int:
        """Calls 127.0.0.1:port; the leg's number. `more` goes into the target, but `headers`, which are
        the call's own (the target's are `target_headers`), and `to`, a located server."""
        headers, to = more.pop("headers", []), more.pop("to", None)
        target = {"number": "+12025550100", "caller_id": "+12025550151"}
        target["headers"] = more.pop("target_headers", {})
        target |= more
        target.setdefault("gateways", [{"host": "127.0.0.1", "port": port, "transport": transport}])
        with self._asking:
            known = len(self.all("dialed"))
            self.send({"do": "dial", "target": target, "mouth": mouth, "headers": headers, "to": to})
            return int(self.wait("dialed", after=known)["leg"])

    def ask(self, what: str, **facts: Any) -> Event:
        """A command that answers with an event of its own name."""
        with self._asking:  # an answer does not say whose question it answers
            known = len(self.all(what))
            self.send({"do": what, **facts})
            return self.wait(what, after=known)

    def heard(self, leg: int, folder: Path) -> np.ndarray:
        """Everything a leg has heard, as samples."""
        path = folder / f"heard-{self.port}-{leg}.raw"
        self.ask("heard", leg=leg, path=str(path))
        return np.frombuffer(path.read_bytes(), "<i2")

    def all(self, event: str, leg: int | None = None) -> list[Event]:
        """The events of that name so far."""
        return [e for e in list(self.events) if e["event"] == event and leg in (None, e.get("leg"))]

    def ladder(self, leg: int) -> list[str]:
        """The call's SIP messages: `> INVITE`, `< 180 INVITE`, ..."""
        return [rung(e) for e in self.all("sip", leg)]

    def wait(self, event: str, leg: int | None = None, after: int = 0, timeout_s: float = 30.0) -> Event:
        """The event of that name that follows the first `after` of them."""
        return self.until(
            lambda: self.all(event, leg)[after:],
            f"{event} of leg {leg}" if leg else event,
            timeout_s,
        )[0]

    def leg_of(self, call_id: str) -> int:
        """The leg an INVITE with that Call-ID became. Its event may come later than its SIP answer."""

        def invites() -> list[Event]:
            return [e for e in self.all("invite") if e["sip_call_id"] == call_id]

        return int(self.until(invites, f"INVITE with Call-ID {call_id}")[0]["leg"])

    def until(self, probe: Callable[[], Any], what: str, timeout_s: float = 30.0) -> Any:
        """The first truthy answer of `probe`, asked at each event and now and then."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while not (answer := probe()):
                over = self.process.poll() is not None and not self._readers[0].is_alive()
                if time.monotonic() > deadline or over:
                    last = f"events: {self.events[-8:]}; stderr: {self.stderr[-2000:]}"
                    raise AssertionError(f"no {what}; {last}")
                self._news.wait(0.2)
        return answer

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line


def rung(event: Event) -> str:
    """A SIP message in short."""
    first, _, rest = event["text"].partition("\r\n")
    arrow = ">" if event["direction"] == "out" else "<"
    if not first.startswith("SIP/2.0 "):
        return f"{arrow} {first.split(' ')[0]}"
    cseq = next(line for line in rest.split("\r\n") if line.lower().startswith("cseq"))
    return f"{arrow} {first.split(' ')[1]} {cseq.rsplit(' ', 1)[1]}"


def loudest_hz(samples: np.ndarray) -> float:
    """The strongest frequency of the second half of what was heard; 0 for silence."""
    tail = samples[len(samples) // 2 :].astype(np.float64)
    if not len(tail) or np.sqrt(np.mean(tail**2)) < 50:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(tail * np.hanning(len(tail))))) * 8000 / len(tail))
