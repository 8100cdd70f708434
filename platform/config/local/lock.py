"""One `up` per data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import StartError

LOCK_FILE = "up.lock"
# Whoever asks `is_running` holds the lock for a moment.
_PATIENCE_S = 0.5


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Holds the folder's lock; it ends with the process, however that ends. Raises StartError."""
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
                raise StartError(
                    f"Trunkline runs already on {data_dir} (process {holder}): "
                    "stop it first, or set DATA_DIR to another folder."
                )
            time.sleep(0.05)
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def is_running(data_dir: Path) -> bool:
    """Whether an `up` runs on the folder now."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
