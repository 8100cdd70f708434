"""Kamailio as the outside of a test: a carrier, a registrar. Our own edge is in tests/edge."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO

from telephony.edge.kamailio.process import command


def start(folder: Path, log: IO[str]) -> subprocess.Popen[bytes]:
    """Runs the configuration in `folder`, in a process group of its own."""
    return subprocess.Popen(
        command(folder),
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends it with all its workers, which outlive a main process that is killed alone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
