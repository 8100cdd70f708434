"""The E-model against published values: ITU-T G.107 and G.113, Cole and Rosenbluth."""

from __future__ import annotations

import pytest

from media_workers.sip.emodel import delay_impairment, loss_impairment, mos, mos_of, rating


@pytest.mark.parametrize(
    ("r", "published"),
    # G.107, table B.1: the bounds of the categories of user satisfaction; 93.2 is R with its defaults.
    [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0), (100, 4.5)],
)
def test_mos_of_a_rating(r: float, published: float) -> None:
    assert mos_of(r) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize(("loss", "ie"), [(0, 0), (1, 5), (2, 7), (3, 10), (5, 15), (7, 20), (10, 25)])
def test_loss_against_the_measured_impairment_of_g711_with_concealment(loss: float, ie: float) -> None:
    # G.113, Appendix I, table I.2 (random loss): listening tests that Bpl = 25.1 is a fit of.
    assert loss_impairment(loss) == pytest.approx(ie, abs=2.1)


@pytest.mark.parametrize(
    ("one_way_ms", "impairment"), [(0, 0), (100, 2.4), (177.3, 4.26), (300, 20.7), (400, 34.1)]
)
def test_delay_against_cole_and_rosenbluth(one_way_ms: float, impairment: float) -> None:
    assert delay_impairment(one_way_ms) == pytest.approx(impairment, abs=0.05)


def test_delay_and_loss_add_up_and_end_at_nothing() -> None:
    assert rating(one_way_ms=0, loss_percent=0) == 93.2
    assert rating(one_way_ms=100, loss_percent=2) == pytest.approx(93.2 - 2.4 - 7.01, abs=0.01)
    assert rating(one_way_ms=5_000, loss_percent=100) == 0
    assert mos_of(rating(one_way_ms=5_000, loss_percent=100)) == 1


def figures(**changed: float) -> float | None:
    known = {"played": 1_000, "missing": 0, "network_ms": 20.0, "buffer_ms": 40.0, "ptime_ms": 20}
    return mos(**(known | changed))  # type: ignore[arg-type]


def test_a_direction_without_faults_is_as_good_as_g711_gets() -> None:
    assert figures() == 4.37


def test_each_fault_makes_it_worse() -> None:
    undisturbed = figures() or 0
    assert (figures(missing=50) or 5) < undisturbed
    assert (figures(network_ms=250) or 5) < undisturbed
    assert (figures(buffer_ms=200) or 5) < undisturbed


def test_too_little_is_not_judged() -> None:
    assert figures(played=60, missing=39) is None
    assert figures(played=60, missing=40) is not None
