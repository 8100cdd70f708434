"""Two real lines in processes of their own, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.media_workers.sip.host import ANSWER, Event, Host


@dataclass
class Pair:
    """`us` dials, `them` is called."""

    us: Host
    them: Host

    def call(self, steps: list[dict[str, Any]] | None = None, **dial: Any) -> tuple[int, int]:
        """A call from us to them, who treat it by `steps`; the leg's number here and there."""
        self.them.ask("on_invite", steps=ANSWER if steps is None else steps)
        known = len(self.them.all("invite"))
        ours = self.us.dial(self.them.port, **dial)
        return ours, int(self.them.wait("invite", after=known)["leg"])

    def answered(self, steps: list[dict[str, Any]] | None = None, **dial: Any) -> tuple[int, int]:
        """The same, up and running on both sides."""
        ours, theirs = self.call(steps, **dial)
        self.us.wait("answered", ours)
        self.them.wait("answered", theirs)
        return ours, theirs

    def ended(self, ours: int, theirs: int) -> tuple[Event, Event]:
        """How both sides saw the end."""
        return self.us.wait("ended", ours), self.them.wait("ended", theirs)

    def hung_up(self, ours: int, theirs: int) -> tuple[Event, Event]:
        """We hang up; how both sides saw it."""
        self.us.do("hang_up", ours, "test is over")
        return self.ended(ours, theirs)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with Host() as us, Host() as them:
        yield Pair(us, them)
