"""A call that SIPp makes to a line under test, its audio played and heard by a `Wire` of the test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.media_workers.sip.host import Event, Host, rung
from tests.sip.sipp import Case, Sipp, SippResult, start

NUMBER = "+12025550100"
ATTEMPTS = 3


@dataclass
class SippCall:
    """Up. `leg` is the line's number for it, `rtp` where the line wants audio."""

    line: Host
    sipp: Sipp
    leg: int
    rtp: tuple[str, int]

    @property
    def rtcp(self) -> tuple[str, int]:
        return self.rtp[0], self.rtp[1] + 1

    def ladder(self) -> list[str]:
        return self.line.ladder(self.leg)

    def ladder_text(self) -> str:
        """All SIP messages of the call so far."""
        return "\n".join(e["text"] for e in self.line.all("sip", self.leg))

    def answers(self, method: str) -> list[Event]:
        """The line's 200s to requests of that method."""
        return [e for e in self.line.all("sip", self.leg) if rung(e) == f"> 200 {method}"]

    def until_ladder_has(self, step: str, times: int = 1) -> None:
        self.line.until(lambda: self.ladder().count(step) >= times, f"{times} times {step}")

    def hang_up(self) -> tuple[SippResult, Event]:
        """The line hangs up: how SIPp and the line saw it all."""
        self.line.do("hang_up", self.leg, "test is over")
        return self.result(), self.line.wait("ended", self.leg)

    def result(self) -> SippResult:
        """Once the scenario is over. What it did not expect fails the test."""
        result = self.sipp.wait()
        assert result.ok, f"{result.errors}\n{result.messages}"
        return result


def call(line: Host, scenario: str, work: Path, **keys: Any) -> SippCall:
    """SIPp calls the line, which answers by itself. `keys` fill `[name]` in the scenario."""
    return place(line, case(line, scenario, **keys), work)


def place(line: Host, case: Case, work: Path) -> SippCall:
    """SIPp calls the line. One that could not even begin is started again: other tests take ports too."""
    for attempt in range(ATTEMPTS):
        sipp = start(case, work / str(attempt))
        call_id = f"1-{sipp.process.pid}@{case.local_ip}"

        def begun(call_id: str = call_id) -> list[Event]:
            return [e for e in line.all("invite") if e["sip_call_id"] == call_id]

        line.until(lambda s=sipp, b=begun: b() or s.process.poll() is not None, f"INVITE {call_id}")
        if begun():
            break
    leg = line.leg_of(call_id)
    line.wait("answered", leg)
    return up(line, sipp, leg)


def up(line: Host, sipp: Sipp, leg: int) -> SippCall:
    """A call that the line has answered."""
    made = SippCall(line, sipp, leg, ("", 0))
    made.rtp = audio_of(made.answers("INVITE")[0]["text"])
    return made


def case(line: Host, scenario: str, **keys: Any) -> Case:
    return Case(scenario, line.address, NUMBER, keys={name: str(value) for name, value in keys.items()})


def audio_of(message: str) -> tuple[str, int]:
    """Where the SDP in a message wants audio."""
    address, port = re.search(r"c=IN IP[46] (\S+)", message), re.search(r"m=audio (\d+)", message)
    assert address, message
    assert port, message
    return address.group(1), int(port.group(1))


def connected_to(line: Host, port: int) -> tuple[str, int] | None:
    """The peer that the line's UDP socket on `port` is connected to in the kernel, None when to nobody."""
    table = Path(f"/proc/{line.process.pid}/net/udp").read_text().splitlines()[1:]
    for local, remote in (row.split()[1:3] for row in table):
        if int(local.partition(":")[2], 16) == port and remote != "00000000:0000":
            address, _, number = remote.partition(":")
            octets = reversed(bytes.fromhex(address))
            return ".".join(map(str, octets)), int(number, 16)
    return None
