"""`manage.py edge` as it runs: Kamailio comes back when it dies, and never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config.local.environment import BASE_DIR
from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from tests.edge.kamailio import EDGE
from tests.sip.ports import free_port
from tests.sip.wait import until

pytestmark = pytest.mark.journey


class Running:
    """The command in a process of its own, on the tests' database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port(EDGE)
        self.rpc = KamailioRpc(folder / "edge")
        database = connection.settings_dict
        server = f"{database['HOST']}:{database['PORT'] or 5432}"
        url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{server}/{database['NAME']}"
        environment = {"DATA_DIR": str(folder), "DATABASE_URL": url, "EDGE_LISTEN": f"udp:{EDGE}:{self.port}"}
        self.log = (folder / "edge.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), "edge"],
            env=os.environ | environment | {"EDGE_WORKERS": "1"},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        until(self.answers, "the edge to answer", 60)

    def answers(self) -> bool:
        try:
            return bool(self.rpc.call("core.uptime"))
        except RpcFailed:
            assert self.process.poll() is None, (self.folder / "edge.log").read_text()
            return False

    def kamailios(self) -> list[int]:
        """The processes that have this edge's configuration."""
        wanted = str(self.folder / "edge").encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:  # it has just ended
                continue
            if words and words[0].endswith(b"kamailio") and any(word.startswith(wanted) for word in words):
                found.append(int(entry.name))
        return sorted(found)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        until(lambda: not self.kamailios(), "no Kamailio is left")
        self.rpc.close()
        self.log.close()


@pytest.fixture
def running(db: None, tmp_path: Path) -> Iterator[Running]:
    edge = Running(tmp_path)
    yield edge
    edge.close()


def test_kamailio_comes_back_and_goes_with_us(running: Running) -> None:
    main = running.kamailios()[0]
    os.kill(main, signal.SIGKILL)
    until(lambda: main not in running.kamailios() and running.answers(), "another Kamailio to answer")
    running.process.terminate()
    assert running.process.wait(30) == 0
    assert running.kamailios() == []


def test_whoever_kills_the_command_kills_kamailio(running: Running) -> None:
    running.process.kill()
    running.process.wait()
    until(lambda: running.kamailios() == [], "Kamailio to be gone")
