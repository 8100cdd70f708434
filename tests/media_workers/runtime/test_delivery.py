import asyncio
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from media_workers.audio.recorder import DiskWriter, Recorder
from media_workers.contract.events import (
    Answered,
    CallEvent,
    Dtmf,
    Ended,
    EndReason,
    EventBody,
    RecordingReady,
    Ringing,
)
from media_workers.runtime.control import ControlPlane as Client
from media_workers.runtime.delivery import deliver, deliver_leftover
from media_workers.runtime.reporting import CallReporter
from media_workers.runtime.spool import CallSpool, NodeSpool
from media_workers.runtime.waiting import cancelled
from tests.fakes.control_plane import TOKEN, ControlPlane

LONG_S = 30.0
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
OVER = Ended(reason=EndReason.CALLER_HUNG_UP, duration_ms=1000)


@pytest.fixture
async def control() -> AsyncIterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
async def client(control: ControlPlane) -> AsyncIterator[Client]:
    async with Client(control.url, "node-1", TOKEN) as client:
        yield client


@pytest.fixture
def spools(tmp_path: Path) -> NodeSpool:
    spools = NodeSpool(tmp_path)
    spools.leftover.mkdir()
    return spools


def left(spools: NodeSpool, *bodies: EventBody) -> CallSpool:
    spool = CallSpool(spools.leftover, uuid4())
    spool.append(CallEvent(seq=n, at=datetime.now(UTC), body=body) for n, body in enumerate(bodies, 1))
    spool.close()
    return spool


def record(path: Path, seconds: int = 2, *, close: bool = True) -> Recorder:
    writer = DiskWriter()
    recorder = Recorder(path, writer)
    for _ in range(seconds * 50):
        recorder.feed(b"\x01\x02" * 160, b"\x03\x04" * 160)
    if close:
        recorder.close()
    writer.close()
    return recorder


async def leftover(client: Client, spools: NodeSpool, call_id: UUID) -> None:
    async with asyncio.timeout(LONG_S):
        await deliver_leftover(client, spools, call_id)


def files(spools: NodeSpool) -> list[str]:
    return sorted(path.name for path in spools.leftover.iterdir())


async def test_a_finished_call_is_told_in_full_and_leaves_nothing_behind(
    control: ControlPlane, client: Client, tmp_path: Path
) -> None:
    spool = CallSpool(tmp_path, uuid4())
    writer = DiskWriter()
    recorder = Recorder(spool.recording, writer)
    for _ in range(100):
        recorder.feed(b"\x01\x02" * 160, None)
    recorded = recorder.close()
    report = CallReporter(spool, client.events, "node-1")
    report.emit(Ringing())
    report.emit(OVER)
    async with asyncio.timeout(LONG_S):
        await deliver(client, spool, report, recorded)
    bodies = control.bodies(spool.call_id)
    assert bodies[:2] == [Ringing(), OVER]
    assert bodies[2] == RecordingReady(
        duration_ms=2000, size_bytes=recorded.size_bytes, sha256=recorded.sha256
    )
    assert len(control.recordings[spool.call_id]) == recorded.size_bytes
    assert list(tmp_path.iterdir()) == []
    writer.close()


async def test_a_call_that_died_unended_is_told_to_be_lost(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = CallSpool(spools.leftover, uuid4())
    told = [Ringing(), Answered(codec="PCMU"), Dtmf(digit="1", at_ms=61_500)]
    seconds = (0, 5, 66.5)
    spool.append(
        CallEvent(seq=n, at=WHEN + timedelta(seconds=s), body=body)
        for n, (s, body) in enumerate(zip(seconds, told, strict=True), 1)
    )
    spool.close()
    await leftover(client, spools, spool.call_id)
    bodies = control.bodies(spool.call_id)
    assert bodies[:3] == told
    assert [(b.reason, b.duration_ms) for b in bodies[3:]] == [(EndReason.NODE_LOST, 61_500)]
    assert files(spools) == []


async def test_an_end_that_was_told_stands(control: ControlPlane, client: Client, spools: NodeSpool) -> None:
    spool = left(spools, Ringing(), OVER)
    await leftover(client, spools, spool.call_id)
    assert control.bodies(spool.call_id) == [Ringing(), OVER]


async def test_events_that_had_arrived_are_not_told_twice(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), Answered(codec="PCMU"))
    control.events[spool.call_id] = spool.read()[:1]
    await leftover(client, spools, spool.call_id)
    assert [e.seq for e in control.events[spool.call_id]] == [1, 2, 3]


