from __future__ import annotations

import base64

import pytest
from rest_framework.test import APIClient

from apps.agents.services import create_agent
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"


@pytest.fixture
def tenant() -> Tenant:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        for n in range(7):
            create_agent(name=str(n), config=script_config())
    return tenant


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def names(client: APIClient, limit: int, cursor: str | None = "") -> list[list[str]]:
    """The names of each page in turn."""
    pages = []
    while cursor is not None:
        page = client.get(AGENTS, {"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
        pages.append([a["name"] for a in page["results"]])
        cursor = page["next_cursor"]
    return pages


@pytest.mark.parametrize(
    ("limit", "pages"),
    [
        (3, [["6", "5", "4"], ["3", "2", "1"], ["0"]]),
        (7, [["6", "5", "4", "3", "2", "1", "0"]]),
        (200, [["6", "5", "4", "3", "2", "1", "0"]]),
    ],
)
def test_pages_hold_every_row_once_newest_first(
    client: APIClient, limit: int, pages: list[list[str]]
) -> None:
    assert names(client, limit) == pages


def test_a_new_row_does_not_shift_the_next_page(client: APIClient, tenant: Tenant) -> None:
    first = client.get(AGENTS, {"limit": 3}).json()
    with tenant_scope(tenant.pk):
        create_agent(name="newer", config=script_config())

    assert names(client, 4, first["next_cursor"]) == [["3", "2", "1", "0"]]


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1.5", "", "²", "9" * 5000])
def test_a_bad_limit_is_named(client: APIClient, limit: str) -> None:
    answer = client.get(AGENTS, {"limit": limit})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"


@pytest.mark.parametrize(
    "cursor",
    ["x", "äöü", "====", *(base64.urlsafe_b64encode(b).decode() for b in (b"7", b"\xff\x00", b"a\x00"))],
)
def test_a_bad_cursor_is_named(client: APIClient, cursor: str) -> None:
    answer = client.get(AGENTS, {"cursor": cursor})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"
