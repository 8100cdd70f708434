"""What may be said of two versions, and what may not."""

from __future__ import annotations

import pytest

from apps.campaigns.comparing import Share, compare, p_value


def test_the_value_is_that_of_the_two_proportion_test() -> None:
    # z = (0.20 - 0.10) / sqrt(0.15 * 0.85 * (1/200 + 1/200)) = 2.80056; two-sided: 0.0051
    assert p_value(Share(1, 200, 40), Share(2, 200, 20)) == pytest.approx(0.0051, abs=1e-4)


def test_the_order_makes_no_difference() -> None:
    one, other = Share(1, 300, 33), Share(2, 150, 30)

    assert p_value(one, other) == p_value(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Share(1, 0, 0), Share(2, 500, 100)),
        (Share(1, 20, 4), Share(2, 20, 1)),
        (Share(1, 500, 0), Share(2, 500, 0)),
        (Share(1, 500, 500), Share(2, 500, 500)),
    ],
)
def test_too_few_say_nothing(one: Share, other: Share) -> None:
    told = compare([one, other])

    assert told is not None
    assert (told.leader, told.p_value) == (None, None)
    assert told.words == "Too few people to tell the versions apart."


def test_a_clear_difference_has_a_leader() -> None:
    told = compare([Share(3, 200, 20), Share(4, 200, 40)])

    assert told is not None
    assert told.leader == 4
    assert told.words == (
        "Version 4 converts more than version 3 (20.0% against 10.0%): chance alone would make such a "
        "difference in fewer than 1 of 100 cases."
    )


def test_a_small_difference_has_none() -> None:
    told = compare([Share(1, 200, 30), Share(2, 200, 33)])

    assert told is not None
    assert told.leader is None
    assert told.words.startswith("No clear difference yet (16.5% against 15.0%)")


def test_more_versions_need_a_clearer_difference() -> None:
    two = [Share(1, 400, 60), Share(2, 400, 84)]
    alone, among = compare(two), compare([*two, Share(3, 400, 60)])

    assert alone is not None
    assert among is not None
    assert (alone.leader, among.leader) == (2, None)
    assert among.p_value == pytest.approx(3 * (alone.p_value or 0), abs=2e-4)


def test_one_version_is_not_compared() -> None:
    assert compare([Share(1, 500, 100)]) is None
