"""The caller of the edge's benchmark: what it counts as a call, and as a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.call_rate import Address, CallRate
from tests.bench.edge import CALLER, figures, sipp
from tests.sip.malformed import answers_options
from tests.sip.ports import free_port
from tests.sip.wait import until

pytestmark = pytest.mark.journey


@pytest.fixture
def caller(answering: Address) -> Iterator[CallRate]:
    rate = CallRate([answering], ["+12025550100"], CALLER)
    yield rate
    rate.close()


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Address]:
    with sipp(tmp_path) as place:
        until(lambda: answers_options(place), "SIPp to answer")
        yield place


def test_every_call_is_timed(caller: CallRate) -> None:
    rate = caller.measure(50, 0.5)
    assert (rate.calls, len(rate.setup_ms), rate.failures) == (25, 25, {})
    assert all(0 < ms < 10_000 for ms in rate.setup_ms)
    shown = {f["name"]: f["value"] for f in figures("edge", [rate], [])}
    assert shown["sip.calls_per_second_edge"] == 50
    assert shown["sip.invite_to_200_edge_p50_ms.cps_50"] == round(sorted(rate.setup_ms)[12], 3)


def test_silence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.call_rate.PATIENCE_S", 0.6)
    nobody = CallRate([("127.0.0.1", free_port())], ["+12025550100"])
    rate = nobody.measure(20, 0.2)
    nobody.close()
    assert (rate.setup_ms, rate.failures) == ([], {"no answer to INVITE": 4})
