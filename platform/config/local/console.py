"""What `up` shows: every line of every process behind its name, and our own lines in between."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

_COLOURS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")
_WIDTH = 9


class Console:
    """Writes whole lines, flushed; colours only on a terminal and not against NO_COLOR."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stdout
        self._coloured = self._out.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []

    def say(self, text: str) -> None:
        """A line of `up` itself."""
        self.lines("up", [text])

    def lines(self, name: str, lines: Iterable[str]) -> None:
        """Lines of the process `name`."""
        if name not in self._names:
            self._names.append(name)
        prefix = f"{name:<{_WIDTH}}|"
        if self._coloured:
            prefix = f"\x1b[{_COLOURS[self._names.index(name) % len(_COLOURS)]}m{prefix}\x1b[0m"
        text = "".join(f"{prefix} {line}\n" for line in lines)
        if text:
            # A closed pipe or a full disk under a log must not end the calls in progress.
            with suppress(OSError):
                self._out.write(text)
                self._out.flush()

    def table(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names and values side by side."""
        rows = list(rows)
        width = max(len(name) for name, _ in rows)
        self.lines("up", ["", *(f"  {name:<{width}}  {value}" for name, value in rows), ""])


class LineBuffer:
    """Cuts a stream of bytes into lines; what has no end of line yet waits for it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that `data` completes."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def flush(self) -> list[str]:
        """What is left, as a line."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


class FileTail:
    """The lines that a server appends to its log file, which starts anew with every start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._buffer = LineBuffer()

    def read(self) -> list[str]:
        """The lines written since the last call."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(self._at if size >= self._at else 0)
                data = file.read()
                self._at = file.tell()
        except FileNotFoundError:
            return []
        return self._buffer.feed(data)
