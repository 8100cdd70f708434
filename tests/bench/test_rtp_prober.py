"""The measuring instrument itself, against a service whose answers are known."""

from __future__ import annotations

import pytest

from tests.bench.rtp_prober import percentile, probe, setup_times
from tests.bench.sip_caller import ProbeError, SipCaller, sdp
from tests.bench.telephone import NUMBER, figure, service


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5.0], 0.5, 5.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), ([float(i) for i in range(1, 101)], 0.99, 99.0)],
)
def test_percentiles_by_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(list(reversed(values)), share) == expected


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_an_echo_at_once_is_measured_as_one() -> None:
    with service("reflector.py") as reflector:
        result = probe([("127.0.0.1", reflector.port)], NUMBER, 2.0, 2)
    assert result.received == pytest.approx(result.sent, abs=4)
    assert len(result.delays) >= 4
    assert 0 < percentile(result.delays, 0.5) < 20
    assert percentile(result.gaps, 0.5) == pytest.approx(20, abs=5)


def test_setup_times_are_those_of_answered_calls() -> None:
    with service("reflector.py") as reflector:
        times = setup_times(("127.0.0.1", reflector.port), NUMBER, 5, pause_s=0)
    assert len(times) == 5
    assert all(t > 0 for t in times)


def test_silence_is_an_error_that_names_the_address() -> None:
    with SipCaller(("127.0.0.1", 9), NUMBER) as caller, pytest.raises(ProbeError, match=r"127\.0\.0\.1:9"):
        caller.invite(sdp(40_000), timeout_s=1)


def test_a_figure_has_the_agreed_fields() -> None:
    row = figure("telephone.echo_p50_ms", 30.0, "ms", 35.0, 0.5)
    assert set(row) == {"name", "value", "unit", "better", "goal", "peer", "peer_value", "ratio"}
    assert row["ratio"] == 60.0
