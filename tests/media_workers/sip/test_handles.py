"""The budget of I/O handles: nothing waits in ordinary traffic, nothing overruns in a flood."""

from __future__ import annotations

import pytest

from media_workers.sip.handles import MAX_CALLS, REUSE_AFTER_S, HandleBudget


def test_ordinary_calls_never_wait() -> None:
    budget = HandleBudget("calls", MAX_CALLS)
    now = 0.0
    for _ in range(500):
        now += 0.05  # 20 calls a second
        assert budget.delay(now) == 0
        budget.opened()
        budget.closed(now + 0.01)


def test_a_flood_waits_until_the_oldest_handle_is_free_again() -> None:
    budget = HandleBudget("calls", 3)
    for at in (10.0, 10.1, 10.2):
        budget.opened()
        budget.closed(at)
    assert budget.delay(10.2) == pytest.approx(10.0 + REUSE_AFTER_S - 10.2)
    assert budget.delay(10.0 + REUSE_AFTER_S) == 0


def test_calls_in_progress_count() -> None:
    budget = HandleBudget("calls", 3)
    budget.opened()
    budget.opened()
    assert budget.delay(0.0) == 0
    budget.opened()
    budget.closed(0.0)
    assert budget.delay(0.0) == pytest.approx(REUSE_AFTER_S)


def test_open_handles_alone_are_nothing_to_wait_for() -> None:
    budget = HandleBudget("calls", 3)
    for _ in range(5):
        budget.opened()
    assert budget.delay(0.0) == 0


def test_no_flood_ever_holds_more_than_the_limit() -> None:
    budget, now, closed = HandleBudget("calls", MAX_CALLS), 0.0, []
    for _ in range(2_000):
        now += budget.delay(now)
        budget.opened()
        closed.append(now)
        budget.closed(now)
        assert sum(now - at < REUSE_AFTER_S - 1e-9 for at in closed) <= MAX_CALLS
        now += 0.001
