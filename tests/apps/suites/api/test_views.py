from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.suites.models import SuiteRun
from apps.suites.services import suites
from tenants.ids import from_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.suites.conftest import GOODBYE, HOURS, Player
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def create(client: APIClient, agent: Agent, *cases: dict[str, Any], **body: Any) -> Any:
    wish = {"name": "Reception", "cases": list(cases)} | body
    return client.post(f"/api/v1/agents/{agent.public_id}/suites", wish)


def run(client: APIClient, player: Player, tenant: Tenant, suite: str, **body: Any) -> dict[str, Any]:
    """A run once it is over."""
    started = client.post(f"/api/v1/suites/{suite}/runs", body)
    assert started.status_code == 202, started.content
    with tenant_scope(tenant.pk):
        row = SuiteRun.objects.get(pk=from_public("run_", started.json()["id"]))
    player.finish(row)
    return client.get(f"/api/v1/suite-runs/{started.json()['id']}").json()  # type: ignore[no-any-return]


def test_a_suite_is_made_changed_and_deleted(client: APIClient, agent: Agent) -> None:
    made = create(client, agent, GOODBYE)
    assert made.status_code == 201
    url = f"/api/v1/suites/{made.json()['id']}"
    changed = client.patch(url, {"gate": True}, HTTP_IF_MATCH=made["ETag"])
    assert (changed.status_code, changed.json()["gate"]) == (200, True)
    assert client.patch(url, {"gate": False}, HTTP_IF_MATCH=made["ETag"]).status_code == 412
    (listed,) = client.get(f"/api/v1/agents/{agent.public_id}/suites").json()["results"]
    assert listed == client.get(url).json()
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ({"assertions": [{"kind": "said"}]}, "cases.1.assertions.0.text"),
        ({"assertions": [{"kind": "said", "pattern": "(a"}]}, "cases.1.assertions.0.pattern"),
        ({"assertions": [{"kind": "praised"}]}, "cases.1.assertions.0"),
        ({"caller": {"kind": "script", "steps": [{"do": "say"}]}}, "cases.1.caller.steps.0.text"),
        ({"caller": {"kind": "model", "goal": "x"}}, "cases.1.caller.model"),
        ({"name": "Says goodbye"}, "cases.1.name"),
        ({"typo": 1}, "cases.1.typo"),
    ],
)
def test_a_fault_is_told_by_its_place(
    client: APIClient, agent: Agent, case: dict[str, Any], field: str
) -> None:
    answer = create(client, agent, GOODBYE, HOURS | case)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_judge_in_our_own_network_is_refused(client: APIClient, agent: Agent, settings: Settings) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False
    model = {"provider": "openai_compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    judged = HOURS | {"assertions": [{"kind": "judged", "question": "Polite?", "model": model}]}
    answer = create(client, agent, judged)
    assert answer.json()["errors"][0]["field"] == "cases.0.assertions.0.model.base_url"


def test_two_suites_of_a_name_are_refused(
    client: APIClient, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert create(client, agent).status_code == 201
    assert create(client, agent).json()["errors"][0]["code"] == "duplicate"
    monkeypatch.setattr(suites, "MOST_SUITES", 1)
    assert create(client, agent, name="Another").status_code == 429


def test_a_run_shows_what_was_said(client: APIClient, agent: Agent, tenant: Tenant, player: Player) -> None:
    suite = create(client, agent, GOODBYE, HOURS).json()["id"]
    found = run(client, player, tenant, suite)

    assert (found["state"], found["total"], found["passed"], found["version"]) == ("failed", 2, 1, None)
    good, bad = found["results"]
    assert [turn["text"] for turn in good["transcript"]] == ["Hello, .", "Goodbye.", "Bye."]
    assert (good["latency"]["answers"], good["ended_by"]) == (1, "agent")
    assert bad["failures"][0]["kind"] == "said"
    (listed,) = client.get(f"/api/v1/suites/{suite}/runs").json()["results"]
    assert listed["id"] == found["id"]
    assert client.get(f"/api/v1/suites/{suite}").json()["last_run"]["failed"] == 1


def test_two_runs_are_compared(client: APIClient, agent: Agent, tenant: Tenant, player: Player) -> None:
    suite = create(client, agent, GOODBYE, HOURS).json()["id"]
    first = run(client, player, tenant, suite)
    fixed = HOURS | {"assertions": [{"kind": "never_said", "text": "closed"}]}
    client.patch(f"/api/v1/suites/{suite}", {"cases": [fixed, GOODBYE | {"name": "Another"}]})
    second = run(client, player, tenant, suite)

    url = f"/api/v1/suite-runs/{second['id']}/comparison"
    compared = client.get(url, {"before": first["id"]}).json()["cases"]
    assert [(row["name"], row["change"], row["edited"]) for row in compared] == [
        ("Asks for the opening hours", "fixed", True),
        ("Another", "added", False),
        ("Says goodbye", "removed", False),
    ]
    other = create(client, agent, GOODBYE, name="Another").json()["id"]
    stranger = run(client, player, tenant, other)["id"]
    assert client.get(url, {"before": stranger}).status_code == 422


@pytest.mark.parametrize(("source", "status"), [("draft", 202), (7, 422), ("live", 422), (True, 422)])
def test_a_run_is_of_the_draft_or_of_a_version(
    client: APIClient, agent: Agent, source: object, status: int
) -> None:
    suite = create(client, agent, GOODBYE).json()["id"]
    answer = client.post(f"/api/v1/suites/{suite}/runs", {"source": source})
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["field"] == "source"


def test_a_suite_that_runs_is_not_deleted(client: APIClient, agent: Agent) -> None:
    suite = create(client, agent, GOODBYE).json()["id"]
    started = client.post(f"/api/v1/suites/{suite}/runs", {}).json()
    assert client.delete(f"/api/v1/suites/{suite}").status_code == 409
    assert client.post(f"/api/v1/suite-runs/{started['id']}/cancel").json()["state"] == "cancelled"
    assert client.delete(f"/api/v1/suites/{suite}").status_code == 204


def test_the_schema_of_a_case_is_public(client: APIClient) -> None:
    schema = client.get("/api/v1/suites/case-schema").json()
    assert {"name", "caller", "assertions"} <= set(schema["properties"])
