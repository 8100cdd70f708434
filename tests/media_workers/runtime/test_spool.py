import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from media_workers.contract.events import CallEvent, EventBody, Ringing, TurnSpoken
from media_workers.runtime.spool import CallSpool, NodeSpool

WHEN = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


def event(seq: int, body: EventBody | None = None) -> CallEvent:
    return CallEvent(seq=seq, at=WHEN, body=body or Ringing())


def spoken(text: str) -> TurnSpoken:
    return TurnSpoken(index=0, speaker="caller", text=text, start_ms=0, end_ms=10)


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path / "line-0", uuid4())
    spool.append([event(1), event(2, spoken('ein "Wort"\nünd\x00mehr \u2028 \U0001f600'))])
    spool.append([event(3)])
    assert CallSpool(spool.folder, spool.call_id).read() == [
        event(1),
        event(2, spoken('ein "Wort"\nünd\x00mehr \u2028 \U0001f600')),
        event(3),
    ]


def test_nothing_there_is_nothing_to_tell(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path, uuid4())
    assert spool.read() == []
    assert spool.repair() == []
    spool.delete()


def test_written_means_that_another_process_can_read_it_at_once(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path, uuid4())
    spool.append([event(1)])
    child = os.fork()
    if child == 0:  # reads with its own descriptor what was never flushed or closed
        os._exit(len(CallSpool(tmp_path, spool.call_id).read()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_a_crash_at_any_byte_loses_no_whole_event_and_the_file_goes_on(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path, uuid4())
    spool.append([event(1), event(2, spoken("hello")), event(3)])
    whole = spool.path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == 0x0A]
    for size in range(len(whole) + 1):
        torn = CallSpool(tmp_path, uuid4())
        torn.path.write_bytes(whole[:size])
        survived = sum(1 for end in ends if end <= size)
        assert [e.seq for e in torn.repair()] == list(range(1, survived + 1))
        torn.append([event(survived + 1, spoken("after"))])
        assert [e.seq for e in torn.read()] == list(range(1, survived + 2))
        torn.close()


def test_what_follows_damage_is_not_read(tmp_path: Path) -> None:
    """Numbers must have no gap: an event behind a damaged one cannot be told."""
    spool = CallSpool(tmp_path, uuid4())
    spool.append([event(1), event(2), event(3)])
    lines = spool.path.read_bytes().splitlines(keepends=True)
    spool.path.write_bytes(lines[0] + b"\x00" * 40 + b"\n" + lines[2])
    assert [e.seq for e in spool.repair()] == [1]
    assert spool.path.read_bytes() == lines[0]


def test_a_full_disk_leaves_the_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = CallSpool(tmp_path, uuid4())
    spool.append([event(1)])
    before = spool.path.read_bytes()
    real = os.write

    def half_then_full(fd: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half_then_full)
    with pytest.raises(OSError, match="No space"):
        spool.append([event(2)])
    monkeypatch.undo()
    assert spool.path.read_bytes() == before
    spool.append([event(2)])
    assert [e.seq for e in spool.read()] == [1, 2]


def test_refused_calls_lie_aside_with_their_recording(tmp_path: Path) -> None:
    spools = NodeSpool(tmp_path)
    spool = CallSpool(spools.leftover, uuid4())
    spool.append([event(1)])
    spool.recording.write_bytes(b"wav")
    kept = spool.set_aside()
    assert kept.exists()
    assert spools.leftovers() == []
    assert not spool.recording.exists()


def test_a_dead_lines_calls_are_adopted_oldest_first(tmp_path: Path) -> None:
    spools = NodeSpool(tmp_path)
    old, new, silent = UUID(int=1), UUID(int=2), UUID(int=3)
    for call_id in (new, old):
        spool = CallSpool(spools.line(0), call_id)
        spool.append([event(1)])
        spool.close()
    CallSpool(spools.line(1), silent).recording.write_bytes(b"wav without events")
    (spools.line(0) / "notes.txt").write_text("not ours")
    assert spools.lines() == [spools.line(0), spools.line(1)]
    for line in spools.lines():
        spools.adopt(line)
    assert spools.leftovers() == [old, new, silent]
    assert [p.name for p in spools.line(0).iterdir()] == ["notes.txt"]


def test_events_of_a_call_are_for_nobody_elses_eyes(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path, uuid4())
    spool.append([event(1)])
    assert spool.path.stat().st_mode & 0o077 == 0
