"""Captured RTP on disk: both directions, bounded for a call and for a node."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_workers.audio.recorder import DiskWriter
from media_workers.contract.pcap import FILE_HEADER, Packet, read_packets
from media_workers.runtime.capture import (
    Captured,
    CaptureLimits,
    NoRoom,
    PacketFile,
    found,
    make_room,
)

OURS, THEIRS = ("192.0.2.9", 4000), ("192.0.2.1", 5004)
RECORD_BYTES = 16 + 28
"""What a packet takes in the file beside its payload."""


@pytest.fixture
def disk() -> Iterator[DiskWriter]:
    writer = DiskWriter()
    yield writer
    writer.close()


@pytest.fixture
def limits(tmp_path: Path) -> CaptureLimits:
    return CaptureLimits(tmp_path, call_bytes=200_000, node_bytes=1_000_000)


def path_in(folder: Path, name: str = "one") -> Path:
    return folder / "line-0" / f"{name}.pcap"


def packets(captured: Captured) -> list[Packet]:
    with captured.path.open("rb") as file:
        return list(read_packets(file))


def test_packets_of_both_directions(tmp_path: Path, disk: DiskWriter, limits: CaptureLimits) -> None:
    file = PacketFile(path_in(tmp_path), disk, limits)
    before = time.time_ns() // 1000
    file.packet(OURS, THEIRS, b"from us")
    file.packet(THEIRS, OURS, b"from them")
    captured = file.close()
    assert captured is not None
    ours, theirs = packets(captured)
    assert before <= ours.at_us <= theirs.at_us <= time.time_ns() // 1000
    assert (ours.data[12:16], ours.data[-7:]) == (bytes([192, 0, 2, 9]), b"from us")
    assert (theirs.data[12:16], theirs.data[-9:]) == (bytes([192, 0, 2, 1]), b"from them")
    data = captured.path.read_bytes()
    assert (captured.size_bytes, captured.truncated) == (len(data), False)
    assert captured.sha256 == hashlib.sha256(data).hexdigest()


def test_addresses_of_the_sixth_version(tmp_path: Path, disk: DiskWriter, limits: CaptureLimits) -> None:
    file = PacketFile(path_in(tmp_path), disk, limits)
    file.packet(("2001:db8::9", 4000), ("2001:db8::1", 5004), b"audio")
    captured = file.close()
    assert captured is not None
    assert packets(captured)[0].data[0] >> 4 == 6


def test_a_call_without_packets_leaves_nothing(
    tmp_path: Path, disk: DiskWriter, limits: CaptureLimits
) -> None:
    file = PacketFile(path_in(tmp_path), disk, limits)
    assert file.close() is None
    file.packet(OURS, THEIRS, b"too late")
    assert list(path_in(tmp_path).parent.iterdir()) == []


def test_of_a_long_call_the_last_packets_are_kept(
    tmp_path: Path, disk: DiskWriter, limits: CaptureLimits
) -> None:
    file = PacketFile(path_in(tmp_path), disk, limits)
    payload = 1_000 - RECORD_BYTES
    for number in range(1_000):  # five times what is kept
        file.packet(OURS, THEIRS, number.to_bytes(4, "big") * (payload // 4))
    captured = file.close()
    assert captured is not None
    assert captured.truncated
    numbers = [int.from_bytes(packet.data[-4:], "big") for packet in packets(captured)]
    assert numbers == list(range(numbers[0], 1_000))
    assert 100_000 <= captured.size_bytes <= 201_000
    assert [each.name for each in path_in(tmp_path).parent.iterdir()] == ["one.pcap"]


def test_what_a_dead_process_left_is_put_together(tmp_path: Path) -> None:
    path = path_in(tmp_path)
    path.parent.mkdir()
    record = Packet(5, b"data").record()
    path.with_suffix(".pcap.older").write_bytes(FILE_HEADER + record)
    path.write_bytes(FILE_HEADER + record + record[:5])
    captured = found(path)
    assert captured is not None
    assert len(packets(captured)) == 2
    assert captured.truncated
    assert found(path_in(tmp_path, "nobody")) is None


def old(path: Path, size: int, age_s: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_the_oldest_make_room(tmp_path: Path, limits: CaptureLimits) -> None:
    oldest = old(tmp_path / "leftover" / "a.pcap", 400_000, 900)
    older = old(tmp_path / "leftover" / "b.pcap", 300_000, 600)
    young = old(tmp_path / "line-1" / "c.pcap", 200_000, 0)
    make_room(limits)
    assert (oldest.exists(), older.exists(), young.exists()) == (False, True, True)


def test_calls_that_go_on_are_not_dropped_for_another(
    tmp_path: Path, disk: DiskWriter, limits: CaptureLimits
) -> None:
    running = old(tmp_path / "line-1" / "c.pcap", 900_000, 0)
    with pytest.raises(NoRoom):
        PacketFile(path_in(tmp_path), disk, limits)
    assert running.exists()
