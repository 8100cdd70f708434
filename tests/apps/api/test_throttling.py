from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache, caches
from pytest_django import Settings
from rest_framework.test import APIClient

from tenants.models import Tenant
from tests.tenancy import SCRIPT, key_client, make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
NOON = "2026-03-02T12:00:15Z"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture(autouse=True)
def three_a_minute(settings: Settings) -> Iterator[None]:
    settings.API_REQUESTS_PER_MINUTE = 3
    with time_machine.travel(NOON, tick=False):
        yield


def test_the_fourth_request_of_a_minute_is_refused(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))

    answers = [client.get(AGENTS) for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert [a["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert {(a["RateLimit-Limit"], a["RateLimit-Reset"]) for a in answers} == {("3", "45")}
    assert answers[3]["Retry-After"] == "45"
    assert answers[3].json()["code"] == "throttled"
    assert "45 seconds" in answers[3].json()["detail"]


def test_the_next_minute_begins_anew(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    for _ in range(4):
        client.get(AGENTS)

    with time_machine.travel("2026-03-02T12:01:00Z", tick=False):
        assert client.get(AGENTS).status_code == 200


def test_an_answer_given_again_counts_too(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))

    answers = [
        client.post(AGENTS, {"name": "R", "config": SCRIPT}, headers={"Idempotency-Key": "a"})
        for _ in range(4)
    ]

    assert [a.status_code for a in answers] == [201, 201, 201, 429]
    assert [a["RateLimit-Remaining"] for a in answers] == ["2", "1", "0", "0"]
    assert answers[2]["Idempotent-Replayed"] == "true"
    assert (answers[3]["Retry-After"], answers[3].json()["code"]) == ("45", "throttled")
    assert answers[3].json() == client.get(AGENTS).json()


def test_whoever_gives_no_credentials_is_counted_by_address() -> None:
    guesser, other = (APIClient(REMOTE_ADDR=f"2001:db8::{uuid4().hex[:4]}:{n}") for n in (1, 2))

    answers = [guesser.get("/api/v1/join/guess") for _ in range(4)]

    assert [a.status_code for a in answers] == [404, 404, 404, 429]
    assert other.get("/api/v1/join/guess").status_code == 404


def test_a_person_is_counted_in_and_outside_their_tenant_alike(tenant: Tenant) -> None:
    client = APIClient()
    client.force_login(make_member(tenant))

    answers = [client.get(path) for path in ("/api/v1/me", AGENTS, "/api/v1/me", AGENTS)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]


def test_each_key_has_its_own_count(tenant: Tenant) -> None:
    busy, idle = key_client(make_key(tenant)), key_client(make_key(tenant))
    for _ in range(4):
        busy.get(AGENTS)

    assert busy.get(AGENTS).status_code == 429
    assert idle.get(AGENTS).status_code == 200


def test_a_wiped_cache_only_forgets_the_count(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    client = key_client(make_key(tenant))
    count = cache.incr

    def wiped(key: str) -> int:
        cache.delete(key)
        return count(key)

    monkeypatch.setattr(caches["default"], "incr", wiped)
    assert client.get(AGENTS).status_code == 200


def test_without_the_cache_requests_pass(tenant: Tenant, settings: Settings) -> None:
    client = key_client(make_key(tenant))
    # Nothing listens on the discard port.
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}

    assert [client.get(AGENTS).status_code for _ in range(4)] == [200] * 4
