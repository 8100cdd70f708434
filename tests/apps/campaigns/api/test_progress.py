"""How far a campaign is: in the API, minute by minute, attempt by attempt, and on the live socket."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.models import Agent, AgentVersion
from apps.agents.services import create_agent, publish
from apps.calls.models import Call, Direction
from apps.calls.states import CallState
from apps.campaigns import live
from apps.campaigns.api import sockets
from apps.campaigns.models import Attempt, Campaign, CampaignState, Contact, Minute, Place, Progress
from apps.campaigns.services.lifecycle import create_campaign, pause_campaign
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import EndReason
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.ws import Socket
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db
watched = pytest.mark.django_db(transaction=True)

PATH = "/ws/v1/campaigns/"
NOW = datetime(2026, 5, 4, 15, 30, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def key(tenant: Tenant) -> str:
    return make_key(tenant)


@pytest.fixture
def client(key: str) -> APIClient:
    return key_client(key)


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        publish(agent=agent)
        publish(agent=agent)
        return agent


@pytest.fixture
def campaign(tenant: Tenant, agent: Agent) -> Campaign:
    """Runs, with 100 contacts of which 40 are finished."""
    with tenant_scope(tenant.pk):
        campaign = create_campaign(name="Reminders", agent=agent)
        now = timezone.now()
        Campaign.objects.filter(pk=campaign.pk).update(
            state=CampaignState.RUNNING, started_at=now, resumed_at=now - timedelta(hours=1)
        )
        first, second = AgentVersion.objects.filter(agent=agent).order_by("number")
        Progress.objects.filter(campaign=campaign).update(
            contacts=100,
            waiting=60,
            done=40,
            attempts=400,
            human=400,
            converted=60,
            outcomes={"answered": 400},
            by_version={
                first.public_id: {"attempts": 200, "human": 200, "converted": 20},
                second.public_id: {"attempts": 200, "human": 200, "converted": 40},
            },
        )
        campaign.refresh_from_db()
        return campaign


def url(campaign: Campaign, what: str) -> str:
    return f"/api/v1/campaigns/{campaign.public_id}/{what}"


def test_progress_tells_the_counts_and_compares_the_versions(client: APIClient, campaign: Campaign) -> None:
    told = client.get(url(campaign, "progress")).json()

    assert (told["campaign"], told["state"]) == (campaign.public_id, "running")
    assert (told["contacts"], told["remaining"], told["done"], told["calls_now"]) == (100, 60, 40, 0)
    assert told["outcomes"] == {"answered": 400}
    assert [(v["number"], v["conversion_rate"]) for v in told["versions"]] == [(1, 0.1), (2, 0.2)]
    assert told["comparison"]["leader"] == 2
    assert told["comparison"]["p_value"] == pytest.approx(0.0051, abs=1e-4)


def test_the_estimated_finish_is_the_one_that_was_kept(
    client: APIClient, tenant: Tenant, campaign: Campaign
) -> None:
    assert client.get(url(campaign, "progress")).json()["estimated_finish"] is None
    with tenant_scope(tenant.pk):
        Progress.objects.filter(campaign=campaign).update(finish_at=NOW + timedelta(hours=1))
    told = client.get(url(campaign, "progress")).json()
    assert datetime.fromisoformat(told["estimated_finish"]) == NOW + timedelta(hours=1)
    with tenant_scope(tenant.pk):
        Campaign.objects.filter(pk=campaign.pk).update(state="paused")
    assert client.get(url(campaign, "progress")).json()["estimated_finish"] is None


def test_minutes_are_those_asked_for(client: APIClient, tenant: Tenant, campaign: Campaign) -> None:
    with tenant_scope(tenant.pk):
        for n in range(4):
            Minute.objects.create(campaign=campaign, begins=NOW + timedelta(minutes=n), attempts=n)
    span = {
        "from": (NOW + timedelta(minutes=1)).isoformat(),
        "until": (NOW + timedelta(minutes=3)).isoformat(),
    }

    found = client.get(url(campaign, "minutes"), span).json()["results"]

    assert [minute["attempts"] for minute in found] == [1, 2]


@pytest.mark.parametrize("since", [NOW, NOW - timedelta(days=3)])
def test_no_and_too_many_minutes_are_refused(client: APIClient, campaign: Campaign, since: datetime) -> None:
    answer = client.get(url(campaign, "minutes"), {"from": since.isoformat(), "until": NOW.isoformat()})

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["from"]


def test_attempts_of_a_contact(client: APIClient, tenant: Tenant, campaign: Campaign) -> None:
    with tenant_scope(tenant.pk):
        one, other = (attempt_of(campaign, f"+1202555010{n}") for n in (1, 2))

    found = client.get(url(campaign, "attempts"), {"contact": one.contact.public_id}).json()["results"]

    assert [(a["id"], a["call"], a["caller_e164"]) for a in found] == [
        (one.public_id, one.call.public_id, one.caller.e164)
    ]
    assert (found[0]["version_number"], found[0]["outcome"], found[0]["state"]) == (1, "busy", "ended")
    everybody = client.get(url(campaign, "attempts"), {"outcome": "busy"}).json()["results"]
    assert [a["id"] for a in everybody] == [other.public_id, one.public_id]
    assert client.get(url(campaign, "attempts"), {"state": "open"}).json()["results"] == []


def attempt_of(campaign: Campaign, e164: str) -> Attempt:
    place, _ = Place.objects.get_or_create(campaign=campaign, zones=["America/New_York"], country="US")
    contact = Contact.objects.create(campaign=campaign, place=place, e164=e164, state="done")
    caller, _ = PhoneNumber.objects.get_or_create(e164="+12025551000", defaults={"carrier": "sandbox"})
    call = Call.objects.create(
        direction=Direction.OUTBOUND,
        state=CallState.ENDED,
        from_number=caller.e164,
        to_number=e164,
        ended_at=NOW,
        end_reason=EndReason.BUSY,
    )
    return Attempt.objects.create(
        campaign=campaign,
        contact=contact,
        number=1,
        e164=e164,
        call=call,
        caller=caller,
        version=AgentVersion.objects.get(agent=campaign.agent, number=1),
        state="ended",
        outcome="busy",
        decided_at=NOW,
        ended_at=NOW,
    )


async def opened(key: str) -> Socket:
    client = Socket(PATH, Authorization=f"Bearer {key}")
    assert await client.connect() is None
    return client


def told_in(tenant: Tenant, tell: Any, campaign: Campaign) -> None:
    with tenant_scope(tenant.pk):
        tell(campaign)


@watched
async def test_a_watcher_hears_where_it_is_and_what_changes(
    monkeypatch: pytest.MonkeyPatch, tenant: Tenant, key: str, campaign: Campaign
) -> None:
    monkeypatch.setattr(sockets, "EVERY_S", 0.01)
    client = await opened(key)
    await client.send({"type": "subscribe", "campaign": campaign.public_id})
    assert await client.hear() == {"type": "subscribed", "campaign": campaign.public_id}
    assert (await client.hear())["progress"]["contacts"] == 100

    def grow() -> None:
        with tenant_scope(tenant.pk):
            Progress.objects.filter(campaign=campaign).update(contacts=101, waiting=61)
            live.progressed(campaign)

    await sync_to_async(grow)()
    heard = await client.hear_type("progress")
    assert heard["progress"]["contacts"] == 101
    await client.disconnect()


@watched
async def test_a_change_of_state_is_told(tenant: Tenant, key: str, campaign: Campaign) -> None:
    client = await opened(key)
    await client.send({"type": "subscribe"})
    assert await client.hear() == {"type": "subscribed", "campaign": None}
    await client.hear_type("progress")

    def pause() -> None:
        with tenant_scope(tenant.pk):
            live.state_changed(pause_campaign(campaign=campaign, reason="Lunch."))

    await sync_to_async(pause)()
    told = await client.hear_type("state")
    assert (told["state"], told["pause_reason"], told["paused_by_itself"]) == ("paused", "Lunch.", False)
    assert told["pause_code"] == "person"
    await client.disconnect()


@watched
async def test_many_changes_are_told_at_most_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, tenant: Tenant, key: str, campaign: Campaign
) -> None:
    """What comes while it waits is told once, afterwards."""
    gate = asyncio.Event()

    async def wait(_: float) -> None:
        await gate.wait()

    monkeypatch.setattr(sockets, "_pause", wait)
    client = await opened(key)
    await client.send({"type": "subscribe", "campaign": campaign.public_id})
    await client.hear_type("progress")
    message = {"type": "progress", "campaign": campaign.public_id}
    group = live.campaign_group(campaign.pk)
    for _ in range(50):
        await get_channel_layer().group_send(
            group, {"type": "calls.update", "group": group, "messages": [message]}
        )
    assert await client.silent()

    gate.set()

    await client.hear_type("progress")
    assert await client.silent()
    await client.disconnect()


@watched
async def test_a_stranger_and_who_may_not_hear_nothing(tenant: Tenant, campaign: Campaign) -> None:
    blind = Socket(PATH, Authorization=f"Bearer {await sync_to_async(make_key)(tenant, ['calls.read'])}")
    assert await blind.connect() == 4403
    stranger = await opened(await sync_to_async(lambda: make_key(make_tenant()))())
    await stranger.send({"type": "subscribe", "campaign": campaign.public_id})
    assert (await stranger.hear())["code"] == "not_found"
    await stranger.send({"type": "subscribe", "campaign": "cmp_1"})
    assert (await stranger.hear())["code"] == "invalid"
    await stranger.send({"type": "subscribe"})
    await stranger.hear_type("subscribed")
    await sync_to_async(told_in)(tenant, live.state_changed, campaign)
    assert await stranger.silent()
    await stranger.disconnect()
