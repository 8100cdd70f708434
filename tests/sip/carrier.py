"""Kamailio as the carrier that our trunks dial, on loopback, in front of a telephone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from tests.sip import kamailio
from tests.sip.certificate import write_certificate
from tests.sip.ports import free_port
from tests.sip.wait import until

USER = "trunk-1"
PASSWORD = "correct horse"
NAME = "carrier.test"
_TEMPLATE = Path(__file__).with_name("carrier.cfg")


class Carrier:
    """Started; `port` is UDP's and TCP's."""

    def __init__(self, folder: Path, **values: object) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self.certificate = folder / "cert.pem"
        text = _TEMPLATE.read_text()
        values |= {"port": self.port, "tls_port": self.tls_port, "folder": folder}
        for name, value in values.items():
            text = text.replace(f"%%{name.upper()}%%", str(value))
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

    def kill(self) -> None:
        kamailio.kill(self._process)
        self._rpc.close()
        self._log.close()


@contextmanager
def carrier(
    phone: int,
    *,
    challenge: Literal["none", "proxy", "www"] = "none",
    algorithm: str = "MD5",
    stale: bool = False,
    certificate_for: str = NAME,
    password: str = PASSWORD,
) -> Iterator[Carrier]:
    """Relays every call to 127.0.0.1:`phone`. `stale`: the first right answer of a call is too old."""
    folder = Path(tempfile.mkdtemp(prefix="trunkline-carrier-"))
    try:
        write_certificate(folder, certificate_for)
        running = Carrier(
            folder,
            phone=phone,
            challenge=challenge,
            algorithm=algorithm,
            stale="yes" if stale else "no",
            password=password,
        )
        try:
            until(running.ready, "the carrier to answer")
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
