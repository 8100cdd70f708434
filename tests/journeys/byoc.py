"""A customer's own carrier on the running program: what the BYOC journeys share."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.local.environment import BASE_DIR
from config.local.process import spawn
from tests.journeys.client import Client, Json
from tests.journeys.conftest import MAKE_TENANT
from tests.journeys.stack import Stack
from tests.sip import rtp, sipp, speech
from tests.sip.ports import free_block

HELLO = "Hello, this is about {{order}}."
AGENT = {
    "first_message": HELLO,
    "model": {
        "provider": "script",
        "nodes": {
            "start": {"expect": [{"phrases": ["goodbye"], "reply": "Goodbye.", "action": "end_call"}]},
        },
    },
    "turn_taking": {"endpointing_ms": 300},
}
TALK = speech.timeline(6_000, "Goodbye.", 2_000)
"""The other side of a conversation with `AGENT`: lets it finish, and takes its leave."""


@dataclass
class Site:
    """The running program and its customer, by the public API."""

    stack: Stack
    api: Client
    trunks: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, stack: Stack) -> Site:
        stack.start()
        return cls(stack, Client.open(stack.web_url, stack.run(MAKE_TENANT).strip()))

    def make_trunk(self, name: str, **values: Any) -> str:
        """A new trunk's id, kept under its name."""
        self.trunks[name] = str(self.api.post("/trunks", {"name": name, **values})["id"])
        return self.trunks[name]

    def change_trunk(self, name: str, **values: Any) -> None:
        response = self.api.http.patch(f"/trunks/{self.trunks[name]}", json=values)
        assert response.is_success, response.text

    def trunk(self, name: str) -> Json:
        return self.api.get(f"/trunks/{self.trunks[name]}")

    def registration(self, name: str) -> Json:
        found: Json = self.trunk(name)["state"]["registration"]
        return found

    def health(self, name: str) -> dict[int, Json]:
        """By the gateway's port."""
        return {g["port"]: g["health"] for g in self.trunk(name)["gateways"]}

    def make_number(self, e164: str, trunk: str, **values: Any) -> None:
        body = {"carrier": "byoc", "e164": e164, "trunk": self.trunks[trunk], **values}
        self.numbers.append(str(self.api.post("/numbers", body)["id"]))

    def close(self) -> None:
        """Releases all numbers and archives all trunks that were made here."""
        for path in [f"/numbers/{number}" for number in self.numbers] + [
            f"/trunks/{trunk}" for trunk in self.trunks.values()
        ]:
            response = self.api.http.delete(path)
            assert response.is_success, response.text
        self.numbers.clear()
        self.trunks.clear()

    def bodies(self, call_id: str, kind: str) -> list[Json]:
        """The events of one type of a call."""
        return [e["event"] for e in self.api.events(call_id) if e["type"] == kind]

    def ladder(self, call_id: str) -> list[Json]:
        found: list[Json] = self.api.get(f"/calls/{call_id}/sip", limit="1000")["results"]
        return found

    def pcap(self, call_id: str, path: Path) -> Path:
        response = self.api.http.get(f"/calls/{call_id}/pcap")
        assert response.status_code == 200, response.text
        path.write_bytes(response.content)
        return path


@contextlib.contextmanager
def telephone(port: int, work: Path, says: bytes = TALK) -> Iterator[tuple[rtp.RtpPeer, sipp.Sipp]]:
    """SIPp, which waits for one call at 127.0.0.1:`port` and for its BYE; it says `says`."""
    with rtp.RtpPeer() as peer:
        peer.play(says)
        keys = {"audio_port": str(peer.port)}
        case = sipp.Case("uas_media_elsewhere_until_bye", ("127.0.0.1", 1), "", port=port, keys=keys)
        phone = sipp.start(case, work)
        try:
            sipp.wait_listening(port)
            yield peer, phone
        finally:
            phone.stop()


@contextlib.contextmanager
def silent_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A server that is there and never says a word."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as dead:
        dead.bind((host, 0))
        yield int(dead.getsockname()[1])


def holder_of(port: int) -> int:
    """The process that has UDP port `port` of any of our addresses."""
    table = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    (inode,) = {row[9] for row in table if row[1].endswith(f":{port:04X}")}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            if any(f"socket:[{inode}]" == str(handle.readlink()) for handle in folder.iterdir()):
                return int(folder.parent.name)
    raise AssertionError(f"nobody has UDP port {port}")


class SecondNode:
    """Another media node of the running program, which nobody starts again when it dies."""

    def __init__(self, stack: Stack) -> None:
        self.name = "node-2"
        self.sip_port = free_block()
        own = {"NODE_NAME": self.name, "NODE_TOKEN": secrets.token_urlsafe(32)}
        own |= {"SIP_PORT": str(self.sip_port), "MEDIA_LINES": "1"}
        own |= {"RTP_PORT_FIRST": "11000", "RTP_PORT_LAST": "11198"}
        env = stack.env | own
        subprocess.run(
            [sys.executable, BASE_DIR / "manage.py", "ensure_node", self.name],
            env=env, cwd=BASE_DIR, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        self._log = (stack.data_dir / f"{self.name}.log").open("wb")
        self._process = spawn(
            [sys.executable, "-m", "media_workers.runtime"],
            output=self._log.fileno(),
            env=env,
            cwd=BASE_DIR,
            death_signal=signal.SIGTERM,
        )

    def is_live(self, site: Site) -> bool:
        """Whether the control plane counts on it."""
        return f"127.0.0.1:{self.sip_port}" in site.api.get("/trunks/connection")["addresses"]

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._process.kill()
        self._process.wait()
        self._log.close()
