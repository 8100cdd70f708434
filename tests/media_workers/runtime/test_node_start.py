"""A node that has one line, and nodes that cannot start."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_workers.contract.calls import CallCommand, Gateway
from media_workers.contract.events import EndReason
from tests.fakes.control_plane import ControlPlane
from tests.media_workers.runtime.callers import PATIENT, Caller
from tests.media_workers.runtime.node import Node, running
from tests.sip.speech import timeline


@pytest.fixture
def control() -> Iterator[ControlPlane]:
    with ControlPlane() as control:
        yield control


# --- not starting -------------------------------------------------------------------------------


def run_to_end(env: dict[str, str]) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    command = [sys.executable, "-m", "media_workers.runtime"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_a_single_line_takes_calls_and_places_them_and_no_second_node_of_its_name_starts(
    control: ControlPlane, tmp_path: Path, phones: Gateway
) -> None:
    with running(control, tmp_path / "data", lines=1) as node:
        admitted = node.admits(PATIENT)
        caller = Caller(node, tmp_path / "sipp", timeline(500))
        caller.answered()
        assert node.until_ended(node.places("+12025550107", phones)).reason is EndReason.BUSY
        node.commands(CallCommand(call_id=admitted[0], action="hang_up"))
        assert caller.result().ok
        code, said = run_to_end(node.env)
        assert code == 1
        assert "NODE_NAME" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("line", [0, 1])
def test_a_busy_port_is_said_in_one_sentence(control: ControlPlane, tmp_path: Path, line: int) -> None:
    node = Node(control, tmp_path / "data")
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        port = node.sip_port + (11 if line else 0)
        holder.bind(("127.0.0.1", port))
        code, said = run_to_end(node.env)
    assert code == 1
    assert said.count("\n") == 1
    assert f":{port}" in said
    assert "SIP_PORT" in said
    node.end()


def test_a_wrong_environment_is_said_in_one_sentence(control: ControlPlane, tmp_path: Path) -> None:
    node = Node(control, tmp_path / "data")
    code, said = run_to_end(node.env | {"NODE_TOKEN": ""})
    assert code == 2
    assert said.startswith("The media node cannot start: NODE_TOKEN: ")
    assert said.count("\n") == 1
    node.end()
