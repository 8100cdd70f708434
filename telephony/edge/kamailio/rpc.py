"""Talking to a running Kamailio: JSON-RPC over a Unix datagram socket (module jsonrpcs)."""

from __future__ import annotations

import itertools
import json
import os
import socket
from pathlib import Path
from typing import Any

TIMEOUT_S = 3.0
LARGEST_ANSWER = 1 << 20
_clients = itertools.count(1)


class RpcFailed(Exception):
    """Kamailio does not answer, or says no."""


class KamailioRpc:
    """One client; `close` it."""

    def __init__(self, folder: Path) -> None:
        self._server = folder / "rpc.sock"
        self._path = folder / f"rpc-{os.getpid()}-{next(_clients)}.sock"
        self._ids = itertools.count(1)
        self._socket: socket.socket | None = None

    def call(self, method: str, *parameters: Any) -> Any:
        """The result. Raises RpcFailed."""
        number = next(self._ids)
        request = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": number}
        try:
            sock = self._opened()
            sock.sendto(json.dumps(request).encode(), str(self._server))
            while True:
                answer = _read(sock.recv(LARGEST_ANSWER))
                if answer.get("id") == number:  # not a late one of a call that was given up
                    break
        except (OSError, ValueError) as error:
            self.close()
            raise RpcFailed(f"{method}: {error or type(error).__name__}") from error
        if "error" in answer:
            raise RpcFailed(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer.get("result")

    def close(self) -> None:
        """Gives the socket back; the next call opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._path.unlink(missing_ok=True)

    def _opened(self) -> socket.socket:
        if self._socket is None:
            self._path.unlink(missing_ok=True)
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                sock.settimeout(TIMEOUT_S)
                sock.bind(str(self._path))
            except OSError:
                sock.close()
                raise
            self._socket = sock
        return self._socket


def _read(answer: bytes) -> Any:
    """What strangers wrote (a phone's User-Agent) stands in it as it came: no UTF-8, control characters."""
    return json.loads(answer.decode("utf-8", "replace"), strict=False)
