"""Encrypted calls with a telephone that is not ours; each side hears the other's tone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.media_workers.sip.host import Host, loudest_hz, rung
from tests.sip.baresip import Baresip, Srtp
from tests.sip.wait import until


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host() as host:
        yield host


def hear_each_other(line: Host, leg: int, phone: Baresip, folder: Path) -> None:
    line.wait("answered", leg)
    until(lambda: abs(loudest_hz(phone.heard()) - 440) < 20, "our tone, at theirs")
    line.until(lambda: abs(loudest_hz(line.heard(leg, folder)) - 700) < 20, "their tone")


def sdp(line: Host, leg: int, wanted: str) -> str:
    return str(next(e["text"] for e in line.all("sip", leg) if rung(e) == wanted))


def hung_up(line: Host, leg: int) -> None:
    line.do("hang_up", leg)
    assert line.wait("ended", leg)["answered"]


@pytest.mark.parametrize(
    ("ours", "theirs", "encrypted"),
    [
        ("off", "", False),
        ("optional", "", False),
        ("optional", "srtp", True),
        ("required", "srtp", True),
        ("required", "srtp-mand", True),
    ],
)
def test_we_call(line: Host, ours: str, theirs: Srtp, encrypted: bool, tmp_path: Path) -> None:
    with Baresip(tmp_path, srtp=theirs) as phone:
        leg = line.dial(
            phone.port, number="phone", mouth="440", leg={"srtp": ours, "codecs": ["pcma", "pcmu"]}
        )
        hear_each_other(line, leg, phone, tmp_path)
        answer = sdp(line, leg, "< 200 INVITE")
        assert ("a=crypto:" in answer) is encrypted
        assert line.wait("answered", leg)["codec"] == "PCMA"
        hung_up(line, leg)


@pytest.mark.parametrize(
    ("ours", "theirs", "encrypted"),
    [
        ("optional", "", False),
        ("optional", "srtp", True),
        ("required", "srtp", True),
        ("required", "srtp-mand", True),
        ("off", "", False),
    ],
)
def test_we_are_called(line: Host, ours: str, theirs: Srtp, encrypted: bool, tmp_path: Path) -> None:
    line.ask("on_invite", steps=answers(ours))
    known = len(line.all("invite"))
    with Baresip(tmp_path, srtp=theirs, dial=f"sip:line@127.0.0.1:{line.port}") as phone:
        invite = line.wait("invite", after=known)
        assert invite["srtp_offered"] is bool(theirs)
        hear_each_other(line, invite["leg"], phone, tmp_path)
        assert ("a=crypto:" in sdp(line, invite["leg"], "> 200 INVITE")) is encrypted
        hung_up(line, invite["leg"])


@pytest.mark.parametrize(("ours", "theirs"), [("required", ""), ("off", "srtp-mand")])
def test_we_refuse(line: Host, ours: str, theirs: Srtp, tmp_path: Path) -> None:
    line.ask("on_invite", steps=answers(ours))
    known = len(line.all("invite"))
    with Baresip(tmp_path, srtp=theirs, dial=f"sip:line@127.0.0.1:{line.port}") as phone:
        leg = line.wait("invite", after=known)["leg"]
        assert line.wait("ended", leg)["sip_code"] == 488
        line.until(lambda: "488 SRTP is" in phone.log(), "why, at the caller's")


def answers(srtp: str) -> list[dict[str, Any]]:
    return [
        {"do": "mouth", "mouth": "440"},
        {"do": "ring"},
        {"do": "answer", "options": {"policy": {"srtp": srtp, "codecs": ["pcma", "pcmu"]}}},
    ]
