"""What calls share, and when it is let go."""

from __future__ import annotations

import asyncio

import pytest

from media_workers.providers import sharing


class Thing:
    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def close(self) -> None:
        self.closed.set()
        raise OSError("closed twice")


async def test_what_no_call_can_have_any_more_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(sharing, "clock", lambda: now_s)
    old, kept = sharing.shared("old", Thing), sharing.shared("kept", Thing)
    now_s = sharing.UNUSED_S
    assert sharing.shared("kept", Thing) is kept
    assert sharing.shared("old", Thing) is old
    now_s = 2 * sharing.UNUSED_S - 1
    sharing.shared("kept", Thing)
    now_s = 2 * sharing.UNUSED_S + 1
    sharing.shared("new", Thing)
    await asyncio.wait_for(old.closed.wait(), 30)
    assert sharing.shared("kept", Thing) is kept
    assert sharing.shared("old", Thing) is not old
    assert not kept.closed.is_set()
    sharing._held.clear()
