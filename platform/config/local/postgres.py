"""The embedded PostgreSQL: one cluster, one role (neither superuser nor BYPASSRLS), loopback only."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .errors import StartError, disk_full
from .placement import Placement, binaries
from .process import run_as, spawn, stop

ROLE = DATABASE = "trunkline"
START_LIMIT_S = 60.0
# A server that was killed leaves its lock and its memory to the next one for a moment.
_LEFT_BEHIND = ("pre-existing shared memory block", 'lock file "postmaster.pid"')
_NO_SPACE = "No space left on device"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Of a large campaign the indexes alone are more than the default 128 MB; memory is taken as it is used.
    "shared_buffers": "512MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}
# For a cluster that nobody misses: no write waits for the disk.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """A cluster in `placement.home`, listening on `port`. Start it from the main thread."""

    name = "postgres"
    # A "fast" shutdown: disconnects everybody, writes everything to disk and ends.
    stop_signal = signal.SIGINT
    stop_limit_s = 20.0

    def __init__(self, placement: Placement, port: int, *, durable: bool = True) -> None:
        self.port = port
        self.home = placement.home
        self.log = placement.home / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._place = placement
        self._data = placement.home / "data"
        self._extended = placement.home / "extended"
        self._durable = durable
        self._bin = binaries(placement.program)

    @property
    def url(self) -> str:
        """What DATABASE_URL has to be to reach it."""
        password = (self.home / "password").read_text(encoding="ascii")
        return f"postgresql://{ROLE}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        """Makes the cluster if there is none, and starts the server without waiting for it.

        Raises StartError for a cluster of another major version and for a full disk.
        """
        if self._data.exists():
            self._check_version()
            self._forget_dead_holder()
            self._extend_older()
        else:
            self._create()
        self._spawn()

    def wait_ready(self) -> None:
        """Returns once the server takes connections. Raises StartError when it does not come up."""
        deadline = time.monotonic() + START_LIMIT_S
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise StartError(f"PostgreSQL was not ready after {START_LIMIT_S:.0f} s: see {self.log}.")
            if self.process is None or self.process.poll() is not None:
                self._explain_exit()
                time.sleep(0.3)
                self._spawn()
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """The server itself notes in postmaster.pid (line 8) whether it is ready, as pg_ctl reads it."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        pid = self.process.pid if self.process else 0
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """Ends it in order, or by force after `stop_limit_s`."""
        if self.process is not None:
            stop(self.process, self.stop_signal, self.stop_limit_s)

    def _forget_dead_holder(self) -> None:
        """Removes the lock of a server that is gone when its process number belongs to another program.

        After a restart of the machine or container numbers come again, and PostgreSQL would take any
        process of its user for the holder.
        """
        lock = self._data / "postmaster.pid"
        try:
            holder = lock.read_text(encoding="utf-8").partition("\n")[0]
            arguments = Path(f"/proc/{int(holder)}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if str(self._data).encode() not in arguments:
            lock.unlink()

    def _spawn(self) -> None:
        self._forget_dead_holder()
        settings = {**_SETTINGS, "port": str(self.port), **({} if self._durable else _FORGETFUL)}
        command: list[str | Path] = [self._bin / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            # SIGQUIT ends the backends as well; SIGKILL would leave them to find out by themselves.
            self.process = spawn(
                command,
                output=log,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                account=self._place.account,
                death_signal=signal.SIGQUIT,
            )

    def _explain_exit(self) -> None:
        """Raises StartError for an exit that another attempt cannot mend."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        if any(sign in text for sign in _LEFT_BEHIND):
            return
        if _NO_SPACE in text:
            raise disk_full(self.home)
        fatal = [line for line in text.splitlines() if "FATAL:" in line or "PANIC:" in line]
        reason = fatal[-1].split(":", 1)[1].strip() if fatal else "it gave no reason"
        raise StartError(f"PostgreSQL ended while starting: {reason} (see {self.log}).")

    def _check_version(self) -> None:
        """Raises StartError when the cluster was made by another major version."""
        made_by = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        answer = run_as(None, [self._bin / "postgres", "--version"]).stdout.split()
        ours = answer[2].partition(".")[0] if len(answer) > 2 else "unknown"
        if made_by != ours:
            raise StartError(
                f"The database in {self._data} was made by PostgreSQL {made_by} and this program brings "
                f"PostgreSQL {ours}: move it with pg_dump and pg_restore, or remove it to start empty."
            )

    def _create(self) -> None:
        """Makes the cluster with its role and database beside its place, then moves it there."""
        draft = self._data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = self._place.account
        if account:
            os.chown(draft, account.uid, account.gid)
        password = secrets.token_urlsafe(24)
        self._run(
            "initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        # The superuser has no way in at all; the role has one, with a password.
        (draft / "pg_hba.conf").write_text(f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n", encoding="ascii")
        self._extend(draft, "template1")
        self._run(
            "postgres", "--single", "-D", draft, "-c", "unix_socket_directories=", "postgres",
            text=f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        )  # fmt: skip
        secret = self.home / "password"
        secret.touch(mode=0o600)
        secret.write_text(password, encoding="ascii")
        draft.rename(self._data)
        self._extended.touch()

    def _extend(self, data: Path, *databases: str) -> None:
        """Makes the extensions that only a superuser may make; the role makes the others itself."""
        for database in databases:
            self._run(
                "postgres", "--single", "-D", data, "-c", "unix_socket_directories=", database,
                text="CREATE EXTENSION IF NOT EXISTS vector\n",
            )  # fmt: skip

    def _extend_older(self) -> None:
        """A cluster of before there were extensions. It runs without them as well."""
        if self._extended.exists():
            return
        with contextlib.suppress(StartError):
            self._extend(self._data, "template1", DATABASE)
            self._extended.touch()

    def _run(self, program: str, *arguments: str | Path, text: str = "") -> None:
        answer = run_as(self._place.account, [self._bin / program, *arguments], text)
        said = answer.stdout + answer.stderr
        if _NO_SPACE in said:
            raise disk_full(self.home)
        if answer.returncode != 0 or "ERROR:" in said:
            reason = next(
                (line for line in said.splitlines() if "error:" in line.lower() or "FATAL" in line), said
            )
            raise StartError(f"The database could not be created in {self.home}: {reason.strip()}.")
