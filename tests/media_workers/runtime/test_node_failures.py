"""A node on real wires whose processes are killed, and how it stops."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from media_workers.contract.calls import Gateway
from media_workers.contract.events import EndReason
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.callers import PATIENT, Caller, call_in, numbers_without_gap
from tests.media_workers.runtime.node import Node, running, turns
from tests.sip.speech import timeline
from tests.sip.wait import until


@pytest.fixture
def control() -> Iterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


@pytest.fixture
def node(control: ControlPlane, tmp_path: Path) -> Iterator[Node]:
    with running(control, tmp_path / "data") as node:
        yield node


# --- what goes wrong ----------------------------------------------------------------------------


def test_events_of_a_call_without_control_plane_arrive_later_in_order_once(
    node: Node, tmp_path: Path
) -> None:
    admitted = node.admits()
    caller = Caller(node, tmp_path / "sipp", timeline(4500, "Yes please.", 4500, "Goodbye.", 4000))
    caller.answered()
    node.until_answered(admitted[0])
    with node.control.away():
        assert caller.result().ok
    assert node.until_ended(admitted[0]).reason is EndReason.AGENT_HUNG_UP
    node.until_delivered()
    numbers_without_gap(node)
    assert len(turns(node.control.bodies(admitted[0]))) == 5
    assert admitted[0] in node.control.recordings


def test_a_line_that_dies_loses_its_calls_in_words_and_is_replaced(node: Node, tmp_path: Path) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    node.until_turns(admitted[0], 1)
    dead = node.line_process(0)
    dead.kill()
    assert node.until_ended(admitted[0]).reason is EndReason.NODE_LOST
    caller.sipp.stop()
    until(lambda: node.control.heartbeats[-1].capacity == 8, "the line is back")
    assert node.line_process(0).pid != dead.pid
    [line] = node.control.heartbeats[-1].sip_lines
    assert (line.address.rpartition(":")[2], line.capacity, line.life) == (str(node.sip_port), 4, "2")
    again = Caller(node, tmp_path / "again", timeline(4500, "Goodbye.", 4000))
    assert again.result().ok
    assert node.until_ended(admitted[1]).reason is EndReason.AGENT_HUNG_UP
    node.until_delivered()
    numbers_without_gap(node)


def test_a_killed_supervisor_leaves_nothing_behind_and_callers_are_hung_up(
    control: ControlPlane, tmp_path: Path
) -> None:
    with running(control, tmp_path / "data") as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.until_turns(admitted[0], 1)
        family = node.processes()
        assert len(family) >= 5
        node.signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(family, timeout=30)
        assert not alive
        assert caller.result().ok, "the caller got a BYE"
        node.start()
        assert node.until_ended(admitted[0]).reason is EndReason.NODE_LOST
        node.until_delivered()
        numbers_without_gap(node)
        assert admitted[0] in control.recordings
        assert Caller(node, tmp_path / "again", timeline(4500, "Goodbye.", 4000)).result().ok


def test_calls_that_died_with_the_whole_node_are_told_by_the_next(
    control: ControlPlane, tmp_path: Path
) -> None:
    with running(control, tmp_path / "data") as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.until_turns(admitted[0], 1)
        family = node.processes()
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=30)
        caller.sipp.stop()
        assert control.ended(admitted[0]) is None
        node.start()
        ended = node.until_ended(admitted[0])
        assert ended.reason is EndReason.NODE_LOST
        node.until_delivered()
        numbers_without_gap(node)
        assert admitted[0] in control.recordings


# --- stopping -----------------------------------------------------------------------------------


def test_draining_lets_calls_finish_and_takes_no_new_ones(
    node: Node, tmp_path: Path, phones: Gateway
) -> None:
    admitted = node.admits()
    caller = Caller(node, tmp_path / "sipp", timeline(7000, "Goodbye.", 6000))
    caller.answered()
    node.until_answered(admitted[0])
    node.signal(signal.SIGTERM)
    until(lambda: node.control.heartbeats[-1].draining, "it says that it drains")
    late = call_in(node, "uac_unknown_number", tmp_path / "late")
    assert late.responses()[-1] == 503
    assert "Retry-After: " in late.messages
    job = node.places("+12025550107", phones)
    assert caller.result().ok
    assert node.wait() == 0
    assert node.control.ended(admitted[0]).reason is EndReason.AGENT_HUNG_UP  # type: ignore[union-attr]
    assert admitted[0] in node.control.recordings
    assert job not in node.control.claims
    assert len(admitted) == 1


def test_a_drain_has_an_end(control: ControlPlane, tmp_path: Path) -> None:
    with running(control, tmp_path / "data", drain_limit_s=1) as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        node.signal(signal.SIGTERM)
        assert caller.result().ok
        assert node.wait() == 0
        ended = control.ended(admitted[0])
        assert ended is not None
        assert ended.reason is EndReason.NODE_STOPPED


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]])
def test_an_end_at_once_hangs_up_and_tells(node: Node, tmp_path: Path, signals: list[signal.Signals]) -> None:
    admitted = node.admits(PATIENT)
    caller = Caller(node, tmp_path / "sipp", timeline(500))
    caller.answered()
    node.until_answered(admitted[0])
    family = node.processes()
    for number in signals:
        node.signal(number)
        until(lambda: node.control.heartbeats[-1].draining, "it has heard that")
    assert caller.result().ok
    assert node.wait() == 0
    ended = node.control.ended(admitted[0])
    assert ended is not None
    assert ended.reason is EndReason.NODE_STOPPED
    assert not psutil.wait_procs(family, timeout=10)[1]
    assert not list(node.spool.glob("*/*.events"))
