"""Work that dies where it is at its worst: in a process that is killed with -9, or at a commit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from django.db import connection, connections
from hypothesis import strategies as st


def killed_in(work: Callable[[Callable[[], None]], None]) -> None:
    """Runs `work` in a process of its own, which is killed with -9 when it calls what it is given."""
    for one in connections.all():  # what both have open would outlive the child
        one.close()
        if hasattr(one, "close_pool"):
            one.close_pool()
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


class Died(BaseException):
    """The process was killed."""


@contextmanager
def dying(after: int | None, *, committed: bool) -> Iterator[None]:
    """Kills what runs inside at its commit number `after` (0, 1, ...), just before or just after it."""
    left = after
    commit = connection.commit

    def deadly() -> None:
        nonlocal left
        if left is None:
            return commit()
        left -= 1
        if left >= 0:
            return commit()
        left = None
        connection.run_on_commit = []
        if committed:
            connection._commit()
        else:
            connection.rollback()
        raise Died

    with mock.patch.object(connection, "commit", deadly):
        try:
            yield
        except Died:
            connection.close()


deaths = st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 3), st.booleans()))
"""None: it lives. Which commit, and whether it got through."""