async def test_the_end_comes_after_what_the_machine_lost_but_the_control_plane_has(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), Answered(codec="PCMU"))
    stored = [*spool.read(), CallEvent(seq=3, at=datetime.now(UTC), body=Ringing(sip_code=183))]
    control.events[spool.call_id] = list(stored)
    await leftover(client, spools, spool.call_id)
    ended = control.events[spool.call_id][3:]
    assert [(e.seq, e.body.type) for e in ended] == [(4, "ended")]


async def test_the_recording_of_a_dead_process_is_made_whole_and_uploaded(
    control: ControlPlane, client: Client, spools: NodeSpool, tmp_path: Path
) -> None:
    spool = left(spools, Ringing())
    record(spool.recording, close=False)
    with spool.recording.open("ab") as file:
        file.write(b"\x01\x02\x03")  # torn by the crash
    await leftover(client, spools, spool.call_id)
    (tmp_path / "got.wav").write_bytes(control.recordings[spool.call_id])
    with wave.open(str(tmp_path / "got.wav")) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getnframes()) == (2, 8000, 16_000)
    assert [b.type for b in control.bodies(spool.call_id)] == ["ringing", "ended", "recording"]
    assert files(spools) == []


async def test_a_recording_that_is_stored_is_not_sent_again(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    ready = RecordingReady(duration_ms=1, size_bytes=1, sha256="0")
    spool = left(spools, Ringing(), OVER, ready)
    record(spool.recording)
    await leftover(client, spools, spool.call_id)
    assert control.recordings == {}
    assert control.bodies(spool.call_id) == [Ringing(), OVER, ready]
    assert files(spools) == []


async def test_a_recording_without_sound_is_thrown_away(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), OVER)
    record(spool.recording, seconds=0)
    await leftover(client, spools, spool.call_id)
    assert control.recordings == {}
    assert files(spools) == []


async def test_an_upload_is_tried_until_it_arrives(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), OVER)
    record(spool.recording)
    control.answer_with(503, "/recording", times=2)
    await leftover(client, spools, spool.call_id)
    assert spool.call_id in control.recordings
    assert files(spools) == []


async def test_a_refused_recording_lies_aside_and_the_events_arrive(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), OVER)
    record(spool.recording)
    control.answer_with(422, "/recording")
    await leftover(client, spools, spool.call_id)
    assert control.bodies(spool.call_id) == [Ringing(), OVER]
    assert files(spools) == [f"{spool.call_id}.wav.refused"]


async def test_a_refused_call_lies_aside_whole(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing(), OVER)
    record(spool.recording)
    control.answer_with(404, "/events")
    await leftover(client, spools, spool.call_id)
    assert files(spools) == [f"{spool.call_id}.events.refused", f"{spool.call_id}.wav.refused"]
    assert control.recordings == {}


async def test_an_interrupted_delivery_leaves_everything_for_the_next(
    control: ControlPlane, client: Client, spools: NodeSpool
) -> None:
    spool = left(spools, Ringing())
    record(spool.recording)
    before = files(spools)
    with control.away():
        task = asyncio.create_task(deliver_leftover(client, spools, spool.call_id))
        await asyncio.wait({task}, timeout=0.5)
        await cancelled(task)
        assert files(spools) == before
    await leftover(client, spools, spool.call_id)
    assert [b.type for b in control.bodies(spool.call_id)] == ["ringing", "ended", "recording"]
    assert files(spools) == []
