"""What the supervisor and a line say to each other over their pipe (pickled, both ends are ours)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from media_workers.contract.calls import CallCommand


@dataclass(frozen=True, slots=True)
class Started:
    """Line: listening. `capacity`: calls at once, found from the SIP build."""

    capacity: int


@dataclass(frozen=True, slots=True)
class StartFailed:
    """Line: cannot run, and why, for people."""

    detail: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Line: the calls it carries, those that are over but not told of in full, and places taken."""

    carried: tuple[UUID, ...] = ()
    delivering: tuple[UUID, ...] = ()
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Drain:
    """Supervisor: no new calls; end when the running ones and their reports are over."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Supervisor: hang up what is left, report, end."""


@dataclass(frozen=True, slots=True)
class Command:
    """Supervisor: a command for one call, which may be on another line."""

    command: CallCommand


@dataclass(frozen=True, slots=True)
class Lost:
    """Supervisor: calls that the control plane has already ended."""

    ids: tuple[UUID, ...]


FromLine = Started | StartFailed | Calls
ToLine = Drain | Stop | Command | Lost
