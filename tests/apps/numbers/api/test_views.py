from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

NUMBERS = "/api/v1/numbers"


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


@pytest.fixture
def agent(client: APIClient) -> str:
    made = client.post("/api/v1/agents", {"name": "R", "config": SCRIPT}).json()["id"]
    return str(made)


def test_a_number_from_the_sandbox_and_back(client: APIClient, agent: str) -> None:
    version = client.post(f"/api/v1/agents/{agent}/publish").json()["id"]

    made = client.post(NUMBERS, {"carrier": "sandbox", "agent": agent, "agent_version": version})
    assert made.status_code == 201
    number = made.json()
    assert (number["agent"], number["agent_version"], number["trunk"]) == (agent, version, None)

    address = f"{NUMBERS}/{number['id']}"
    assert client.get(address).json() == number
    changed = client.patch(address, {"agent_version": None, "label": "Front desk"}).json()
    assert (changed["agent"], changed["agent_version"], changed["label"]) == (agent, None, "Front desk")

    assert client.delete(address).status_code == 204
    assert client.get(NUMBERS).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "carrier"),
        ({"carrier": "twilio"}, "carrier"),
        ({"carrier": "sandbox", "e164": "202"}, "e164"),
        ({"carrier": "sandbox", "e164": ""}, "e164"),
        ({"carrier": "sandbox", "agent": "agt_1"}, "agent"),
        ({"carrier": "sandbox", "agent": f"agt_{'0' * 32}"}, "agent"),
        ({"carrier": "sandbox", "agent": 5}, "agent"),
        ({"carrier": "byoc", "e164": "+442079460018", "trunk": f"trk_{'0' * 32}"}, "trunk"),
        ({"carrier": "byoc", "e164": "+442079460018", "trunk": f"agt_{'0' * 32}"}, "trunk"),
        ({"carrier": "sandbox", "number": "x"}, "number"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    client: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = client.post(NUMBERS, body)

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert client.get(NUMBERS).json()["results"] == []


def test_the_number_and_its_carrier_do_not_change(client: APIClient) -> None:
    number = client.post(NUMBERS, {"carrier": "sandbox"}).json()

    for change in ({"e164": "+12025550100"}, {"carrier": "byoc"}):
        answer = client.patch(f"{NUMBERS}/{number['id']}", change)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown_field"


def test_an_agent_in_use_cannot_be_deleted(client: APIClient, agent: str) -> None:
    number = client.post(NUMBERS, {"carrier": "sandbox", "agent": agent}).json()

    answer = client.delete(f"/api/v1/agents/{agent}")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert number["e164"] in answer.json()["detail"]
