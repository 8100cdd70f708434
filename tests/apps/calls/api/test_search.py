"""Finding calls: by number, by agent, by time and length, and who may see which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.calls import search
from apps.calls.models import Call
from apps.calls.services import record_events
from apps.numbers.models import PhoneNumber
from telephony.edge.models import MediaNode
from tenants.ids import first_id_at, new_id
from tenants.models import Tenant
from tests.apps.calls.wire import batch, event, fresh
from tests.tenancy import key_client, make_key

CALLS = "/api/v1/calls"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up", duration_ms=8000)))
    return fresh(answered.pk)


def found(client: APIClient, **asked: Any) -> list[str]:
    answer = client.get(CALLS, asked)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    "part",
    ["5501", "12025550101", "+12025550101", "(202) 555-0101", "2025550101", " 0101 ", "202.555.0101"],
)
def test_part_of_either_number_however_it_is_written(
    client: APIClient, ended: Call, queued: Call, part: str
) -> None:
    assert found(client, q=part) == [queued.public_id, ended.public_id]


def test_a_number_that_nobody_has(client: APIClient, ended: Call) -> None:
    assert found(client, q="777") == []
    assert found(client, q="+4930901820") == []


def test_a_search_looks_through_the_newest_calls_of_the_time_asked_for(
    client: APIClient, ended: Call, queued: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCHED", 1)

    assert found(client, q="5501") == [queued.public_id]
    just_after = ended.created_at + timedelta(microseconds=1)
    assert found(client, q="5501", created_before=just_after.isoformat()) == [ended.public_id]


def test_a_whole_number_is_found_however_old(
    client: APIClient, ended: Call, queued: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCHED", 1)

    assert found(client, q="12025550101") == [queued.public_id, ended.public_id]


def test_the_agents_name_from_its_beginning(client: APIClient, ended: Call, tenant: Tenant) -> None:
    assert found(client, q="recep") == [ended.public_id]
    assert found(client, q="ception") == []
    assert client.get(CALLS).json()["results"][0]["agent_name"] == "Reception"


def test_a_calls_id(client: APIClient, ended: Call, queued: Call) -> None:
    assert found(client, q=ended.public_id) == [ended.public_id]
    assert found(client, q="call_7") == []


def test_calls_that_go_on(client: APIClient, ended: Call, queued: Call) -> None:
    assert found(client, live="true") == [queued.public_id]
    assert found(client, live="false") == [ended.public_id]


def test_by_length(client: APIClient, ended: Call, queued: Call) -> None:
    assert found(client, min_duration_ms=8000) == [ended.public_id]
    assert found(client, min_duration_ms=8001) == []
    assert found(client, max_duration_ms=7999) == [queued.public_id]


def test_ids_tell_the_time_they_were_made() -> None:
    before = timezone.now()
    made = new_id()
    after = timezone.now() + timedelta(milliseconds=1)

    assert first_id_at(before) <= made < first_id_at(after)
    assert first_id_at(before, plus_ms=-1) < first_id_at(before)


def test_another_tenants_numbers_and_agents_are_not_searched(
    ended: Call, stranger: Tenant, number: PhoneNumber
) -> None:
    client = key_client(make_key(stranger))

    assert [found(client, q=q) for q in ("5501", "recep", ended.public_id)] == [[], [], []]
