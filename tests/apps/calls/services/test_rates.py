"""The rates and the concurrency that claims keep, on connections of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from apps.agents.models import Agent
from apps.calls.gates import Rate
from apps.calls.models import Call
from apps.calls.selectors import locked
from apps.calls.services.rates import FULL_AGAIN_IN, put_off_until
from apps.numbers.models import PhoneNumber
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope

NOW = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
FIVE = Rate("campaign:of-the-test", 5)


@pytest.fixture
def calls(tenant: Tenant, agent: Agent, number: PhoneNumber) -> list[Call]:
    """Queued, due at once."""
    with tenant_scope(tenant.pk):
        return Call.objects.bulk_create(
            Call(
                direction="outbound",
                state="queued",
                test=True,
                from_number=number.e164,
                to_number=f"+1202555{i:04}",
                agent=agent,
                agent_version=agent.published_version,
                number=number,
                queued_at=NOW,
                dial_at=NOW,
            )
            for i in range(12)
        )


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    settings.TENANT_CALLS_PER_SECOND = settings.PLATFORM_CALLS_PER_SECOND = 0
    settings.TENANT_MAX_CONCURRENT_CALLS = settings.PLATFORM_MAX_CONCURRENT_CALLS = 0


def take(call: Call, *rates: Rate, node: MediaNode | None = None, **late: float) -> datetime | None:
    """A claim, as far as the rates go: None when the call begins, which is then written."""
    now = NOW + timedelta(**late)
    with tenant_scope(call.tenant_id):
        row = locked(call.pk)
        until = put_off_until(row, rates, now=now)
        fields = {"dial_at": until} if until else {"dialing_at": now}
        if node is not None and until is None:
            fields |= {"state": "dialing", "node": node}
        Call.objects.filter(pk=call.pk).update(**fields)
        return until


def test_turns_are_given_in_the_order_of_asking(calls: list[Call]) -> None:
    waits = [take(call, FIVE) for call in calls[:4]]
    assert waits == [None] + [NOW + timedelta(seconds=0.2 * i) for i in (1, 2, 3)]


def test_a_call_whose_turn_has_come_goes_before_one_that_only_comes(calls: list[Call]) -> None:
    take(calls[0], FIVE)
    assert take(calls[1], FIVE) == NOW + timedelta(seconds=0.2)
    assert take(calls[2], FIVE, seconds=0.2) == NOW + timedelta(seconds=0.4)
    assert take(calls[1], FIVE, seconds=0.2) is None


def test_nothing_is_saved_up_while_nobody_calls(calls: list[Call]) -> None:
    take(calls[0], FIVE)
    later = [take(call, FIVE, seconds=60) for call in calls[1:3]]
    assert later == [None, NOW + timedelta(seconds=60.2)]


@pytest.mark.parametrize("limit", ["TENANT_CALLS_PER_SECOND", "PLATFORM_CALLS_PER_SECOND"])
def test_the_rates_of_the_tenant_and_of_the_platform(calls: list[Call], settings: Any, limit: str) -> None:
    setattr(settings, limit, 2)
    assert [take(call) for call in calls[:2]] == [None, NOW + timedelta(seconds=0.5)]


@pytest.mark.parametrize("limit", ["TENANT_MAX_CONCURRENT_CALLS", "PLATFORM_MAX_CONCURRENT_CALLS"])
def test_no_more_at_once_than_the_tenant_and_the_platform_may(
    calls: list[Call], settings: Any, limit: str, node: MediaNode
) -> None:
    setattr(settings, limit, 2)
    taken = [take(call, node=node) for call in calls[:3]]
    assert taken == [None, None, NOW + FULL_AGAIN_IN]
    with tenant_scope(calls[0].tenant_id):
        Call.objects.filter(pk=calls[0].pk).update(state="ended", end_reason="no_answer", ended_at=NOW)
    assert take(calls[2], node=node, seconds=2) is None


def test_the_calls_of_other_tenants_do_not_count_for_a_tenant(
    calls: list[Call], settings: Any, stranger: Tenant, node: MediaNode
) -> None:
    settings.TENANT_MAX_CONCURRENT_CALLS = 1
    with tenant_scope(stranger.pk):
        Call.objects.create(direction="inbound", state="ringing", from_number="", to_number="", node=node)
    assert take(calls[0], node=node) is None


def test_a_clock_that_goes_back_stops_nobody(calls: list[Call]) -> None:
    first, second, third = calls[:3]
    assert take(first, FIVE, hours=1) is None
    step = timedelta(seconds=0.2)
    assert take(second, FIVE) == NOW + step
    assert take(third, FIVE) == NOW + 2 * step
    assert take(second, FIVE, seconds=0.2) is None
    assert take(third, FIVE, seconds=0.3) == NOW + 2 * step
    assert take(third, FIVE, seconds=0.4) is None


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_begin_a_step_apart_and_lose_no_turn(calls: list[Call]) -> None:
    """Each line tries until it has its call, at its own virtual time; all on real connections."""

    def line(call: Call) -> datetime:
        try:
            at = NOW
            while until := take(call, FIVE, seconds=(at - NOW).total_seconds()):
                assert until > at
                at = until
            return at
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        begun = sorted(pool.map(line, calls))
    assert all(later - earlier >= timedelta(seconds=0.2) for earlier, later in pairwise(begun))
    assert len(begun) == len(calls)


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_are_never_more_than_may_be(calls: list[Call], settings: Any, node: MediaNode) -> None:
    settings.PLATFORM_MAX_CONCURRENT_CALLS = 5

    def line(call: Call) -> bool:
        try:
            return take(call, node=node) is None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(line, calls)) == 5
