"""What keeps a node's processes together: none outlives the one that started it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal this process gets when the thread that forked it ends."""


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel for the signal `how` when the parent dies, or has died meanwhile.

    Raises `OSError` where the kernel has no such thing (anything but Linux).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getppid()
    if libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os.kill(os.getpid(), how)


def set_watchdog(seconds: float) -> None:
    """Lets the kernel end this process after `seconds`, unless it is set again. Main thread only.

    A line whose threads block each other (pjproject #3125) runs no Python any more, so nothing but
    the kernel can end it: SIGALRM must have its default action. Set it from the event loop.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)


class Busy(Exception):
    """Somebody else holds the lock."""


class FileLock:
    """An advisory lock that lasts as long as this process (or `release`)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def acquire(self, timeout_s: float = 0.0) -> None:
        """Raises `Busy` when another process still holds it after `timeout_s`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    self.release()
                    raise Busy(str(self._path)) from None
            time.sleep(0.05)

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
