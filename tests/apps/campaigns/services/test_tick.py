from __future__ import annotations

from datetime import timedelta

from apps.campaigns.models import Progress
from apps.campaigns.services.allotment import allot
from telephony.edge.models import MediaNode
from tenants.scope import platform_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer


def granted() -> list[int]:
    with platform_scope():
        return sorted(Progress.objects.values_list("granted", flat=True))


def test_free_lines_less_those_kept_for_callers_are_granted(running: Dialer) -> None:
    running(contacts=50, granted=0)
    MediaNode.objects.create(name="node-1", capacity=10, last_heartbeat_at=NOW)
    assert len(allot(now=NOW)) == 1
    assert granted() == [8]
    allot(now=NOW)
    assert granted() == [8]


def test_nothing_is_granted_without_a_node_that_lives(running: Dialer) -> None:
    running(contacts=50, granted=3)
    MediaNode.objects.create(name="node-1", capacity=10, last_heartbeat_at=NOW - timedelta(minutes=1))
    allot(now=NOW)
    assert granted() == [0]


def test_campaigns_of_a_tenant_share_by_weight(running: Dialer) -> None:
    pacing = {"max_concurrent": 100, "calls_per_second": 100}
    running(contacts=50, pacing=pacing | {"weight": 30})
    running(contacts=50, first=100, pacing=pacing | {"weight": 10})
    MediaNode.objects.create(name="node-1", capacity=50, last_heartbeat_at=NOW)
    allot(now=NOW)
    assert granted() == [10, 30]


def test_a_campaign_that_cannot_be_read_keeps_no_other_from_dialing(running: Dialer) -> None:
    running(contacts=5, pacing={"weight": 0})
    good = running(contacts=3, granted=0, first=100)
    MediaNode.objects.create(name="node-1", capacity=50, last_heartbeat_at=NOW)
    assert (good.tenant_id, good.pk) in allot(now=NOW)
    with platform_scope():
        assert Progress.objects.get(campaign=good).granted == 3
