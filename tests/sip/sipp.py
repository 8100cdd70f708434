"""Runs SIPp (Debian's sip-tester), an independent SIP implementation, against our lines.

One scenario file per case in `scenarios/`. SIPp needs no privilege here: it plays raw mu-law with
rtp_stream, and its RTP echo stays off. What must be recorded is received by `rtp.RtpPeer` instead,
which SIPp cannot do.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from tests.sip.ports import free_block, free_port
from tests.sip.wait import until

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Logged:
    """A SIP message in SIPp's log. `at` is in seconds of the system's clock."""

    at: float
    sent: bool
    text: str


def _logged(entry: str) -> Logged:
    head, _, text = entry.partition("\n\n")
    moment, _, what = head.partition("\n")
    at = datetime.strptime(moment.strip(), "%Y-%m-%d %H:%M:%S.%f").astimezone().timestamp()
    return Logged(at, " sent " in what, text)


@dataclass(frozen=True)
class SippResult:
    """`code` 0: every call went as the scenario says. `messages`: the SIP as sent and received."""

    code: int
    messages: str
    errors: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    def log(self) -> list[Logged]:
        """The messages with the moments at which SIPp sent and received them."""
        entries = re.split(r"(?m)^-{40,} ", self.messages)[1:]
        return [_logged(entry) for entry in entries]

    def responses(self) -> list[int]:
        """The codes of the responses seen, in order."""
        lines = self.messages.splitlines()
        return [int(line.split()[1]) for line in lines if line.startswith("SIP/2.0 ")]


@dataclass
class Sipp:
    """A running SIPp. `wait` kills it when it takes longer than `timeout_s`."""

    process: subprocess.Popen[bytes]
    work: Path
    timeout_s: float

    def wait(self) -> SippResult:
        try:
            code = self.process.wait(self.timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            code = -9
        return SippResult(code, self._text("messages.log"), self._text("errors.log"))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def answered(self) -> bool:
        """Whether the 200 to the INVITE has been seen so far."""
        return "SIP/2.0 200" in self._text("messages.log")

    def messages(self) -> str:
        """The SIP as sent and received so far."""
        return self._text("messages.log")

    def _text(self, name: str) -> str:
        path = self.work / name
        return path.read_text(errors="replace") if path.exists() else ""


@dataclass(frozen=True)
class Case:
    """One SIPp run. `speech` is mu-law for scenarios that play; `keys` fill `[name]` in the scenario.
    `port`: where it listens, for scenarios that are called; 0 takes any free one. `wrapper`: the command
    that runs it in another network namespace; what it hears there it sends back (SIPp's RTP echo)."""

    scenario: str
    to: tuple[str, int]
    service: str
    caller: str = "+12025550151"
    local_ip: str = "127.0.0.1"
    stay_ms: int = 0
    speech: bytes | None = None
    keys: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 60.0
    port: int = 0
    wrapper: tuple[str, ...] = ()
    transport: Literal["udp", "tcp"] = "udp"


def start(case: Case, work: Path) -> Sipp:
    """Starts SIPp in the empty folder `work`, where it finds speech.ulaw and leaves its logs."""
    work.mkdir(parents=True, exist_ok=True)
    name = f"{case.scenario}.xml"
    shutil.copy(SCENARIOS / name, work / name)
    if case.speech is not None:
        (work / "speech.ulaw").write_bytes(case.speech)
    process = subprocess.Popen(
        _command(case, name),
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    return Sipp(process, work, case.timeout_s + 10)


def wait_listening(port: int) -> None:
    """Returns when a SIPp that is to be called has taken its UDP port."""
    taken = f":{port:04X} "
    tables = [Path(f"/proc/net/{name}") for name in ("udp", "udp6")]
    until(lambda: any(taken in table.read_text() for table in tables if table.exists()), f"port {port}")


def run(case: Case, work: Path) -> SippResult:
    """`start` and `wait`."""
    return start(case, work).wait()


def _command(case: Case, scenario: str) -> list[str]:
    host, port = case.to
    alone = bool(case.wrapper)  # in a namespace of its own every port is free
    sip_port, media_port = (5060, 6000) if alone else (case.port or free_port(case.local_ip), free_block())
    peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [*case.wrapper, "sipp", peer, "-sf", scenario, "-s", case.service]
    command += [
        "-m",
        "1",
        "-nostdin",
        "-t",
        {"udp": "u1", "tcp": "t1"}[case.transport],
        *(["-rtp_echo"] if alone else []),
    ]
    command += ["-i", case.local_ip, "-mi", case.local_ip, "-p", str(sip_port), "-mp", str(media_port)]
    command += ["-d", str(case.stay_ms)]
    command += ["-timeout", f"{case.timeout_s:.0f}s", "-timeout_error"]
    command += ["-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log"]
    for name, value in {"caller": case.caller, **case.keys}.items():
        command += ["-key", name, value]
    return command
