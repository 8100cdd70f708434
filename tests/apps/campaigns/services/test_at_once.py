"""Workers, beats, lines and people at the same moment, each on its own connection with real commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from django.db import connection

from apps.calls.models import Call
from apps.calls.services import claim_call
from apps.campaigns.models import Attempt, Campaign, Progress
from apps.campaigns.services import lifecycle
from apps.campaigns.services.advance import advance
from apps.campaigns.services.allotment import GRANT_FOR, allot
from apps.campaigns.services.deciding import decide
from media_workers.contract.calls import ClaimRequest
from telephony.edge.models import MediaNode
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def nodes(db: None) -> list[MediaNode]:
    return [
        MediaNode.objects.create(name=f"node-{n}", capacity=10, last_heartbeat_at=NOW + timedelta(minutes=1))
        for n in (1, 2)
    ]


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """What each answers; all begin when the last one is ready."""
    ready = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            ready.wait(30)
            return step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def progress_of(campaign: Campaign) -> Progress:
    with tenant_scope(campaign.tenant_id):
        return Progress.objects.get(campaign=campaign)


def calls_of(tenant: Tenant) -> Sequence[Call]:
    with tenant_scope(tenant.pk):
        return list(Call.objects.order_by("dialing_at"))


def turn(campaign: Campaign) -> Callable[[], int]:
    return lambda: advance(campaign.tenant_id, campaign.pk, now=NOW)


def claim(node: MediaNode, call: Call) -> Callable[[], bool]:
    return lambda: claim_call(node, call.pk, ClaimRequest(node=node.name, line=0)) is not None


def test_beats_at_once_grant_no_line_twice(running: Dialer, nodes: list[MediaNode]) -> None:
    first, second = running(contacts=30, granted=0), running(contacts=30, granted=0, first=100)
    for _ in range(3):
        at_once(*[lambda: allot(now=NOW)] * 4)
        assert progress_of(first).granted + progress_of(second).granted == 16  # of 20 lines 4 are kept


def test_the_grant_of_a_decision_that_takes_long_is_given_to_nobody_else(
    running: Dialer, nodes: list[MediaNode], dialing_tenant: Tenant
) -> None:
    slow, other = running(contacts=30, granted=10), running(contacts=30, granted=0, first=100)
    late = NOW + GRANT_FOR + timedelta(seconds=5)
    decided, shared_out = Event(), Event()

    def decision() -> None:
        with tenant_scope(dialing_tenant.pk):
            assert decide(slow.pk, now=NOW) == 10
            # Before it writes how much of the grant is left, as far as others see.
            decided.set()
            assert shared_out.wait(30)

    def beat() -> None:
        assert decided.wait(30)
        try:
            allot(now=late)
        finally:
            shared_out.set()

    at_once(decision, beat)
    assert progress_of(other).granted == 6  # of the 16 lines that are for campaigns


def test_turns_at_once_call_nobody_twice_and_no_more_than_may_be(
    running: Dialer, nodes: list[MediaNode], dialing_tenant: Tenant
) -> None:
    same = {"pacing": {"max_concurrent": 7, "calls_per_second": 100}, "attempts": {"max_per_day": 1}}
    first, second = running(contacts=30, **same), running(contacts=30, **same)  # the same numbers
    for _ in range(2):
        at_once(*[turn(first)] * 3, *[turn(second)] * 3, lambda: allot(now=NOW))
    live = calls_of(dialing_tenant)
    assert len(live) == 14
    assert len({call.to_number for call in live}) == 14
    with platform_scope():
        Call.objects.update(state="ended", dialing_at=NOW, ended_at=NOW, end_reason="busy")
    at_once(*[turn(first)] * 4, *[turn(second)] * 4)
    with tenant_scope(dialing_tenant.pk):
        assert Attempt.objects.filter(state="ended").count() == 14
    assert progress_of(first).outcomes == progress_of(second).outcomes == {"busy": 7}


def test_a_pause_or_a_stop_amid_beats_and_turns_leaves_no_call_in_the_queue(
    running: Dialer, nodes: list[MediaNode], dialing_tenant: Tenant
) -> None:
    campaign = running(contacts=40, granted=5)

    def ended(how: Callable[..., Campaign]) -> Callable[[], bool]:
        def end() -> bool:
            try:
                with tenant_scope(dialing_tenant.pk):
                    how(campaign=campaign, now=NOW)
                return True
            except Conflict:
                return False

        return end

    def beat() -> None:
        for tenant_id, campaign_id in allot(now=NOW):
            advance(tenant_id, campaign_id, now=NOW)

    pauses = ended(lifecycle.pause_campaign), ended(lifecycle.pause_campaign)
    told = at_once(*pauses, ended(lifecycle.stop_campaign), turn(campaign), turn(campaign), beat, beat)
    assert told[2] is True
    assert told[:2].count(True) <= 1
    assert all(call.state == "ended" and call.dialing_at is None for call in calls_of(dialing_tenant))
    beat()
    progress = progress_of(campaign)
    assert (progress.waiting, progress.calling, progress.attempts) == (40, 0, 0)
    assert turn(campaign)() == 0


def test_a_call_that_two_nodes_claim_is_dialed_by_one_and_those_of_a_campaign_a_step_apart(
    running: Dialer, nodes: list[MediaNode], dialing_tenant: Tenant
) -> None:
    campaign = running(contacts=5, pacing={"max_concurrent": 5, "calls_per_second": 5})
    with tenant_scope(dialing_tenant.pk):
        assert decide(campaign.pk, now=NOW) == 5
    calls = calls_of(dialing_tenant)
    claims = at_once(*[claim(node, call) for call in calls for node in nodes])
    dialed = [call for call in calls_of(dialing_tenant) if call.dialing_at is not None]
    assert claims.count(True) == len(dialed) >= 1
    for earlier, later in pairwise(sorted(call.dialing_at for call in dialed if call.dialing_at)):
        assert later - earlier >= timedelta(seconds=0.2)


def test_a_call_that_is_paused_as_it_is_claimed_is_dialed_or_withdrawn(
    running: Dialer, nodes: list[MediaNode], dialing_tenant: Tenant
) -> None:
    campaign = running(contacts=4)
    with tenant_scope(dialing_tenant.pk):
        assert decide(campaign.pk, now=NOW) == 4

    def pause() -> bool:
        with tenant_scope(dialing_tenant.pk):
            lifecycle.pause_campaign(campaign=campaign, now=NOW)
        return False

    claims = at_once(pause, *[claim(nodes[0], call) for call in calls_of(dialing_tenant)])
    states = [call.state for call in calls_of(dialing_tenant)]
    assert states.count("dialing") == claims.count(True)
    assert states.count("ended") == 4 - claims.count(True)
