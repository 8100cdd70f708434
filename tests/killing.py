"""Work in a process that is killed with -9 where it is at its worst."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from django.db import connections


def killed_in(work: Callable[[Callable[[], None]], None]) -> None:
    """Runs `work` in a process of its own, which is killed with -9 when it calls what it is given."""
    for connection in connections.all():  # what both have open would outlive the child
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()
    reached, tell = os.pipe()
    child = os.fork()
    if not child:

        def here() -> None:
            os.write(tell, b"x")
            signal.pause()

        try:
            work(here)
        finally:
            os._exit(1)
    os.close(tell)
    try:
        assert os.read(reached, 1) == b"x", "it ended before it came so far"
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reached)
