from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from apps.calls.models import Call
from apps.calls.trunk_stats import buckets, trunk_statistics
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from tenants.errors import InvalidInput
from tenants.ids import first_id_at
from tenants.models import Tenant
from tenants.scope import tenant_scope

NOW = datetime(2026, 5, 4, 12, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FULL = {"direction": "inbound", "dialing_at": None, "end_reason": "no_capacity", "sip_code": 503}
_NUMBERS = count(1)


@pytest.fixture
def trunk(tenant: Tenant) -> Trunk:
    with tenant_scope(tenant.pk):
        return Trunk.objects.create(name="Carrier")


class Maker:
    """Makes calls of one trunk; times are minutes before `NOW`."""

    def __init__(self, trunk: Trunk, node: MediaNode) -> None:
        self.trunk, self.node = trunk, node

    def __call__(self, ago: float, lasts: float | None = 1, *, answered: bool = True, **fields: Any) -> Call:
        began = NOW - ago * MINUTE
        told: dict[str, Any] = {
            "pk": UUID(int=first_id_at(began).int + next(_NUMBERS)),
            "direction": "outbound",
            "trunk": self.trunk,
            "node": self.node,
            "from_number": "+12025550100",
            "to_number": "+12025550101",
            "queued_at": began,
            "dial_at": began,
            "dialing_at": began,
            "state": "in_progress" if answered else "ringing",
        }
        if answered:
            told["answered_at"] = began
        if lasts is not None:
            told |= {
                "state": "ended",
                "ended_at": began + lasts * MINUTE,
                "end_reason": "callee_hung_up" if answered else "busy",
                "duration_ms": lasts * 60_000 if answered else 0,
            }
        call = Call.objects.create(tenant=self.trunk.tenant, **(told | fields))
        Call.objects.filter(pk=call.pk).update(created_at=fields.get("created_at", began))
        return call


@pytest.fixture
def make(trunk: Trunk, node: MediaNode) -> Maker:
    return Maker(trunk, node)


def hours(trunk: Trunk, **asked: Any) -> dict[str, Any]:
    return trunk_statistics(trunk.pk, buckets("24h", "hour", zone="UTC", now=NOW), **asked)


def test_the_buckets_end_with_the_one_that_goes_on() -> None:
    times = buckets("24h", "hour", zone="UTC", now=NOW)
    assert len(times.beginnings) == 24
    assert times.beginnings[-1] == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert times.bounds[-1] == datetime(2026, 5, 4, 13, tzinfo=UTC)
    assert len(buckets("7d", "hour", zone="UTC", now=NOW).beginnings) == 168
    days = buckets("30d", "day", zone="Europe/Berlin", now=NOW)
    assert len(days.beginnings) == 30
    assert days.beginnings[-1] == datetime(2026, 5, 3, 22, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        buckets("7d", "day", zone="Nowhere", now=NOW)


def test_without_calls_there_is_nothing_to_measure(tenant: Tenant, trunk: Trunk) -> None:
    with tenant_scope(tenant.pk):
        figures = hours(trunk)
    nothing = {
        "attempts": 0,
        "answered": 0,
        "asr": None,
        "acd_ms": None,
        "pdd_p50_ms": None,
        "pdd_p95_ms": None,
        "mos": None,
        "failures": {},
        "peak": 0,
    }
    assert figures["totals"] == nothing
    assert len(figures["series"]) == 24
    assert all({k: v for k, v in point.items() if k != "at"} == nothing for point in figures["series"])


def test_figures_of_an_hour_and_in_all(tenant: Tenant, trunk: Trunk, make: Maker) -> None:
    with tenant_scope(tenant.pk):
        make(30, 2, pdd_ms=1000, mos=4.4)
        make(29, 4, pdd_ms=3000, mos=4.0)
        make(28, 0.5, answered=False, sip_code=486, pdd_ms=2000)
        make(27, 0.5, answered=False, sip_code=503)
        make(26, 0.5, answered=False, end_reason="failed")
        make(5, None)  # goes on
        make(90, 1, answered=False, sip_code=486)
        figures = hours(trunk)
    last, before = figures["series"][-1], figures["series"][-2]
    assert (last["attempts"], last["answered"], last["asr"]) == (6, 3, 0.5)
    assert (last["acd_ms"], last["pdd_p50_ms"], last["pdd_p95_ms"]) == (180_000, 2000, 2900)
    assert (last["mos"], last["failures"]) == (4.2, {"486": 1, "503": 1, "none": 1})
    assert (before["attempts"], before["asr"], before["failures"]) == (1, 0, {"486": 1})
    totals = figures["totals"]
    assert (totals["attempts"], totals["answered"], totals["asr"]) == (7, 3, round(3 / 7, 4))
    assert totals["failures"] == {"486": 2, "503": 1, "none": 1}


def test_what_is_no_attempt(tenant: Tenant, trunk: Trunk, make: Maker, node: MediaNode) -> None:
    with tenant_scope(tenant.pk):
        other = Maker(Trunk.objects.create(name="Other"), node)
        other(10)
        make(10, None, answered=False, state="queued", dialing_at=None, node=None)
        make(10, 1, answered=False, dialing_at=None, end_reason="job_expired")
        make(10, 0, answered=False, direction="inbound", dialing_at=None, end_reason="blocked", sip_code=403)
        make(60 * 24 + 30)  # too old
        assert hours(trunk)["totals"]["attempts"] == 0
        make(
            10,
            0,
            answered=False,
            direction="inbound",
            dialing_at=None,
            end_reason="no_capacity",
            sip_code=503,
        )
        assert hours(trunk)["totals"]["failures"] == {"503": 1}


def test_one_direction_alone(tenant: Tenant, trunk: Trunk, make: Maker) -> None:
    with tenant_scope(tenant.pk):
        make(10)
        make(9, direction="inbound", dialing_at=None, queued_at=None, dial_at=None)
        make(8, direction="inbound", dialing_at=None, queued_at=None, dial_at=None)
        counts = [hours(trunk, direction=d)["totals"]["attempts"] for d in ("", "inbound", "outbound")]
    assert counts == [3, 2, 1]


def test_a_call_counts_where_it_was_dialed(tenant: Tenant, trunk: Trunk, make: Maker) -> None:
    """It waited in the queue over the full hour."""
    with tenant_scope(tenant.pk):
        make(45, 1, dialing_at=NOW - 35 * MINUTE)
        figures = hours(trunk)
    assert [p["attempts"] for p in figures["series"][-2:]] == [0, 1]


def test_peaks_see_calls_that_go_on_over_the_hour(tenant: Tenant, trunk: Trunk, make: Maker) -> None:
    with tenant_scope(tenant.pk):
        make(120, 100)  # 10:40 to 12:20
        make(100, 10)  # 11:00 to 11:10
        make(90, 5)  # 11:10 to 11:15: begins as the other ends
        make(30, 1)  # 12:10
        make(20, None)  # 12:20, goes on: begins as the long one ends
        make(
            19,
            0,
            answered=False,
            direction="inbound",
            dialing_at=None,
            end_reason="no_capacity",
            sip_code=503,
        )
        figures = hours(trunk)
    assert [p["peak"] for p in figures["series"][-4:]] == [0, 1, 2, 2]
    assert figures["totals"]["peak"] == 2


def test_a_call_from_before_the_period_is_in_its_peak(tenant: Tenant, trunk: Trunk, make: Maker) -> None:
    with tenant_scope(tenant.pk):
        make(24 * 60 + 30, 120)
        figures = hours(trunk)
    assert [p["peak"] for p in figures["series"][:3]] == [1, 1, 0]
    assert figures["totals"]["attempts"] == 0
