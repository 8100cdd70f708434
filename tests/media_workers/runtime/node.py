"""A media node of our own: real processes, beside a control plane that keeps notes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import redis

from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from media_workers.contract.calls import (
    JOB_STREAM,
    CallCommand,
    CallJob,
    CallPlan,
    DialTarget,
    Gateway,
    InboundAnswer,
    InboundCall,
    command_stream,
)
from media_workers.contract.events import Answered, Ended, EventBody, TurnSpoken
from media_workers.contract.flow import ScriptBranch
from tests.fakes.control_plane import TOKEN, ControlPlane
from tests.media_workers.runtime.conftest import free_sip_port
from tests.sip.wait import until

VALKEY_DATABASE = 12 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
"""One for each worker: two nodes of one database would take each other's jobs."""

NAME = "node-under-test"

AGENT = AgentConfig(
    first_message="Good day. Would you like a table?",
    model=ScriptModel(
        nodes={
            "start": ScriptNode(
                expect=[
                    ScriptBranch(phrases=["yes please", "yes"], set={"table": "yes"}, reply="It is yours."),
                    ScriptBranch(phrases=["no thank you", "goodbye"], reply="Goodbye.", action="end_call"),
                    ScriptBranch(dtmf="1", reply="You pressed one.", goto="start"),
                ]
            )
        }
    ),
)


