"""Saved views: one's own, the shared ones, and who may change which."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.calls.services import saved_views
from tenants.models import Tenant
from tests.tenancy import make_member

VIEWS = "/api/v1/saved-views"
BODY = {"name": "Failed", "page": "calls", "query": {"end_reason": ["failed", "busy"], "test": "false"}}


def member(tenant: Tenant, role: str) -> APIClient:
    client = APIClient()
    client.force_login(make_member(tenant, role))
    return client


@pytest.fixture
def developer(tenant: Tenant) -> APIClient:
    return member(tenant, "developer")


@pytest.fixture
def analyst(tenant: Tenant) -> APIClient:
    return member(tenant, "analyst")


def made(client: APIClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(VIEWS, BODY | changes)
    assert answer.status_code == 201, answer.content
    return answer.json()  # type: ignore[no-any-return]


def names(client: APIClient) -> list[str]:
    return [view["name"] for view in client.get(VIEWS).json()["results"]]


def test_a_view_from_making_to_deleting(developer: APIClient) -> None:
    view = made(developer)
    address = f"{VIEWS}/{view['id']}"
    assert view["id"].startswith("view_")
    assert (view["query"], view["shared"], view["mine"]) == (BODY["query"], False, True)
    assert client_view(developer, address) == view

    changed = developer.patch(address, {"name": "Refused", "query": {"q": "0101"}}).json()
    assert (changed["name"], changed["query"], changed["page"]) == ("Refused", {"q": "0101"}, "calls")

    assert developer.delete(address).status_code == 204
    assert developer.get(address).status_code == 404


def client_view(client: APIClient, address: str) -> Any:
    return client.get(address).json()


def test_ones_own_is_nobody_elses(developer: APIClient, analyst: APIClient, tenant: Tenant) -> None:
    view = made(developer)
    owner = member(tenant, "owner")

    for other in (analyst, owner):
        assert names(other) == []
        assert other.patch(f"{VIEWS}/{view['id']}", {"name": "Mine"}).status_code == 404
        assert other.delete(f"{VIEWS}/{view['id']}").status_code == 404


def test_a_shared_one_is_seen_by_all_and_changed_by_few(
    developer: APIClient, analyst: APIClient, tenant: Tenant
) -> None:
    view = made(analyst, shared=True)
    address = f"{VIEWS}/{view['id']}"

    seen = client_view(developer, address)
    assert (seen["mine"], names(developer)) == (False, ["Failed"])
    refused = developer.patch(address, {"name": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert developer.delete(address).status_code == 403
    assert member(tenant, "admin").patch(address, {"name": "Ours"}).json()["name"] == "Ours"
    assert analyst.patch(address, {"shared": False}).status_code == 200
    assert developer.get(address).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"page": "agents"}, "page"),
        ({"query": []}, "query"),
        ({"query": {"q": 7}}, "query"),
        ({"query": {"q": [7]}}, "query"),
        ({"query": {"q": "x" * 201}}, "query"),
        ({"query": {"x" * 201: "q"}}, "query"),
        ({"query": {"q": ["x"] * 51}}, "query"),
        ({"query": {f"q{n}": "x" for n in range(31)}}, "query"),
        ({"shared": "perhaps"}, "shared"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_field_is_named(developer: APIClient, change: dict[str, Any], field: str) -> None:
    answer = developer.post(VIEWS, BODY | change)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert names(developer) == []


def test_nobody_fills_the_table(developer: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    made(developer)

    answer = developer.post(VIEWS, BODY)

    assert (answer.status_code, answer.json()["code"]) == (429, "limit_reached")
