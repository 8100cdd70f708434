import asyncio
import errno
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from media_workers.contract.events import (
    Dtmf,
    Ended,
    EndReason,
    EventBody,
    Partial,
    Ringing,
    TurnSpoken,
)
from media_workers.runtime.control import ControlPlane as Client
from media_workers.runtime.reporting import CallReporter
from media_workers.runtime.spool import CallSpool
from tests.fakes.control_plane import TOKEN, ControlPlane

LONG_S = 30.0


def spoken(index: int, text: str = "yes") -> TurnSpoken:
    return TurnSpoken(index=index, speaker="caller", text=text, start_ms=index, end_ms=index + 1)


def partial(text: str, speaker: str = "caller") -> Partial:
    return Partial.model_validate({"speaker": speaker, "text": text, "at_ms": 1})


@pytest.fixture
async def control() -> AsyncIterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
async def client(control: ControlPlane) -> AsyncIterator[Client]:
    async with Client(control.url, "node-1", TOKEN) as client:
        yield client


@pytest.fixture
async def spool(tmp_path: Path) -> CallSpool:
    return CallSpool(tmp_path, uuid4())


@pytest.fixture
async def report(spool: CallSpool, client: Client) -> AsyncIterator[CallReporter]:
    report = CallReporter(spool, client.events, "node-1")
    yield report
    await report.close()


async def until(condition: object, what: str) -> None:
    deadline = asyncio.get_running_loop().time() + LONG_S
    while not condition():  # type: ignore[operator]
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.01)


async def test_events_arrive_numbered_from_one_without_gap(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    bodies: list[EventBody] = [Ringing(), *(spoken(i) for i in range(250)), Ended(reason=EndReason.BUSY)]
    for body in bodies:
        report.emit(body)
    await report.drained()
    assert report.delivered
    assert control.bodies(spool.call_id) == bodies
    assert [e.seq for e in control.events[spool.call_id]] == list(range(1, len(bodies) + 1))
    assert max(len(batch.events) for batch in control.batches) <= 100


async def test_an_event_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    spool = CallSpool(tmp_path, uuid4())
    on_disk: list[int] = []

    async def send(batch: object) -> int:
        on_disk.append(len(CallSpool(tmp_path, spool.call_id).read()))
        return batch.events[-1].seq  # type: ignore[attr-defined,no-any-return]

    report = CallReporter(spool, send, "node-1")
    report.emit(Ringing())
    await report.drained()
    report.emit(spoken(0))
    await report.drained()
    await report.close()
    assert on_disk == [1, 2]


async def test_small_talk_travels_together_and_turns_at_once(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    for digit in "123":
        report.emit(Dtmf(digit=digit, at_ms=1))
        await asyncio.sleep(0.01)
    report.emit(spoken(0))
    await report.drained()
    assert len(control.batches) == 1
    assert len(control.batches[0].events) == 4


async def test_of_live_text_only_the_latest_is_told_and_no_number_is_lost(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    for text in ("I", "I would", "I would like"):
        report.emit(partial(text))
    report.emit(partial("Hello.", "agent"))
    await until(lambda: len(control.bodies(spool.call_id)) == 2, "two partials")
    report.emit(partial("a table"))
    report.emit(spoken(0, "I would like a table"))
    await report.drained()
    assert control.bodies(spool.call_id) == [
        partial("I would like"),
        partial("Hello.", "agent"),
        spoken(0, "I would like a table"),
    ]


async def test_while_the_control_plane_is_away_events_wait_and_partials_do_not(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    report.emit(Ringing())
    await report.drained()
    with control.away():
        report.emit(spoken(0))
        await until(lambda: report._down, "the reporter has noticed")
        report.emit(partial("lost on purpose"))
        for i in range(1, 150):
            report.emit(spoken(i))
        await until(lambda: len(spool.read()) == 151, "all of it on disk")
    await asyncio.wait_for(report.drained(), LONG_S)
    assert control.bodies(spool.call_id) == [Ringing(), *(spoken(i) for i in range(150))]


@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 403])
async def test_an_answer_that_may_change_is_asked_for_again(
    control: ControlPlane, report: CallReporter, spool: CallSpool, status: int
) -> None:
    control.answer_with(status, "/events", times=2)
    report.emit(spoken(0))
    await asyncio.wait_for(report.drained(), LONG_S)
    assert control.bodies(spool.call_id) == [spoken(0)]


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_refusal_sets_the_call_aside_for_good(
    control: ControlPlane, report: CallReporter, spool: CallSpool, status: int
) -> None:
    control.answer_with(status, "/events")
    report.emit(spoken(0))
    await asyncio.wait_for(report.drained(), LONG_S)
    assert report.refused
    report.emit(spoken(1))
    await asyncio.wait_for(report.drained(), LONG_S)
    assert control.bodies(spool.call_id) == []
    assert not spool.path.exists()
    assert [p.suffix for p in spool.folder.iterdir()] == [".refused"]


async def test_events_of_many_threads_keep_each_ones_order(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    def talk(thread: int) -> None:
        for i in range(100):
            report.emit(spoken(i, f"{thread}"))

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    await report.drained()
    bodies = control.bodies(spool.call_id)
    assert len(bodies) == 400
    for n in range(4):
        assert [b.index for b in bodies if b.text == f"{n}"] == list(range(100))


async def test_a_full_disk_does_not_silence_the_call(
    control: ControlPlane, report: CallReporter, spool: CallSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: CallSpool, events: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(CallSpool, "append", full)
    report.emit(spoken(0))
    await report.drained()
    assert control.bodies(spool.call_id) == [spoken(0)]


async def test_a_control_plane_that_lost_what_it_had_gets_it_again_from_disk(
    control: ControlPlane, report: CallReporter, spool: CallSpool
) -> None:
    for i in range(5):
        report.emit(spoken(i))
    await report.drained()
    del control.events[spool.call_id][2:]
    report.emit(spoken(5))
    await asyncio.wait_for(report.drained(), LONG_S)
    assert control.bodies(spool.call_id) == [spoken(i) for i in range(6)]


async def test_closing_leaves_on_disk_what_was_not_acknowledged(
    control: ControlPlane, client: Client, spool: CallSpool
) -> None:
    report = CallReporter(spool, client.events, "node-1")
    with control.away():
        report.emit(spoken(0))
        report.emit(spoken(1))
        await report.close()
        assert [e.body for e in spool.read()] == [spoken(0), spoken(1)]
    again = CallReporter(spool, client.events, "node-1", waiting=spool.read())
    again.emit(spoken(2))
    await asyncio.wait_for(again.drained(), LONG_S)
    await again.close()
    assert control.bodies(spool.call_id) == [spoken(0), spoken(1), spoken(2)]


async def test_of_keys_without_end_so_many_are_told(
    control: ControlPlane, report: CallReporter, spool: CallSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_workers.runtime.reporting.KEYS", 3)
    for index in range(10):
        report.emit(Dtmf(digit="1", at_ms=index))
        report.emit(spoken(index).model_copy(update={"dtmf": True}))
    report.emit(spoken(11))
    report.emit(Ended(reason=EndReason.CALLER_HUNG_UP))
    await asyncio.wait_for(report.drained(), LONG_S)
    bodies = control.bodies(spool.call_id)
    assert [body.type for body in bodies] == [*["dtmf", "turn"] * 3, "trouble", "turn", "ended"]
    assert isinstance(bodies[-2], TurnSpoken)
    assert bodies[-2].index == 11
