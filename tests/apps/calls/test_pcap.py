"""A call's packets, read back by tshark: a SIP parser and a libpcap reader that are not ours."""

from __future__ import annotations

import io
import struct
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.calls.ladder import LadderMessage, message_of
from apps.calls.models import CallEvent
from apps.calls.pcap import merged, sip_packets
from media_workers.contract.pcap import FILE_HEADER, NotPcap, Packet, read_packets
from tenants.ids import new_id
from tests.apps.calls.messages import CALL, INVITE, sip

BEGAN = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def messages(
    transport: str = "udp", local: str = "192.0.2.9:5060", peer: str = "192.0.2.1:5080"
) -> list[LadderMessage]:
    return [
        message_of(
            CallEvent(
                tenant_id=new_id(),
                seq=seq,
                at=BEGAN + timedelta(milliseconds=100 * seq),
                type="sip",
                body=sip(direction, text, transport=transport, local=local, peer=peer),
            )
        )
        for seq, (direction, text) in enumerate(CALL)
    ]


def rtp(at_us: int, number: int) -> Packet:
    """A packet of PCMU from the far side, as a node captures it."""
    payload = struct.pack("!BBHII", 0x80, 0, number, number * 160, 77) + b"\xff" * 160
    udp = struct.pack("!HHHH", 5004, 4000, 8 + len(payload), 0) + payload
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\xc0\0\2\1", b"\xc0\0\2\x09"
    )
    return Packet(at_us, head + udp)


def tshark(data: bytes, folder: Path, *options: str) -> list[list[str]]:
    """What tshark makes of a file: the fields asked for, a row for each packet."""
    path = folder / "call.pcap"
    path.write_bytes(data)
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("|") for line in done.stdout.splitlines()]


CHECKS = ("-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
FAULTS = ("-e", "_ws.malformed", "-e", "ip.checksum.status", "-e", "udp.checksum.status")


@pytest.mark.parametrize(
    ("local", "peer", "source"),
    [
        ("192.0.2.9:5060", "192.0.2.1:5080", "192.0.2.9"),
        ("[2001:db8::9]:5060", "[2001:db8::1]:5080", "2001:db8::9"),
    ],
)
def test_messages_over_udp(tmp_path: Path, local: str, peer: str, source: str) -> None:
    data = b"".join(merged(sip_packets(messages(local=local, peer=peer)), ()))
    field = "ipv6.src" if ":" in source else "ip.src"
    asked = ("frame.time_epoch", field, "udp.srcport", "udp.dstport", "sip.Method", "sip.Status-Code")
    rows = tshark(data, tmp_path, *(part for name in asked for part in ("-e", name)))
    assert [row[4:] for row in rows] == [
        ["INVITE", ""], ["", "100"], ["", "180"], ["", "200"], ["ACK", ""], ["BYE", ""], ["", "200"],
    ]  # fmt: skip
    assert rows[0][1:4] == [source, "5060", "5080"]
    assert rows[1][2:4] == ["5080", "5060"]
    assert float(rows[3][0]) == pytest.approx(BEGAN.timestamp() + 0.3, abs=1e-6)


def test_every_packet_is_whole(tmp_path: Path) -> None:
    rows = tshark(b"".join(merged(sip_packets(messages()), ())), tmp_path, *CHECKS, *FAULTS)
    assert rows == [["", "1", "1"]] * len(CALL)  # 1: the checksum is good


def test_what_was_offered_can_be_read(tmp_path: Path) -> None:
    data = b"".join(merged(sip_packets(messages()), ()))
    rows = tshark(data, tmp_path, "-Y", "sdp", "-e", "sdp.media")
    assert rows == [["audio 4000 RTP/AVP 0 101"]] * 2


@pytest.mark.parametrize(("transport", "port"), [("tcp", 5060), ("tls", 5061)])
def test_messages_over_a_connection_are_a_stream(tmp_path: Path, transport: str, port: int) -> None:
    peer = f"192.0.2.1:{port}"
    data = b"".join(merged(sip_packets(messages(transport, "192.0.2.9:41000", peer)), ()))
    asked = ("sip.Method", "sip.Status-Code", "tcp.checksum.status", "_ws.malformed", "tcp.analysis.flags")
    how = ("-d", f"tcp.port=={port},sip")
    rows = tshark(data, tmp_path, *CHECKS, *how, *(part for name in asked for part in ("-e", name)))
    assert [row[0] or row[1] for row in rows] == ["INVITE", "100", "180", "200", "ACK", "BYE", "200"]
    assert {tuple(row[2:]) for row in rows} == {("1", "", "")}


def test_a_long_message_is_cut_into_segments(tmp_path: Path) -> None:
    long = INVITE.replace("Max-Forwards", f"X-Long: {'a' * 40_000}\r\nMax-Forwards")
    event = CallEvent(tenant_id=new_id(), seq=1, at=BEGAN, type="sip", body=sip("out", long, transport="tcp"))
    data = b"".join(merged(sip_packets([message_of(event)]), ()))
    rows = tshark(data, tmp_path, "-d", "tcp.port==5060,sip", "-e", "sip.Method", "-e", "_ws.malformed")
    assert [row for row in rows if row[0]] == [["INVITE", ""]]


def test_captured_audio_lies_between_the_messages_by_time(tmp_path: Path) -> None:
    began_us = round(BEGAN.timestamp() * 1_000_000)
    audio = [rtp(began_us + 420_000 + 20_000 * n, n) for n in range(3)]
    file = io.BytesIO(FILE_HEADER + b"".join(packet.record() for packet in audio))
    data = b"".join(merged(sip_packets(messages()), read_packets(file)))
    rows = tshark(data, tmp_path, "-e", "frame.time_epoch", "-e", "sip.CSeq", "-e", "rtp.seq")
    times = [float(row[0]) for row in rows]
    assert times == sorted(times)
    # The SDP tells tshark where RTP goes: no hint is needed to have it decoded.
    assert [row[2] for row in rows] == ["", "", "", "", "", "0", "1", "2", "", ""]


def test_addresses_that_nobody_knows_do_not_hide_a_message(tmp_path: Path) -> None:
    data = b"".join(merged(sip_packets(messages(local="")), ()))
    rows = tshark(data, tmp_path, "-d", "udp.port==5080,sip", "-e", "ip.src", "-e", "sip.Method")
    assert rows[0] == ["0.0.0.0", "INVITE"]
    assert Counter(row[0] for row in rows)["192.0.2.1"] == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" + bytes(40),
        FILE_HEADER[:20] + struct.pack("<I", 1),
        FILE_HEADER + struct.pack("<IIII", 1, 0, 70_000, 70_000),
        FILE_HEADER + struct.pack("<IIII", 1, 1_000_000, 4, 4) + b"four",
    ],
    ids=["empty", "wav", "ethernet", "too long", "no time"],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(NotPcap):
        list(read_packets(io.BytesIO(data)))


def test_a_torn_end_is_left_out() -> None:
    packet = Packet(5, b"data")
    file = io.BytesIO(FILE_HEADER + packet.record() + packet.record()[:-1])
    assert list(read_packets(file)) == [packet]
