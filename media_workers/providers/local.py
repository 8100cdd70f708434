"""Where models lie that somebody put on this machine: they are never part of the program.

The node's environment names them (`runtime.config`); each process is told once, before its first call.
"""

from __future__ import annotations

from pathlib import Path

_paths: dict[str, Path] = {}


def put(vendor: str, path: Path | None) -> None:
    """`vendor`'s model lies at `path`; None: there is none."""
    _paths.pop(vendor, None)
    if path is not None:
        _paths[vendor] = path


def path_of(vendor: str) -> Path | None:
    return _paths.get(vendor)
