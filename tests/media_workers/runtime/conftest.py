"""Real telephones and sockets for the runtime's tests."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from media_workers.contract.calls import Gateway
from media_workers.runtime.leg_port import LegPort
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import Invite, Leg, LineConfig
from tests.sip.wait import until


def free_sip_port(lines: int = 1) -> int:
    """A SIP port whose node has all of its ports free, those of its lines and of its browser calls, for
    UDP and TCP; below the range that the kernel takes the ports of outgoing connections from."""
    while True:
        port = random.randrange(16_000, 22_000)
        if all(_free(each) for each in (port, *range(port + 10, port + 10 + lines))):
            return port


def _free(port: int) -> bool:
    with socket.socket(type=socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers_options(port: int) -> bool:
    """Whether a SIP endpoint answers on the port."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.3)
        probe.connect(("127.0.0.1", port))
        own = probe.getsockname()[1]
        request = (
            f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK-{own};rport\r\n"
            f"From: <sip:probe@127.0.0.1>;tag={own}\r\nTo: <sip:127.0.0.1:{port}>\r\n"
            f"Call-ID: {own}@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
        try:
            probe.send(request.encode())
            return probe.recv(4096).startswith(b"SIP/2.0 ")
        except OSError:
            return False


@pytest.fixture(scope="session")
def phones() -> Iterator[Gateway]:
    """The sandbox's telephones, as a carrier's gateway."""
    port = free_sip_port()
    process = subprocess.Popen([sys.executable, "-m", "media_workers.sandbox", "serve", "--port", str(port)])
    try:
        until(lambda: answers_options(port), "the sandbox phones answer")
        yield Gateway(host="127.0.0.1", port=port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


class NoInbound:
    """Who hears of INVITEs to `line`."""

    def on_invite(self, leg: Leg, invite: Invite) -> LegPort:
        raise AssertionError("nobody calls this line")


@pytest.fixture(scope="session")
def line() -> Iterator[PjsuaLine]:
    """A line in the test's own process, which can have but one in its life."""
    line = PjsuaLine(LineConfig(port=free_sip_port(), rtp_ports=(23_000, 23_200)), NoInbound())
    line.start()
    yield line
    line.stop()


@pytest.fixture
def black_hole() -> Iterator[Gateway]:
    """A gateway that takes every packet and never answers."""
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        yield Gateway(host="127.0.0.1", port=silent.getsockname()[1])
