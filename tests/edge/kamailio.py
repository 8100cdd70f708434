"""A real Kamailio with our configuration on loopback, for tests that are its carriers, lines and phones."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from telephony.edge.kamailio.config import EdgeConfig, Listen, edge_config
from telephony.edge.kamailio.content import EdgeContent
from telephony.edge.kamailio.process import command
from telephony.edge.kamailio.reload import reload
from telephony.edge.kamailio.render import check, render, write
from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from tests.sip.ports import free_port
from tests.sip.wait import until

EDGE = "127.0.0.1"
"""Nodes are at EDGE too; whoever is outside has another address of the loopback network."""


class RunningEdge:
    """Kamailio, started; `change` does what the agent does when the database changes."""

    def __init__(self, folder: Path, config: EdgeConfig, content: EdgeContent) -> None:
        self.config = config
        self.content = content
        self.rpc = KamailioRpc(folder)
        self.port = config.listen[0].port
        self._log = (folder / "log").open("w+")
        write(folder, render(config, content))
        check(folder)
        self.process = subprocess.Popen(
            command(folder), stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )

    @property
    def log(self) -> str:
        """What Kamailio has said so far."""
        return Path(self._log.name).read_text()

    def ready(self) -> bool:
        """Whether it answers. Fails when it has ended."""
        assert self.process.poll() is None, self.log
        try:
            return bool(self.rpc.call("core.uptime"))
        except RpcFailed:
            return False

    def change(self, **changes: Any) -> None:
        """Other lines, trunks, ...: written and reloaded."""
        self.content = replace(self.content, **changes)
        for name in write(self.config.folder, render(self.config, self.content)):
            reload(self.rpc, name, self.content)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.rpc.close()
        self._log.close()


@contextmanager
def running_edge(content: EdgeContent, **changes: Any) -> Iterator[RunningEdge]:
    """An edge on free ports of 127.0.0.1: UDP and TCP on the same one."""
    folder = Path(tempfile.mkdtemp(prefix="trunkline-edge-"))
    port = free_port(EDGE)
    listen = tuple(Listen(transport, ip_address(EDGE), port) for transport in ("udp", "tcp"))
    settings = {
        "listen": listen + changes.pop("more_listen", ()),
        "workers": 2,
        "sip_domain": "sip.test",
        "line_silence_ms": 5_000,
        **changes,
    }
    try:
        edge = RunningEdge(folder, edge_config(folder=folder, **settings), content)
        try:
            until(edge.ready, "the edge to answer")
            yield edge
        finally:
            edge.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
