"""Kamailio as a carrier's registrar, on loopback."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from tests.sip import kamailio
from tests.sip.certificate import write_certificate
from tests.sip.ports import free_port
from tests.sip.wait import until

PASSWORD = "correct horse"
HOST = "127.0.0.1"
_TEMPLATE = Path(__file__).with_name("registrar.cfg")


class Registrar:
    """Started; `port` is UDP's and TCP's. Stop it in mid-life with `kill`."""

    def __init__(self, folder: Path, *, algorithm: str, port: int, tls_port: int) -> None:
        self.port, self.tls_port = port, tls_port
        self.certificate = folder / "cert.pem"
        values = {
            "PORT": port,
            "TLS_PORT": tls_port,
            "FOLDER": folder,
            "ALGORITHM": algorithm,
            "PASSWORD": PASSWORD,
        }
        text = _TEMPLATE.read_text()
        for name, value in values.items():
            text = text.replace(f"%%{name}%%", str(value))
        (folder / "kamailio.cfg").write_text(text)
        self._log = (folder / "log").open("w")
        self._rpc = KamailioRpc(folder)
        self._process = kamailio.start(folder, self._log)

    def ready(self) -> bool:
        assert self._process.poll() is None, Path(self._log.name).read_text()
        try:
            return bool(self._rpc.call("core.uptime"))
        except RpcFailed:
            return False

    def contacts(self, user: str) -> list[str]:
        """The contacts that `user` is registered with."""
        return [binding["Address"] for binding in self.bindings(user)]

    def bindings(self, user: str) -> list[dict[str, Any]]:
        """The same with all that the registrar knows of each: "Call-ID", "CSeq", "Expires", ..."""
        try:
            found = self._rpc.call("ul.lookup", "location", user)
        except RpcFailed:
            return []
        return [contact["Contact"] for contact in found["Contacts"]]

    def kill(self) -> None:
        """Ends it; its bindings are gone."""
        kamailio.kill(self._process)
        self._rpc.close()
        self._log.close()


@contextmanager
def registrar(
    *, algorithm: str = "MD5", port: int | None = None, tls_port: int | None = None
) -> Iterator[Registrar]:
    """On free ports, or those given."""
    folder = Path(tempfile.mkdtemp(prefix="trunkline-registrar-"))
    try:
        write_certificate(folder, "localhost")
        running = Registrar(
            folder, algorithm=algorithm, port=port or free_port(), tls_port=tls_port or free_port()
        )
        try:
            until(running.ready, "the registrar to answer")
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
