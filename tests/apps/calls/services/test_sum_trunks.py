from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.calls.models import Call, TrunkSlot, TrunkSlotMark, TrunkSummed
from apps.calls.services.sum_trunks import SETTLES, sum_trunks
from apps.calls.trunk_slots import slot_of
from apps.calls.trunk_stats import buckets, trunk_statistics
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from tenants.ids import first_id_at
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.plain_trunk_stats import plain_statistics

_NUMBERS = count(1)
ASKED = [("24h", "hour", "UTC"), ("7d", "hour", "UTC"), ("30d", "day", "Asia/Kathmandu")]


@pytest.fixture
def trunk(tenant: Tenant) -> Trunk:
    with tenant_scope(tenant.pk):
        return Trunk.objects.create(name="Carrier")


def some_calls(trunk: Trunk, node: MediaNode, rng: random.Random, many: int, *, now: datetime) -> list[Call]:
    """Calls of the last 40 days, more of them lately: of all kinds, some that go on."""
    return Call.objects.bulk_create(_call(trunk, node, rng, now=now) for _ in range(many))


def _call(trunk: Trunk, node: MediaNode, rng: random.Random, *, now: datetime) -> Call:
    began = now - timedelta(days=40) * rng.random() ** 3
    inbound, answered = rng.random() < 0.5, rng.random() < 0.7
    queued = began - timedelta(seconds=rng.choice([0, 1, 800]))
    ended = began + timedelta(minutes=rng.choice([0.2, 3, 50, 260]) * rng.random())
    over = ended < now
    end = rng.choice(["busy", "no_answer", "no_capacity", "no_codec", "blocked", "failed"])
    times = {} if inbound else {"queued_at": queued, "dial_at": queued, "dialing_at": began}
    return Call(
        pk=UUID(int=first_id_at(began if inbound else queued).int + next(_NUMBERS)),
        tenant_id=trunk.tenant_id,
        trunk=trunk,
        node=node,
        direction="inbound" if inbound else "outbound",
        state="ended" if over else "in_progress" if answered else "ringing",
        answered_at=began if answered else None,
        ended_at=ended if over else None,
        duration_ms=int((ended - began).total_seconds() * 1000) if answered and over else 0,
        end_reason=("caller_hung_up" if answered else end) if over else "",
        sip_code=None if answered else rng.choice([486, 503, None]),
        pdd_ms=rng.choice([None, rng.randrange(9000)]),
        mos=rng.choice([None, rng.uniform(1, 4.5)]),
        **times,
    )


def created_when_they_began() -> None:
    """`created_at` is always now at first; the id has the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE calls_call SET created_at = to_timestamp(('x' || left(replace(id::text, '-', ''), 12))"
            "::bit(48)::bigint / 1000.0)"
        )


def assert_all_as_counted(trunk: Trunk, now: datetime) -> None:
    for period, step, zone in ASKED:
        for direction in ("", "inbound", "outbound"):
            asked = buckets(period, step, zone=zone, now=now)
            summed = trunk_statistics(trunk.pk, asked, direction=direction)
            plain = plain_statistics(trunk.pk, asked, direction=direction)
            assert summed["totals"] == plain["totals"]
            for ours, counted in zip(summed["series"], plain["series"], strict=True):
                assert ours == counted


@pytest.mark.parametrize("seed", range(3))
def test_sums_are_what_counting_all_calls_comes_to(
    tenant: Tenant, trunk: Trunk, node: MediaNode, seed: int
) -> None:
    rng, now = random.Random(seed), timezone.now()
    with tenant_scope(tenant.pk):
        calls = some_calls(trunk, node, rng, 300, now=now)
        created_when_they_began()
        assert_all_as_counted(trunk, now)
    sum_trunks(now=now - timedelta(days=3))
    with tenant_scope(tenant.pk):
        assert_all_as_counted(trunk, now)
    sum_trunks(now=now)
    with tenant_scope(tenant.pk):
        assert TrunkSummed.objects.get().upto == slot_of(now - SETTLES)
        assert_all_as_counted(trunk, now)
        assert TrunkSlotMark.objects.count() == 0
        # What a node tells late, and what nobody had told at all.
        for call in rng.sample(calls, 40):
            Call.objects.filter(pk=call.pk).update(mos=2.5, pdd_ms=77, sip_code=480)
        some_calls(trunk, node, rng, 30, now=now)
        created_when_they_began()
        assert TrunkSlotMark.objects.exists()
        assert_all_as_counted(trunk, now)
    sum_trunks(now=now + timedelta(hours=1))
    with tenant_scope(tenant.pk):
        assert_all_as_counted(trunk, now)


def test_a_settled_month_is_read_without_its_calls(tenant: Tenant, trunk: Trunk, node: MediaNode) -> None:
    now = timezone.now()
    with tenant_scope(tenant.pk):
        some_calls(trunk, node, random.Random(1), 100, now=now)
    sum_trunks(now=now)
    with tenant_scope(tenant.pk), CaptureQueriesContext(connection) as asked:
        trunk_statistics(trunk.pk, buckets("30d", "day", zone="UTC", now=now))
    (counted,) = [q["sql"] for q in asked if "calls_call\n" in q["sql"]]
    assert f"began >= '{slot_of(now - SETTLES).replace(tzinfo=None)}" in counted.replace("T", " ")


def test_a_call_that_is_recent_leaves_no_mark(tenant: Tenant, trunk: Trunk, node: MediaNode) -> None:
    with tenant_scope(tenant.pk):
        call = _call(trunk, node, random.Random(2), now=timezone.now())
        call.created_at = call.dialing_at = call.answered_at = timezone.now()
        call.save(force_insert=True)
        call.save()
        assert not TrunkSlotMark.objects.exists()


def test_sums_are_their_tenants_alone_and_go_in_time(
    tenant: Tenant, stranger: Tenant, trunk: Trunk, node: MediaNode
) -> None:
    now = timezone.now()
    with tenant_scope(tenant.pk):
        some_calls(trunk, node, random.Random(3), 50, now=now)
        created_when_they_began()
    sum_trunks(now=now)
    with tenant_scope(stranger.pk):
        figures = trunk_statistics(trunk.pk, buckets("30d", "day", zone="UTC", now=now))
        assert figures["totals"]["attempts"] == 0
    sum_trunks(now=now + timedelta(days=60))
    with platform_scope():
        assert not TrunkSlot.objects.exists()


def test_slots_begin_at_quarters_of_an_hour() -> None:
    assert slot_of(datetime(2026, 5, 4, 12, 44, 59, tzinfo=UTC)) == datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    days = buckets("30d", "day", zone="Asia/Kathmandu", now=timezone.now())
    assert all(slot_of(day) == day for day in days.bounds)
