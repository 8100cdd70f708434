"""Two people edit the same thing: the second one hears of it instead of undoing the first one's work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

MADE = {
    "agents": {"name": "Reception", "config": SCRIPT},
    "numbers": {"carrier": "sandbox"},
    "trunks": {"name": "Carrier", "direction": "inbound", "allowed_addresses": ["203.0.113.7"]},
}
CHANGE: dict[str, dict[str, Any]] = {
    "agents": {"name": "Night reception"},
    "numbers": {"label": "Front desk"},
    "trunks": {"name": "Other carrier"},
}


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


def made(client: APIClient, kind: str) -> tuple[str, str]:
    """The address of a new row and its entity tag."""
    answer = client.post(f"/api/v1/{kind}", MADE[kind])
    assert answer.status_code == 201
    return f"/api/v1/{kind}/{answer.json()['id']}", answer.headers["ETag"]


def change(client: APIClient, address: str, tag: str) -> Any:
    return client.patch(address, CHANGE[address.split("/")[3]], headers={"If-Match": tag})


@pytest.mark.parametrize("kind", MADE)
def test_a_change_of_what_was_read_is_made(client: APIClient, kind: str) -> None:
    address, tag = made(client, kind)
    assert client.get(address).headers["ETag"] == tag

    answer = change(client, address, tag)

    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag
    assert client.get(address).headers["ETag"] == answer.headers["ETag"]
    assert change(client, address, f'"other", {answer.headers["ETag"]}').status_code == 200


@pytest.mark.parametrize("kind", MADE)
def test_a_change_of_what_somebody_else_changed_is_refused(client: APIClient, kind: str) -> None:
    address, tag = made(client, kind)
    assert change(client, address, tag).status_code == 200
    before = client.get(address).json()

    for old in (tag, "nonsense", f"W/{client.get(address).headers['ETag']}"):
        answer = change(client, address, old)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert answer.json()["updated_by"].startswith("test ")
        changed_at = datetime.fromisoformat(answer.json()["updated_at"])
        assert changed_at == datetime.fromisoformat(before["updated_at"])

    assert client.get(address).json() == before


@pytest.mark.parametrize("kind", MADE)
def test_without_the_header_nothing_is_checked(client: APIClient, kind: str) -> None:
    address, _ = made(client, kind)

    assert client.patch(address, CHANGE[kind]).status_code == 200
    assert change(client, address, "*").status_code == 200


def test_what_is_published_is_what_was_read(client: APIClient) -> None:
    address, tag = made(client, "agents")
    assert change(client, address, tag).status_code == 200

    refused = client.post(f"{address}/publish", {}, headers={"If-Match": tag})
    now = client.get(address).headers["ETag"]
    published = client.post(f"{address}/publish", {}, headers={"If-Match": now})

    assert (refused.status_code, refused.json()["code"]) == (412, "stale")
    assert published.status_code == 201
    assert client.get(address).headers["ETag"] != now


def test_a_trunks_gateways_belong_to_its_state(client: APIClient) -> None:
    address, tag = made(client, "trunks")

    changed = client.patch(address, {"gateways": [{"host": "sip.example.com"}]})

    assert changed.headers["ETag"] != tag