class Node:
    """`python -m media_workers.runtime` with lines, ports and a spool of its own."""

    def __init__(
        self,
        control: ControlPlane,
        data_dir: Path,
        *,
        lines: int = 2,
        drain_limit_s: int = 30,
        browser_calls: int = 4,
    ) -> None:
        self.control = control
        self.data_dir = data_dir
        self.lines = lines
        self.sip_port = free_sip_port(lines)
        self.env = os.environ | {
            "NODE_NAME": NAME,
            "NODE_TOKEN": TOKEN,
            "CONTROL_URL": control.url,
            "REDIS_URL": _redis_url(),
            "SIP_PORT": str(self.sip_port),
            "RTP_PORT_FIRST": "23400",
            "RTP_PORT_LAST": "23998",
            "MEDIA_LINES": str(lines),
            "DATA_DIR": str(data_dir),
            "DRAIN_LIMIT_S": str(drain_limit_s),
            "BROWSER_CALLS": str(browser_calls),
        }
        self.valkey = redis.Redis.from_url(_redis_url(), socket_timeout=5)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def sip(self) -> tuple[str, int]:
        """Where line 0 listens."""
        return ("127.0.0.1", self.sip_port)

    @property
    def browser_url(self) -> str:
        """Where browser calls come in, by the node's own word."""
        return self.control.heartbeats[-1].browser_url

    @property
    def spool(self) -> Path:
        return self.data_dir / "spool" / NAME

    def start(self) -> Node:
        """Returns when every line takes calls."""
        beats = len(self.control.heartbeats)
        self.process = self.spawn()
        until(lambda: self._has_all(beats), "the node has its whole capacity", timeout_s=90)
        return self

    def spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "media_workers.runtime"], env=self.env)

    def _has_all(self, since: int) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the node has ended"
        beats = self.control.heartbeats[since:]
        return bool(beats) and beats[-1].capacity == 4 * self.lines and beats[-1].browser_capacity > 0

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def line_process(self, line: int) -> psutil.Process:
        """The process that listens on the SIP port of `line`."""
        port = self.sip_port if line == 0 else self.sip_port + 10 + line
        for process in self.processes():
            if any(c.laddr.port == port for c in process.net_connections("udp")):
                return process
        raise AssertionError(f"no process listens on {port}")

    def browser_process(self) -> psutil.Process:
        """The process that carries the browser calls."""
        port = self.sip_port + 10
        for process in self.processes():
            if any(c.laddr.port == port and c.status == "LISTEN" for c in process.net_connections("tcp")):
                return process
        raise AssertionError(f"no process listens on {port}")

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout_s: float = 60) -> int:
        assert self.process is not None
        return self.process.wait(timeout_s)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGINT)
            try:
                self.process.wait(40)
            finally:
                for process in self.processes() if self.process.poll() is None else []:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
        self.valkey.close()

    # --- what the control plane does --------------------------------------------------------------

    def admits(self, agent: AgentConfig | None = AGENT, *, capture_rtp: bool = False) -> list[UUID]:
        """From now on inbound calls are admitted; their ids, as they come."""
        admitted: list[UUID] = []

        def admit(call: InboundCall) -> InboundAnswer:
            plan = CallPlan(
                call_id=uuid4(),
                tenant_id=uuid4(),
                direction="inbound",
                from_number=call.caller,
                to_number=call.dialed_number,
                agent=agent,
                capture_rtp=capture_rtp,
            )
            admitted.append(plan.call_id)
            return InboundAnswer(plan=plan)

        self.control.admit = admit
        return admitted

    def places(self, number: str, *gateways: Gateway, ring_s: float = 30, agent: AgentConfig = AGENT) -> UUID:
        """Queues an outbound call."""
        call_id = uuid4()
        self.control.plans[call_id] = CallPlan(
            call_id=call_id,
            tenant_id=uuid4(),
            direction="outbound",
            from_number="+12025550150",
            to_number=number,
            agent=agent,
            dial=DialTarget(
                number=number,
                caller_id="+12025550150",
                gateways=list(gateways),
                ring_timeout_ms=int(ring_s * 1000),
            ),
        )
        self.valkey.xadd(JOB_STREAM, {"job": CallJob(call_id=call_id).model_dump_json()})
        return call_id

    def browser_call(self, agent: AgentConfig = AGENT) -> UUID:
        """A browser call that waits for its socket."""
        call_id = uuid4()
        self.control.plans[call_id] = CallPlan(
            call_id=call_id,
            tenant_id=uuid4(),
            direction="browser",
            from_number="",
            to_number="",
            agent=agent,
        )
        return call_id

    def commands(self, command: CallCommand) -> None:
        self.valkey.xadd(command_stream(NAME), {"command": command.model_dump_json()})

    def clear(self) -> None:
        """After a test that this node outlives: its calls are hung up, and nothing of it is remembered."""
        self.control.gate.set()
        going = [call for call in self.control.events if self.control.ended(call) is None]
        self.control.lost.update(going)
        until(lambda: not self.control.heartbeats[-1].calls, "the node carries no call")
        self.control.forget()

    # --- what it has heard ------------------------------------------------------------------------

    def until_ended(self, call_id: UUID, timeout_s: float = 60) -> Ended:
        return until(lambda: self.control.ended(call_id), "the call has ended", timeout_s)

    def until_answered(self, call_id: UUID) -> None:
        until(lambda: any(isinstance(b, Answered) for b in self.control.bodies(call_id)), "it is answered")

    def until_turns(self, call_id: UUID, count: int) -> list[TurnSpoken]:
        until(lambda: len(turns(self.control.bodies(call_id))) >= count, f"{count} turns")
        return turns(self.control.bodies(call_id))

    def until_delivered(self) -> None:
        """Nothing is left on disk."""
        files = ("*/*.events", "*/*.wav", "*/*.pcap*")
        until(lambda: not [p for f in files for p in self.spool.glob(f)], "the spool is empty")


@contextlib.contextmanager
def running(control: ControlPlane, data_dir: Path, **options: int) -> Iterator[Node]:
    """A started node, ended with the block."""
    node = Node(control, data_dir, **options)
    node.valkey.flushdb()
    try:
        yield node.start()
    finally:
        node.end()


def turns(bodies: list[EventBody]) -> list[TurnSpoken]:
    return [body for body in bodies if isinstance(body, TurnSpoken)]


def _redis_url() -> str:
    return f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{VALKEY_DATABASE}"
