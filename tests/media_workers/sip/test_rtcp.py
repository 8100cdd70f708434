"""Whether the peer hears us, out of its RTCP reports (RFC 3550, 6.4)."""

from __future__ import annotations

import struct

import pytest

from media_workers.sip.rtcp import Reports, reports_reception

OURS = struct.pack("!IIIIII", 77, 0, 4711, 0, 0, 0)
NOBODY = bytes(24)
TEXT = struct.pack("!BBHI", 0x81, 202, 1, 9)


def report(kind: int, *blocks: bytes) -> bytes:
    info = bytes(20) if kind == 200 else b""
    words = 1 + len(info) // 4 + 6 * len(blocks)
    return struct.pack("!BBHI", 0x80 | len(blocks), kind, words, 9) + info + b"".join(blocks) + TEXT


@pytest.mark.parametrize("kind", [200, 201])
@pytest.mark.parametrize(
    ("blocks", "hears"), [((OURS,), True), ((), False), ((NOBODY,), False), ((NOBODY, OURS), True)]
)
def test_a_report(kind: int, blocks: tuple[bytes, ...], hears: bool) -> None:
    assert reports_reception(report(kind, *blocks)) is hears


@pytest.mark.parametrize("packet", [b"", b"\x80", b"\x00" * 40, TEXT, report(201, OURS)[:20]])
def test_what_is_no_report_says_nothing(packet: bytes) -> None:
    assert reports_reception(packet) is None


def test_reports_in_a_row() -> None:
    reports = Reports()
    for packet in (report(201), report(201), TEXT):
        reports.saw(packet)
    assert (reports.deaf, reports.hearing) == (2, 0)
    reports.saw(report(200, OURS))
    assert (reports.deaf, reports.hearing) == (0, 1)
