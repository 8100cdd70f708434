"""When what collided is tried again."""

from __future__ import annotations

import pytest

from media_workers.sip.glare import GlareRetry


@pytest.mark.parametrize(("owner", "earliest", "latest"), [(True, 2.1, 4.0), (False, 0.0, 2.0)])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_after_a_491_it_waits_its_turn(owner: bool, earliest: float, latest: float, method: str) -> None:
    for _ in range(50):
        retry = GlareRetry(owns_call_id=owner)
        retry.answered(method, 491, 100.0)
        assert retry.due(100.0 + earliest - 0.05) is None
        assert retry.due(100.0 + latest) == method
        assert retry.due(200.0) is None, "once"


def test_a_repeated_491_does_not_put_it_off() -> None:
    retry = GlareRetry(owns_call_id=True)
    for late in range(8):
        retry.answered("INVITE", 491, 100.0 + late / 2)
    assert retry.due(104.0) == "INVITE"


@pytest.mark.parametrize(
    ("method", "status"), [("BYE", 491), ("INVITE", 180), ("INVITE", 488), ("INVITE", 200)]
)
def test_other_answers_ask_for_nothing(method: str, status: int) -> None:
    retry = GlareRetry(owns_call_id=False)
    retry.answered(method, status, 100.0)
    assert retry.due(200.0) is None


def test_what_was_changed_meanwhile_is_not_tried_again() -> None:
    retry = GlareRetry(owns_call_id=True)
    retry.answered("UPDATE", 491, 100.0)
    retry.answered("INVITE", 200, 101.0)
    assert retry.due(200.0) is None
