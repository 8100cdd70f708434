from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.agents.services import update_draft
from apps.suites.models import Suite, SuiteRun
from apps.suites.services.publications import settle_publication
from tenants.audit.models import AuditEntry
from tenants.ids import from_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.suites.conftest import GOODBYE, HOURS, Player
from tests.tenancy import key_client, make_key, make_member, script_config

pytestmark = pytest.mark.django_db

MakeSuite = Callable[..., Suite]


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def publish(client: APIClient, agent: Agent, **body: Any) -> Any:
    return client.post(f"/api/v1/agents/{agent.public_id}/publish", body)


def finish(client: APIClient, player: Player, tenant: Tenant, held: dict[str, Any]) -> dict[str, Any]:
    """The publication once its runs are over."""
    for run in held["runs"]:
        with tenant_scope(tenant.pk):
            row = SuiteRun.objects.get(pk=from_public("run_", run["id"]))
        player.finish(row)
    settle_publication(tenant.pk, from_public("pub_", held["id"]))
    return client.get(f"/api/v1/publications/{held['id']}").json()  # type: ignore[no-any-return]


def test_a_broken_draft_is_caught_before_it_is_published(
    client: APIClient, agent: Agent, tenant: Tenant, make_suite: MakeSuite, player: Player
) -> None:
    make_suite(GOODBYE, gate=True)
    answer = publish(client, agent, note="The first")
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    first = finish(client, player, tenant, answer.json())
    assert (first["state"], first["version"]) == ("published", 1)

    broken = {"provider": "script", "nodes": {"start": {"expect": [], "otherwise": "What?"}}}
    with tenant_scope(tenant.pk):
        update_draft(agent=agent, config=script_config(model=broken))
    second = finish(client, player, tenant, publish(client, agent).json())

    assert (second["state"], second["version"]) == ("failed", None)
    assert "Reception" in second["detail"]
    assert client.get(f"/api/v1/agents/{agent.public_id}").json()["published_version"]["number"] == 1
    version = client.get(f"/api/v1/agents/{agent.public_id}/versions/1").json()
    assert [(v["name"], v["state"], v["passed"]) for v in version["suites"]] == [("Reception", "passed", 1)]


def test_a_draft_that_was_changed_meanwhile_is_not_published(
    client: APIClient, agent: Agent, tenant: Tenant, make_suite: MakeSuite, player: Player
) -> None:
    make_suite(GOODBYE, gate=True)
    held = publish(client, agent).json()
    with tenant_scope(tenant.pk):
        update_draft(agent=agent, config=script_config(first_message="Another."))

    assert finish(client, player, tenant, held)["state"] == "outdated"


def test_suites_that_are_no_gate_are_not_asked(
    client: APIClient, agent: Agent, make_suite: MakeSuite
) -> None:
    make_suite(HOURS)
    assert publish(client, agent).status_code == 201


def test_one_publication_at_a_time(client: APIClient, agent: Agent, make_suite: MakeSuite) -> None:
    make_suite(GOODBYE, gate=True)
    assert publish(client, agent).status_code == 202
    answer = publish(client, agent)
    assert (answer.status_code, answer.json()["code"]) == (409, "publication_running")


def test_a_cancelled_run_cancels_its_publication(
    client: APIClient, agent: Agent, tenant: Tenant, make_suite: MakeSuite
) -> None:
    make_suite(GOODBYE, gate=True)
    held = publish(client, agent).json()
    assert client.post(f"/api/v1/suite-runs/{held['runs'][0]['id']}/cancel").status_code == 200
    settle_publication(tenant.pk, from_public("pub_", held["id"]))

    assert client.get(f"/api/v1/publications/{held['id']}").json()["state"] == "cancelled"
    listed = client.get(f"/api/v1/agents/{agent.public_id}/publications").json()["results"]
    assert [row["id"] for row in listed] == [held["id"]]


def test_only_owners_leave_out_the_suites_and_say_why(
    client: APIClient, agent: Agent, tenant: Tenant, make_suite: MakeSuite
) -> None:
    make_suite(HOURS, gate=True)
    refused = publish(client, agent, skip_suites=True, note="Fire")
    assert refused.status_code == 403
    owner = APIClient()
    owner.force_login(make_member(tenant, "owner"))
    silent = publish(owner, agent, skip_suites=True)
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "note")

    assert publish(owner, agent, skip_suites=True, note="Fire").status_code == 201
    with tenant_scope(tenant.pk):
        entry = AuditEntry.objects.get(action="suites_skipped")
    assert entry.after == {"suites": ["Reception"], "note": "Fire"}
