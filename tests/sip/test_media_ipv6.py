"""A line on IPv6: SIP and RTP, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from media_workers.sip.types import LineConfig
from tests.media_workers.sip.host import ANSWER, Host, loudest_hz
from tests.sip.ports import free_port
from tests.sip.rtp_wire import Wire, numbered, tone
from tests.sip.sipp import Case, start, wait_listening
from tests.sip.sipp_call import NUMBER, SippCall, audio_of, place
from tests.sip.wait import until

SPEAKS = [{"do": "mouth", "mouth": "440"}, *ANSWER]


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    if not Path("/proc/net/if_inet6").exists() or "lo" not in Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6")
    with Host(SPEAKS, bind_address="::1", public_address="::1") as line:
        yield line


def called(line: Host, work: Path, wire: Wire, transport: Literal["udp", "tcp"] = "udp") -> SippCall:
    keys = {"audio_port": str(wire.port)}
    case = Case("uac_ipv6", ("::1", line.port), NUMBER, local_ip="::1", keys=keys, transport=transport)
    return place(line, case, work)


def both_hear(line: Host, leg: int, rtp: tuple[str, int], wire: Wire, folder: Path) -> None:
    wire.play(numbered(tone(600, 500)), rtp)
    until(lambda: loudest_hz(line.heard(leg, folder)[-8_000:]) == pytest.approx(600, abs=3), "the peer")
    until(lambda: loudest_hz(wire.audio()) == pytest.approx(440, abs=3), "the line")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_line_is_called_over_ipv6(line: Host, tmp_path: Path, transport: Literal["udp", "tcp"]) -> None:
    with Wire("::1") as wire:
        made = called(line, tmp_path / "sipp", wire, transport)
        assert made.rtp[0] == "::1"
        both_hear(line, made.leg, made.rtp, wire, tmp_path)
        result, end = made.hang_up()
        assert f"Contact: <sip:[::1]:{line.port}" in result.messages
        assert "127.0.0.1" not in result.messages
        assert end["sip_code"] == 200


def test_a_line_calls_over_ipv6(line: Host, tmp_path: Path) -> None:
    port = free_port("::1")
    with Wire("::1") as wire:
        keys = {"audio_port": str(wire.port)}
        case = Case("uas_ipv6", ("::1", port), NUMBER, local_ip="::1", keys=keys, port=port)
        sipp = start(case, tmp_path / "sipp")
        wait_listening(port)
        leg = line.dial(0, mouth="440", gateways=[{"host": "::1", "port": port}])
        line.wait("answered", leg)
        offer = line.all("sip", leg)[0]["text"]
        both_hear(line, leg, audio_of(offer), wire, tmp_path)
        result, _ = SippCall(line, sipp, leg, ("", 0)).hang_up()
        assert "127.0.0.1" not in result.messages


def test_a_stranger_cannot_steal_the_stream_over_ipv6_either(line: Host, tmp_path: Path) -> None:
    with Wire("::1") as wire, Wire("::1") as stranger:
        made = called(line, tmp_path / "sipp", wire)
        wire.play(numbered(tone(600, 500)), made.rtp)
        until(lambda: len(wire.received) > 20, "audio")
        stranger.play(numbered(tone(1_000, 2_000)), made.rtp, at_once=40)
        known = len(wire.received)
        until(lambda: len(wire.received) > known + 60, "audio as before")
        assert stranger.received == []
        made.hang_up()


def test_calls_one_after_the_other_leave_nothing_behind(line: Host, tmp_path: Path) -> None:
    def sockets() -> int:
        folder = Path(f"/proc/{line.process.pid}/fd")
        return sum(1 for entry in folder.iterdir() if str(entry.readlink()).startswith("socket:"))

    counts = []
    for number in range(12):
        with Wire("::1") as wire:
            called(line, tmp_path / str(number), wire).hang_up()
        line.until(lambda: line.ask("active")["calls"] == 0, "the line free")
        counts.append(sockets())
    assert counts[-1] <= counts[1], counts


@pytest.mark.parametrize(("bound", "public"), [("::1", "127.0.0.1"), ("::", "::"), ("::", "2001:db8::7")])
def test_what_an_ipv6_line_cannot_do_is_refused(bound: str, public: str) -> None:
    with pytest.raises(ValueError, match="public_address"):
        LineConfig(bind_address=bound, public_address=public)
