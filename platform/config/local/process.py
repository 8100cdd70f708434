"""Starting and stopping one child process so that it cannot outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# Loaded before any fork: between fork and exec nothing may be imported.
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int


def die_with_parent(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """From now on this process gets the signal `how` when `parent` dies; it ends if that is past."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
    if os.getppid() != parent:  # nobody would send it any more
        os._exit(1)


def spawn(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    account: Account | None = None,
    stdin: int = subprocess.DEVNULL,
    death_signal: signal.Signals = signal.SIGKILL,
    nice: int = 0,
) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own that gets `death_signal` when this process dies.

    `nice` is how far it steps back behind the others (0 to 19). The kernel sends the signal when the
    *thread* that forked ends, so call this from the main thread. The session keeps the terminal's
    Ctrl-C from the child: we decide in which order children stop.
    """
    parent = os.getpid()

    def before_exec() -> None:
        # After subprocess has dropped privileges, which clears the death signal.
        os.nice(nice)
        die_with_parent(parent, death_signal)

    return subprocess.Popen(
        [str(part) for part in command],
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        preexec_fn=before_exec,
    )


def run_as(
    account: Account | None, command: Sequence[str | Path], text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a short command to its end, as `account` when given, with `text` on its standard input."""
    return subprocess.run(
        [str(part) for part in command],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def stop(process: subprocess.Popen[bytes], how: signal.Signals, limit_s: float) -> None:
    """Asks a child to end, and after `limit_s` seconds ends it and everything in its session."""
    if process.poll() is None:
        process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limit_s)
    kill_session(process)


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Ends a child and what it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
