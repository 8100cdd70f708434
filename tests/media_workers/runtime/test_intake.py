import asyncio
import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import redis.asyncio as redis

from media_workers.contract.calls import JOB_GROUP, JOB_STREAM, CallJob, CallPlan
from media_workers.runtime import intake as module
from media_workers.runtime.control import ControlPlane as Client
from media_workers.runtime.intake import Intake
from media_workers.runtime.places import Places
from media_workers.runtime.waiting import cancelled
from tests.fakes.control_plane import TOKEN, ControlPlane

LONG_S = 30.0
DATABASE = "13"


def plan(call_id: UUID) -> CallPlan:
    return CallPlan(
        call_id=call_id,
        tenant_id=uuid4(),
        direction="outbound",
        from_number="+12025550100",
        to_number="+12025550111",
        agent=None,
    )


def broker() -> redis.Redis:
    address = os.environ["REDIS_URL"].rpartition("/")[0]
    return redis.from_url(f"{address}/{DATABASE}", socket_timeout=5)


@pytest.fixture
async def valkey() -> AsyncIterator[redis.Redis]:
    client = broker()
    await client.flushdb()
    yield client
    await client.flushdb()
    await client.aclose()


class Wire:
    """A way to Valkey that can be cut and mended."""

    def __init__(self) -> None:
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        target = urlsplit(os.environ["REDIS_URL"])
        login = target.netloc.rpartition("@")[0]
        return f"redis://{login}{'@' if login else ''}127.0.0.1:{self._port}/{DATABASE}"

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(os.environ["REDIS_URL"])
        far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)
        self._open |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        self._open -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Line:
    """One line's intake, running."""

    def __init__(
        self, control: ControlPlane, index: int = 1, capacity: int = 4, *, client: redis.Redis | None = None
    ) -> None:
        self.broker = client or broker()
        self.client = Client(control.url, "node-1", TOKEN)
        self.places = Places(capacity, lambda: 0)
        self.started: list[UUID] = []
        self.intake = Intake(
            self.broker,
            self.client,
            line=index,
            places=self.places,
            start=lambda plan: self.started.append(plan.call_id),
        )
        self.task = asyncio.create_task(self.intake.run())

    async def close(self) -> None:
        await cancelled(self.task)
        await self.client.aclose()
        await self.broker.aclose()


@pytest.fixture
async def control() -> AsyncIterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
async def line(control: ControlPlane, valkey: redis.Redis) -> AsyncIterator[Line]:
    line = Line(control)
    yield line
    await line.close()


async def enqueue(valkey: redis.Redis, control: ControlPlane | None = None) -> UUID:
    """A job; with `control`, its call waits there to be claimed."""
    call_id = uuid4()
    if control is not None:
        control.plans[call_id] = plan(call_id)
    await valkey.xadd(JOB_STREAM, {"job": CallJob(call_id=call_id).model_dump_json()})
    return call_id


async def until(condition: object, what: str) -> None:
    deadline = asyncio.get_running_loop().time() + LONG_S
    while not condition():  # type: ignore[operator]
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.01)


async def empty(valkey: redis.Redis) -> None:
    """The stream holds nothing, delivered or not."""
    deadline = asyncio.get_running_loop().time() + LONG_S
    while await valkey.xlen(JOB_STREAM) or (await valkey.xpending(JOB_STREAM, JOB_GROUP))["pending"]:
        assert asyncio.get_running_loop().time() < deadline, "the entry is still there"
        await asyncio.sleep(0.01)


