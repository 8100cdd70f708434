"""A line process or the browser calls' process, as the supervisor sees it."""

from __future__ import annotations

import asyncio
import contextlib
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext

from media_workers.runtime.config import NodeConfig
from media_workers.runtime.messages import Calls, FromLine, Started, StartFailed, ToLine


class LineChild:
    """One life of a line. `known` is set when it takes calls, or has a `problem`, or is over."""

    def __init__(self, context: ForkServerContext, config: NodeConfig, index: int) -> None:
        self.index = index
        self.capacity = 0
        self.calls = Calls()
        self.problem = ""
        self.known = asyncio.Event()
        self.exited = asyncio.Event()
        self.exit_code: int | None = None
        self._loop = asyncio.get_running_loop()
        pipes: tuple[Connection, Connection] = context.Pipe()
        self._pipe, theirs = pipes
        self._process = context.Process(
            target=_line, args=(config, index, theirs), name=f"line-{index}", daemon=True
        )
        self._process.start()
        theirs.close()
        self._loop.add_reader(self._pipe.fileno(), self._read)
        self._loop.add_reader(self._process.sentinel, self._ended)

    def send(self, message: ToLine) -> None:
        """Tells the line; one that is ending hears nothing."""
        with contextlib.suppress(OSError):
            self._pipe.send(message)

    def kill(self) -> None:
        """For a line that does not end by itself."""
        self._process.kill()

    def _read(self) -> None:
        try:
            while self._pipe.poll():
                self._take(self._pipe.recv())
        except (EOFError, OSError):
            self._loop.remove_reader(self._pipe.fileno())

    def _take(self, message: FromLine) -> None:
        if isinstance(message, Started):
            self.capacity = message.capacity
            self.known.set()
        elif isinstance(message, StartFailed):
            self.problem = message.detail
            self.known.set()
        elif isinstance(message, Calls):
            self.calls = message

    def _ended(self) -> None:
        self._loop.remove_reader(self._process.sentinel)
        self._read()
        self._loop.remove_reader(self._pipe.fileno())
        self._pipe.close()
        self._process.join()
        self.exit_code = self._process.exitcode
        self._process.close()
        self.calls = Calls()
        self.known.set()
        self.exited.set()


def _line(config: NodeConfig, index: int, pipe: Connection) -> None:
    """In the line's process, where the forkserver has imported this already: the supervisor needs
    neither the SIP stack nor the models."""
    from media_workers.runtime import line_process
    from media_workers.runtime.browser import process as browser_process

    main = browser_process.main if index == config.browser_line else line_process.main
    main(config, index, pipe)
