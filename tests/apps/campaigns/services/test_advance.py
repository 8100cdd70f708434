"""A campaign's turn, from what the tick finds to what it leads to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.calls.services import finish_call
from apps.campaigns import live
from apps.campaigns.models import Campaign
from apps.campaigns.services import advance as advancing
from apps.campaigns.services import deciding
from apps.campaigns.services.advance import advance
from apps.campaigns.services.allotment import allot
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer


def turn(campaign: Campaign, **late: float) -> int:
    return advance(campaign.tenant_id, campaign.pk, now=NOW + timedelta(**late))


def fresh(campaign: Campaign) -> Campaign:
    with tenant_scope(campaign.tenant_id):
        return Campaign.objects.get(pk=campaign.pk)


def end_calls(campaign: Campaign) -> None:
    with tenant_scope(campaign.tenant_id):
        for call in Call.objects.exclude(state="ended").select_for_update():
            call.dialing_at = NOW
            finish_call(call, Ended(reason=EndReason.CALLEE_HUNG_UP), at=NOW)
            Call.objects.filter(pk=call.pk).update(answered_at=NOW, dialing_at=NOW, duration_ms=60_000)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the watchers of campaigns would hear, in order."""
    messages: list[dict[str, Any]] = []

    def send(updates: dict[str, list[dict[str, Any]]]) -> None:
        messages.extend(next(iter(updates.values())))

    monkeypatch.setattr(live, "send_after_commit", send)
    return messages


def test_a_campaign_whose_contacts_are_finished_completes(
    running: Dialer, told: list[dict[str, Any]]
) -> None:
    campaign = running(contacts=2)
    assert turn(campaign) == 2
    assert fresh(campaign).state == "running"
    end_calls(campaign)
    assert turn(campaign, seconds=60) == 0
    assert fresh(campaign).state == "completed"
    assert [message["type"] for message in told] == ["progress", "progress", "state"]
    assert told[-1]["state"] == "completed"


def test_a_turn_decides_in_parts(running: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (deciding, advancing):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    campaign = running(contacts=9, granted=7)
    with tenant_scope(campaign.tenant_id):
        assert deciding.decide(campaign.pk, now=NOW) == 2
    assert turn(campaign) == 5
    assert turn(campaign) == 0


def test_a_campaign_with_nobody_left_is_found_by_the_tick(running: Dialer) -> None:
    campaign, open_one = running(contacts=0, granted=0), running(contacts=0, granted=0, stay_open=True)
    assert allot(now=NOW) == [(campaign.tenant_id, campaign.pk)]
    turn(campaign)
    assert fresh(campaign).state == "completed"
    turn(open_one)
    assert fresh(open_one).state == "running"
    assert allot(now=NOW) == []


@pytest.mark.parametrize(
    ("broken", "words"), [("published_version", "Publish the agent"), ("archived_at", "was archived")]
)
def test_a_campaign_that_cannot_call_pauses_itself(
    running: Dialer, dialing_agent: Agent, told: list[dict[str, Any]], broken: str, words: str
) -> None:
    campaign = running(contacts=2, granted=0)
    with tenant_scope(campaign.tenant_id):
        Agent.objects.filter(pk=dialing_agent.pk).update(**{broken: NOW if broken == "archived_at" else None})
    MediaNode.objects.create(name="node-1", capacity=10, last_heartbeat_at=NOW)
    assert allot(now=NOW) == [(campaign.tenant_id, campaign.pk)]
    turn(campaign)
    after = fresh(campaign)
    assert (after.state, after.paused_by_itself) == ("paused", True)
    assert words in after.pause_reason
    assert told[-1] == live.state_message(after)