async def test_a_job_becomes_a_call_and_leaves_the_stream(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    call_id = await enqueue(valkey, control)
    await until(lambda: line.started == [call_id], "the call is started")
    assert line.places.busy == 1
    await empty(valkey)


async def test_a_job_from_before_the_group_existed_is_not_overlooked(
    valkey: redis.Redis, control: ControlPlane
) -> None:
    call_id = await enqueue(valkey, control)
    line = Line(control)
    await until(lambda: line.started == [call_id], "the call is started")
    await line.close()


async def test_a_call_that_is_not_ours_is_dropped(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    await enqueue(valkey)
    await until(lambda: len(control.claims) == 1, "the claim")
    await empty(valkey)
    assert line.started == []
    assert line.places.busy == 0


@pytest.mark.parametrize("status", [404, 409, 422])
async def test_a_refused_claim_frees_the_place(
    valkey: redis.Redis, control: ControlPlane, line: Line, status: int
) -> None:
    control.answer_with(status, "/claim")
    await enqueue(valkey, control)
    second = await enqueue(valkey, control)
    await until(lambda: line.started == [second], "the next job")
    assert line.places.busy == 1
    await empty(valkey)


async def test_nonsense_in_the_stream_is_removed(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    await valkey.xadd(JOB_STREAM, {"job": "{"})
    await valkey.xadd(JOB_STREAM, {"other": "field"})
    call_id = await enqueue(valkey, control)
    await until(lambda: line.started == [call_id], "the call behind it")
    await empty(valkey)


async def test_a_full_line_leaves_jobs_to_others(valkey: redis.Redis, control: ControlPlane) -> None:
    full, free = Line(control, 1, capacity=1), Line(control, 2, capacity=2)
    for _ in range(3):
        await enqueue(valkey, control)
    await until(lambda: len(full.started) + len(free.started) == 3, "three calls")
    assert (len(full.started), len(free.started)) == (1, 2)
    waiting = await enqueue(valkey, control)
    await asyncio.sleep(0.2)
    assert len(control.claims) == 3
    full.places.give()
    await until(lambda: waiting in full.started, "the fourth, once there is room")
    await full.close()
    await free.close()


async def test_two_lines_never_take_the_same_call(valkey: redis.Redis, control: ControlPlane) -> None:
    lines = [Line(control, n, capacity=30) for n in (1, 2)]
    calls = {await enqueue(valkey, control) for _ in range(25)}
    await until(lambda: sum(len(line.started) for line in lines) == 25, "all calls")
    assert {*lines[0].started, *lines[1].started} == calls
    for line in lines:
        await line.close()


async def test_a_wiped_valkey_is_no_obstacle(valkey: redis.Redis, control: ControlPlane, line: Line) -> None:
    first = await enqueue(valkey, control)
    await until(lambda: line.started == [first], "the first call")
    await valkey.flushdb()
    second = await enqueue(valkey, control)
    await until(lambda: line.started == [first, second], "the call after the flush")


async def test_a_valkey_that_is_away_is_waited_for(valkey: redis.Redis, control: ControlPlane) -> None:
    wire = Wire()
    await wire.mend()
    line = Line(control, client=redis.from_url(wire.url, socket_timeout=5))
    first = await enqueue(valkey, control)
    await until(lambda: line.started == [first], "the first call")
    await wire.cut()
    second = await enqueue(valkey, control)
    await asyncio.sleep(0.5)
    assert line.started == [first]
    await wire.mend()
    await until(lambda: line.started == [first, second], "the call after the cut")
    await line.close()
    await wire.cut()


async def test_the_claim_waits_for_a_control_plane_that_is_away(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    with control.away():
        call_id = await enqueue(valkey, control)
        await asyncio.sleep(1.0)
        assert line.started == []
        assert (await valkey.xpending(JOB_STREAM, JOB_GROUP))["pending"] == 1
    await until(lambda: line.started == [call_id], "the call, once it is back")
    await empty(valkey)


async def test_a_claim_that_takes_long_holds_up_no_other_call(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    """The control plane may have to wait for a tenant's server before it answers."""
    slow = await enqueue(valkey, control)
    with control.slow_claim(slow) as answer:
        others = [await enqueue(valkey, control) for _ in range(2)]
        await until(lambda: sorted(line.started) == sorted(others), "the calls behind it")
        assert line.places.busy == 3, "it has its place"
        answer()
        await until(lambda: slow in line.started, "the slow one")
    await empty(valkey)


async def test_stopping_waits_for_a_claim_that_is_being_answered(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    slow = await enqueue(valkey, control)
    with control.slow_claim(slow) as answer:
        await until(lambda: slow in control.claims, "the claim is asked")
        line.intake.stop()
        await asyncio.sleep(0.1)
        assert not line.intake.stopped.is_set()
        answer()
        async with asyncio.timeout(LONG_S):
            await line.intake.stopped.wait()
    assert line.started == [slow]


async def test_what_a_dead_line_took_is_taken_over(
    valkey: redis.Redis, control: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    await valkey.xgroup_create(JOB_STREAM, JOB_GROUP, id="0", mkstream=True)
    calls = [await enqueue(valkey, control) for _ in range(2)]
    await valkey.xreadgroup(JOB_GROUP, "node-9:1", {JOB_STREAM: ">"}, count=2)
    monkeypatch.setattr(module, "ABANDONED_MS", 300)
    monkeypatch.setattr(module, "LOOK_FOR_ABANDONED_S", 0.2)
    line = Line(control)
    await until(lambda: sorted(line.started) == sorted(calls), "both calls of the dead line")
    await empty(valkey)
    await line.close()


async def test_stopping_takes_no_more_jobs_and_keeps_none(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    first = await enqueue(valkey, control)
    await until(lambda: line.started == [first], "the intake runs")
    line.intake.stop()
    async with asyncio.timeout(LONG_S):
        await line.intake.stopped.wait()
    await enqueue(valkey, control)
    assert line.started == [first]
    assert len(control.claims) == 1


async def test_stopping_while_a_claim_cannot_be_asked_leaves_the_job_to_others(
    valkey: redis.Redis, control: ControlPlane, line: Line
) -> None:
    with control.away():
        await enqueue(valkey, control)
        await until(lambda: line.places.busy == 1, "the job is held")
        line.intake.stop()
        async with asyncio.timeout(LONG_S):
            await line.intake.stopped.wait()
    assert line.places.busy == 0
    assert (await valkey.xpending(JOB_STREAM, JOB_GROUP))["pending"] == 1
