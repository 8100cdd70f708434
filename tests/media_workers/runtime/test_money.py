"""Whoever talks in it: a call is over when its money is."""

from __future__ import annotations

import asyncio

import pytest

from media_workers.runtime.money import LAST_WORDS_S, Money
from tests.media_workers.conversation.virtual_time import VirtualTimeLoop, run


async def _ends_after(*told: tuple[int, int | None, bool], ms: int = 60_000) -> int | None:
    """When a call ends that is told `(at_ms, paid_ms, words)`, in ms from its answer; None: not by `ms`."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    begin = loop.now_ms()
    ends: list[int] = []
    money = Money(lambda: ends.append(loop.now_ms() - begin))
    for at, paid_ms, words in told:
        await asyncio.sleep((at - (loop.now_ms() - begin)) / 1000)
        money.lasts(paid_ms, loop.now_ms() - begin, words=words)
    await asyncio.sleep((ms - (loop.now_ms() - begin)) / 1000)
    money.close()
    assert len(ends) <= 1
    return ends[0] if ends else None


GRACE_MS = int(LAST_WORDS_S * 1000)


@pytest.mark.parametrize(
    ("told", "ends_ms"),
    [
        ([(1_000, 20_000, False)], 20_000),
        ([(1_000, 20_000, True)], 20_000 + GRACE_MS),
        ([(1_000, 20_000, False), (6_000, 20_000, False), (11_000, 20_000, False)], 20_000),
        ([(25_000, 20_000, True), (30_000, 20_000, True)], 25_000 + GRACE_MS),
        ([(25_000, 20_000, False)], 25_000),
        ([(1_000, 20_000, False), (6_000, 200_000, False)], None),
        ([(1_000, 20_000, False), (6_000, 40_000, False)], 40_000),
        ([(1_000, 20_000, True), (6_000, None, True)], None),
    ],
)
def test_a_call_ends_with_its_money(told: list[tuple[int, int | None, bool]], ends_ms: int | None) -> None:
    assert run(_ends_after(*told)) == (None if ends_ms is None else pytest.approx(ends_ms, abs=5))
