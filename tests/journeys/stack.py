"""The whole program, started by `manage.py up` on ports of its own, for the journeys to use and abuse."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from config.local.environment import BASE_DIR
from config.local.process import spawn, stop
from config.local.stack import STATE_FILE
from tests.sip.ports import free_block, free_port
from tests.sip.wait import until
from tests.template import migrated_template
from tests.valkey import claim_database, give_back

_numbers = itertools.count()


class Stack:
    """A running program. Its database and its Valkey database are its own, on the tests' servers.

    `environment` wins over what is said here. Several may run at a time.
    """

    def __init__(self, data_dir: Path, *, media_lines: int = 2, **environment: str) -> None:
        number = next(_numbers)
        self.data_dir = data_dir
        self.log = data_dir / "up.log"
        self.web_port = free_port()
        self.sip_port = free_block()
        self.database_url = _sibling(os.environ["DATABASE_URL"], f"journeys_{os.getpid()}_{number}")
        self.redis_url = claim_database(os.environ["REDIS_URL"])
        # As the database is nobody else's, so are the ports.
        rtp_port = 12_000 + 400 * int(_database(self.redis_url))
        self.env = os.environ | {
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DEMO_MODE": "0",
            "WEB_PORT": str(self.web_port),
            "SIP_PORT": str(self.sip_port),
            "SANDBOX_PORT": str(self.sip_port + 5),
            "RTP_PORT_FIRST": str(rtp_port),
            "RTP_PORT_LAST": str(rtp_port + 398),
            "MEDIA_LINES": str(media_lines),
            "DRAIN_LIMIT_S": "3",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def sip(self) -> tuple[str, int]:
        """Where line 0 takes calls."""
        return ("127.0.0.1", self.sip_port)

    def start(self) -> None:
        """Returns once everything answers. Fails with the end of the log."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._create_database()
        self.valkey().flushdb()
        with _one_at_a_time(), self.log.open("wb") as output:
            self._process = spawn(
                [sys.executable, BASE_DIR / "manage.py", "up"],
                output=output.fileno(),
                env=self.env,
                cwd=BASE_DIR,
                death_signal=signal.SIGTERM,
            )
            until(self._ready, "manage.py up is ready", timeout_s=120, every_s=0.2)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, signal.SIGTERM, 60)
        give_back(self.redis_url)
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{_database(self.database_url)}" WITH (FORCE)')

    def pids(self) -> dict[str, int]:
        """The processes of `up` by name, as of now."""
        state: dict[str, int] = json.loads((self.data_dir / STATE_FILE).read_text())["processes"]
        return state

    def kill(self, name: str) -> None:
        """SIGKILL: no goodbye. `up` starts it again by itself."""
        os.kill(self.pids()[name], signal.SIGKILL)

    @contextlib.contextmanager
    def frozen(self, name: str):
        """A process that hangs: it takes connections and answers none."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def keep_dead(self, name: str, seconds: float) -> None:
        """Kills a process, and its successors, for that long."""
        end, killed = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            pid = self.pids().get(name)
            if pid and pid != killed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                killed = pid
            time.sleep(0.1)

    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url)

    def run(self, code: str) -> str:
        """Python inside the control plane (`manage.py shell`); what it printed."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), "shell", "--no-imports", "-c", code]
        done = subprocess.run(
            command, cwd=BASE_DIR, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-3_000:]
        with contextlib.suppress(OSError, ValueError):
            return bool(json.loads((self.data_dir / STATE_FILE).read_text())["ready"])
        return False

    def _create_database(self) -> None:
        template = migrated_template()
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{_database(self.database_url)}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{_database(self.database_url)}" TEMPLATE "{template}"')


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of all workers: starting keeps every core busy, and `up` waits for its processes only so long."""
    with (Path(os.environ["DATA_DIR"]) / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sibling(url: str, path: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def _database(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
