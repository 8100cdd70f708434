"""Campaigns through the REST API."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import Campaign, CampaignState
from apps.campaigns.selectors import get_campaign
from apps.campaigns.services.lifecycle import create_campaign
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db

URL = "/api/v1/campaigns"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def agent(tenant: Tenant) -> Agent:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        publish(agent=agent)
        return agent


@pytest.fixture
def campaign(tenant: Tenant, agent: Agent) -> Campaign:
    with tenant_scope(tenant.pk):
        return create_campaign(name="Reminders", agent=agent)


def path(campaign: Campaign, action: str = "") -> str:
    return f"{URL}/{campaign.public_id}{action and '/' + action}"


def faults(answer: Any) -> set[tuple[str, str]]:
    return {(e["field"], e["code"]) for e in answer.json()["errors"]}


def put_in(campaign: Campaign, tenant: Tenant, **values: Any) -> None:
    now = timezone.now()
    with tenant_scope(tenant.pk):
        Campaign.objects.filter(pk=campaign.pk).update(started_at=now, resumed_at=now, **values)


def test_a_new_one_is_a_draft_with_everything_as_usual(client: APIClient, agent: Agent) -> None:
    answer = client.post(URL, {"name": "Reminders", "agent": agent.public_id})

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["state"], made["agent"], made["agent_name"]) == ("draft", agent.public_id, "Reception")
    assert made["config"] == CampaignConfig().model_dump(mode="json")
    assert made["progress"]["contacts"] == made["progress"]["remaining"] == 0
    assert client.get(f"{URL}/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (
            {"hours": {"windows": [{"days": ["mon"], "start": "20:00", "end": "09:00"}]}},
            "config.hours.windows.0.end",
        ),
        (
            {"hours": {"windows": [{"days": ["mon"], "start": "9", "end": "10:00"}]}},
            "config.hours.windows.0.start",
        ),
        ({"pacing": {"max_concurrent": 0}}, "config.pacing.max_concurrent"),
        ({"attempts": {"retries": {"busy": {"times": -1}}}}, "config.attempts.retries.busy.times"),
        ({"pace": {}}, "config.pace"),
        ({"hours": {"not_before": "0001-01-01T00:00:00+14:00"}}, "config.hours.not_before"),
        ({"hours": {"not_after": "9999-12-31T23:59:59-12:00"}}, "config.hours.not_after"),
        ({"budget_micros": 10**30}, "config.budget_micros"),
    ],
)
def test_a_fault_is_told_in_its_place(
    client: APIClient, agent: Agent, campaign: Campaign, config: Any, field: str
) -> None:
    made = client.post(URL, {"name": "New", "agent": agent.public_id, "config": config})
    changed = client.patch(path(campaign), {"config": config})

    for answer in (made, changed):
        assert answer.status_code == 422
        assert {place for place, _ in faults(answer)} == {field}


def test_parts_of_the_configuration_are_replaced_and_the_others_stay(
    client: APIClient, campaign: Campaign
) -> None:
    client.patch(path(campaign), {"config": {"pacing": {"max_concurrent": 7, "weight": 3}, "test": True}})

    answer = client.patch(path(campaign), {"config": {"pacing": {"max_concurrent": 20}}})

    config = answer.json()["config"]
    assert config["pacing"] == CampaignConfig().pacing.model_dump() | {"max_concurrent": 20}
    assert config["test"] is True


def test_parts_must_be_an_object(client: APIClient, campaign: Campaign) -> None:
    answer = client.patch(path(campaign), {"config": ["pacing"]})

    assert answer.status_code == 422
    assert faults(answer) == {("config", "invalid")}


def test_a_change_of_what_somebody_else_changed_is_refused(client: APIClient, campaign: Campaign) -> None:
    tag = client.get(path(campaign))["ETag"]
    assert client.patch(path(campaign), {"name": "First"}, headers={"If-Match": tag}).status_code == 200

    answer = client.patch(path(campaign), {"name": "Second"}, headers={"If-Match": tag})

    assert answer.status_code == 412
    assert client.get(path(campaign)).json()["name"] == "First"


def test_the_list_is_narrowed_by_state_name_and_agent(
    client: APIClient, tenant: Tenant, agent: Agent, campaign: Campaign
) -> None:
    with tenant_scope(tenant.pk):
        other = create_campaign(name="Surveys", agent=create_agent(name="Other", config=script_config()))
    put_in(other, tenant, state=CampaignState.PAUSED)

    def found(query: str) -> list[str]:
        return [item["name"] for item in client.get(f"{URL}?{query}").json()["results"]]

    assert found("") == ["Surveys", "Reminders"]
    assert found("state=paused") == ["Surveys"]
    assert found("state=paused&state=draft") == ["Surveys", "Reminders"]
    assert found("q=remind") == ["Reminders"]
    assert found(f"agent={agent.public_id}") == ["Reminders"]


def test_the_list_asks_as_often_for_many_as_for_one(
    client: APIClient, tenant: Tenant, agent: Agent, django_assert_max_num_queries: Any
) -> None:
    with tenant_scope(tenant.pk):
        for n in range(20):
            create_campaign(name=f"Number {n}", agent=agent)
    client.get(URL)

    with django_assert_max_num_queries(12):
        assert len(client.get(URL).json()["results"]) == 20


def test_what_the_state_forbids_is_a_conflict(client: APIClient, campaign: Campaign) -> None:
    for action in ("pause", "resume", "stop"):
        assert client.post(path(campaign, action)).status_code == 409


def test_a_running_one_is_paused_and_stopped(client: APIClient, tenant: Tenant, campaign: Campaign) -> None:
    put_in(campaign, tenant, state=CampaignState.RUNNING)

    assert client.post(path(campaign, "pause")).json()["state"] == "paused"
    assert client.delete(path(campaign)).status_code == 409
    assert client.post(path(campaign, "stop"), {"running_calls": "hang_up"}).json()["state"] == "stopped"
    assert client.delete(path(campaign)).status_code == 204
    assert client.get(path(campaign)).status_code == 404


def test_an_unknown_wish_for_running_calls_is_refused(client: APIClient, campaign: Campaign) -> None:
    answer = client.post(path(campaign, "stop"), {"running_calls": "drop"})

    assert answer.status_code == 422
    assert faults(answer) == {("running_calls", "invalid_choice")}


def test_a_clone_is_a_draft_of_its_own(client: APIClient, tenant: Tenant, campaign: Campaign) -> None:
    put_in(campaign, tenant, state=CampaignState.PAUSED)
    client.patch(path(campaign), {"config": {"pacing": {"max_concurrent": 9}}})

    answer = client.post(path(campaign, "clone"), {"name": "Again"})

    copied = answer.json()
    assert answer.status_code == 201
    assert (copied["name"], copied["state"]) == ("Again", "draft")
    assert copied["config"]["pacing"]["max_concurrent"] == 9
    with tenant_scope(tenant.pk):
        assert get_campaign(campaign.pk).state == CampaignState.PAUSED


def test_the_schema_is_the_configurations(client: APIClient) -> None:
    assert client.get(f"{URL}/config-schema").json() == CampaignConfig.model_json_schema()


def test_one_that_paused_itself_is_on_the_home_page(
    client: APIClient, tenant: Tenant, campaign: Campaign
) -> None:
    def told() -> list[Any]:
        return [
            n for n in client.get("/api/v1/attention").json()["results"] if n["kind"] == "campaign_paused"
        ]

    put_in(campaign, tenant, state=CampaignState.PAUSED, pause_reason="I said so.")
    assert told() == []

    put_in(campaign, tenant, state=CampaignState.PAUSED, paused_by_itself=True, pause_reason="Many failed.")
    (notice,) = told()
    assert notice["detail"] == "Many failed."
    assert notice["path"] == f"campaigns/{campaign.public_id}"
    blind = key_client(make_key(tenant, ["calls.read"]))
    assert "campaign_paused" not in blind.get("/api/v1/attention").content.decode()


def test_a_test_key_reaches_nobody_outside_the_sandbox(
    tenant: Tenant, agent: Agent, campaign: Campaign
) -> None:
    """Whatever may dial, and whatever changes what dials; drafts are only drafts."""
    key = key_client(make_key(tenant, mode="test"))

    assert key.patch(path(campaign), {"config": {"pacing": {"max_concurrent": 7}}}).status_code == 200
    assert key.post(path(campaign, "start")).status_code == 403
    put_in(campaign, tenant, state=CampaignState.RUNNING)
    contacts = {"contacts": [{"number": "+12125550100"}]}
    for answer in (
        key.patch(path(campaign), {"config": {"test": True}}),
        key.post(path(campaign, "pause")),
        key.post(path(campaign, "stop"), {"running_calls": "hang_up"}),
        key.post(path(campaign, "contacts"), contacts, format="json"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied"), answer.content


def test_a_test_key_runs_campaigns_of_the_sandbox(tenant: Tenant, agent: Agent, campaign: Campaign) -> None:
    key = key_client(make_key(tenant, mode="test"))
    key.patch(path(campaign), {"config": {"test": True}})

    assert key.post(path(campaign, "start")).status_code == 422  # nothing to call yet, but it may
    put_in(campaign, tenant, state=CampaignState.RUNNING)
    assert key.patch(path(campaign), {"config": {"test": False}}).status_code == 403
    assert key.patch(path(campaign), {"config": {"budget_micros": 5}}).status_code == 200
    assert key.post(path(campaign, "pause")).status_code == 200


def test_what_is_listed_twice_is_told(client: APIClient, agent: Agent, campaign: Campaign) -> None:
    arm = {"version": client.get(f"/api/v1/agents/{agent.public_id}/versions").json()["results"][0]["id"]}

    answer = client.patch(path(campaign), {"config": {"arms": [arm, arm | {"weight": 3}]}})

    assert answer.status_code == 422
    assert faults(answer) == {("config.arms.1.version", "twice")}
