"""The audit log over the API: what is in it, how it is searched, and how it is exported."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from rest_framework.test import APIClient

from telephony.trunks.services import create_trunk
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import PASSWORD, SCRIPT, key_client, make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db

AGENT = "a browser/1.0"
ADDRESS = "203.0.113.9"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def owner(tenant: Tenant) -> APIClient:
    client = APIClient(HTTP_USER_AGENT=AGENT, REMOTE_ADDR=ADDRESS)
    client.force_login(make_member(tenant))
    return client


def entries(client: APIClient, **filters: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/audit", filters)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def make_agent(client: APIClient, name: str = "Reception") -> str:
    answer = client.post("/api/v1/agents", {"name": name, "config": SCRIPT})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_an_entry_says_who_what_and_from_where(owner: APIClient) -> None:
    agent = make_agent(owner)
    owner.patch(f"/api/v1/agents/{agent}", {"name": "Night desk"})

    changed, created = entries(owner, object=agent)

    assert created["action"] == "created"
    assert (changed["action"], changed["object_type"], changed["object_id"]) == ("changed", "agent", agent)
    assert changed["object_label"] == "Night desk"
    assert changed["changes"] == [{"field": "name", "before": "Reception", "after": "Night desk"}]
    assert changed["actor"]["kind"] == "user"
    assert changed["actor"]["id"].startswith("usr_")
    assert changed["actor"]["label"].endswith("@example.com")
    assert (changed["ip"], changed["user_agent"], changed["impersonator"]) == (ADDRESS, AGENT, None)


def test_a_key_acts_under_its_name(tenant: Tenant, owner: APIClient) -> None:
    make_agent(key_client(make_key(tenant)))

    (created,) = entries(owner, object_type="agent")

    assert created["actor"]["kind"] == "api_key"
    assert created["actor"]["id"].startswith("key_")
    assert created["actor"]["label"].startswith("test (tl_live_")


def test_a_changed_configuration_shows_the_parts_that_differ(owner: APIClient) -> None:
    agent = make_agent(owner)
    owner.patch(f"/api/v1/agents/{agent}", {"config": SCRIPT | {"first_message": "Good evening."}})

    changed = entries(owner, object=agent, action="changed")[0]

    assert changed["changes"] == [
        {"field": "draft.first_message", "before": SCRIPT["first_message"], "after": "Good evening."}
    ]


def test_publishing_names_the_version(owner: APIClient) -> None:
    agent = make_agent(owner)
    version = owner.post(f"/api/v1/agents/{agent}/publish", {}).json()["id"]

    (published,) = entries(owner, action="published")

    assert published["changes"] == [{"field": "published_version", "before": None, "after": version}]


def test_a_secret_is_never_shown(tenant: Tenant, owner: APIClient) -> None:
    with tenant_scope(tenant.pk):
        trunk = create_trunk(
            name="Carrier", direction="inbound", allowed_addresses=["203.0.113.7"], password="open sesame"
        )
    owner.patch(f"/api/v1/trunks/{trunk.public_id}", {"password": "open barley"})

    changed = entries(owner, object=trunk.public_id, action="changed")[0]

    assert changed["changes"] == [{"field": "password", "before": "(secret)", "after": "(secret)"}]
    assert "sesame" not in owner.get("/api/v1/audit").content.decode()


def test_a_secret_that_stays_is_no_change(tenant: Tenant, owner: APIClient) -> None:
    with tenant_scope(tenant.pk):
        trunk = create_trunk(
            name="Carrier", direction="inbound", allowed_addresses=["203.0.113.7"], password="open sesame"
        )
    owner.patch(f"/api/v1/trunks/{trunk.public_id}", {"name": "Other"})

    changed = entries(owner, object=trunk.public_id, action="changed")[0]

    assert [change["field"] for change in changed["changes"]] == ["name"]


def test_a_login_is_noted_where_the_person_belongs(tenant: Tenant, owner: APIClient) -> None:
    person = make_member(tenant, "analyst")
    elsewhere = make_tenant()
    APIClient(REMOTE_ADDR=ADDRESS).force_login(person)

    (login,) = entries(owner, action="login", actor=person.public_id)

    assert (login["actor"]["label"], login["object_id"]) == (person.email, person.public_id)
    assert entries(key_client(make_key(elsewhere)), action="login") == []


def test_search_and_filters(owner: APIClient) -> None:
    first, second = make_agent(owner, "Reception"), make_agent(owner, "Survey")
    newest = entries(owner, object=second)[0]

    assert [e["object_id"] for e in entries(owner, q="recep")] == [first]
    assert [e["object_id"] for e in entries(owner, object_type="agent", after=newest["at"])] == [second]
    assert second not in [e["object_id"] for e in entries(owner, before=newest["at"])]
    assert entries(owner, actor="nobody") == []
    assert entries(owner, q=ADDRESS, object=first)
    assert owner.get("/api/v1/audit", {"object": "x"}).status_code == 422


def test_pages_follow_each_other(owner: APIClient) -> None:
    for number in range(5):
        make_agent(owner, f"Agent {number}")

    seen: list[str] = []
    cursor = None
    while True:
        page = owner.get(
            "/api/v1/audit", {"limit": 2, "action": "created"} | ({"cursor": cursor} if cursor else {})
        )
        seen += [e["object_label"] for e in page.json()["results"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break

    assert seen[:5] == [f"Agent {number}" for number in (4, 3, 2, 1, 0)]


def exported(client: APIClient, **filters: str) -> list[dict[str, str]]:
    answer = client.get("/api/v1/audit/export", filters)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_the_export_has_what_the_list_has_and_is_noted(owner: APIClient, monkeypatch: Any) -> None:
    monkeypatch.setattr("tenants.audit.export.PAGE", 2)
    for number in range(4):
        make_agent(owner, f"Agent {number}")

    rows = exported(owner, object_type="agent")

    assert [row["object"] for row in rows] == [f"Agent {number}" for number in (3, 2, 1, 0)]
    assert entries(owner, action="exported")


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+1", "@SUM(A1)"])
def test_a_cell_is_never_a_formula(owner: APIClient, name: str) -> None:
    make_agent(owner, name)

    (row,) = exported(owner, object_type="agent")

    assert row["object"] == f"'{name}"


def test_wrong_filters_are_told_before_the_export_begins(owner: APIClient) -> None:
    assert owner.get("/api/v1/audit/export", {"after": "yesterday"}).status_code == 422


def test_a_trunks_lists_are_told_as_one_change(owner: APIClient) -> None:
    made = owner.post(
        "/api/v1/trunks", {"name": "Carrier", "direction": "inbound", "allowed_addresses": ["203.0.113.7"]}
    )
    trunk = made.json()["id"]
    owner.patch(f"/api/v1/trunks/{trunk}", {"allowed_addresses": ["203.0.113.7", "203.0.113.8"]})
    owner.patch(f"/api/v1/trunks/{trunk}", {"allowed_addresses": ["203.0.113.7", "203.0.113.8"]})

    told = [e["changes"] for e in entries(owner, object=trunk, action="changed")]

    one, two = ["203.0.113.7/32"], ["203.0.113.7/32", "203.0.113.8/32"]
    assert told == [
        [{"field": "allowed_addresses", "before": one, "after": two}],
        [{"field": "allowed_addresses", "before": [], "after": one}],
    ]


def test_a_new_way_to_log_in_is_noted(tenant: Tenant, owner: APIClient) -> None:
    person = make_member(tenant, "analyst")
    client = APIClient(REMOTE_ADDR=ADDRESS)
    client.force_login(person)
    changed = client.post(
        "/_allauth/browser/v1/account/password/change",
        {"current_password": PASSWORD, "new_password": "another long passphrase"},
    )
    assert changed.status_code == 200, changed.content

    (entry,) = entries(owner, action="password_changed")
    assert (entry["actor"]["label"], entry["ip"], entry["changes"]) == (person.email, ADDRESS, [])
