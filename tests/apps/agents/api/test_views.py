from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
LLM = {
    "model": {
        "provider": "openai_compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
        "api_key": "sk-hidden",
    }
}


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


@pytest.fixture
def agent(client: APIClient) -> dict[str, Any]:
    answer = client.post(AGENTS, {"name": "Reception", "config": SCRIPT})
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


def test_an_agent_from_draft_to_calls(client: APIClient, agent: dict[str, Any]) -> None:
    address = f"{AGENTS}/{agent['id']}"
    assert agent["published_version"] is None
    assert agent["has_unpublished_changes"] is True

    version = client.post(f"{address}/publish", {"note": "first"}).json()
    published = client.get(address).json()
    assert published["published_version"]["id"] == version["id"]
    assert published["has_unpublished_changes"] is False

    changed = client.patch(address, {"config": SCRIPT | {"first_message": "Changed."}}).json()
    assert changed["config"]["first_message"] == "Changed."
    assert changed["has_unpublished_changes"] is True
    assert client.get(f"{address}/versions/1").json()["config"]["first_message"] == "Hello, {{name}}."

    client.post(f"{address}/publish")
    assert [v["number"] for v in client.get(f"{address}/versions").json()["results"]] == [2, 1]
    back = client.post(f"{address}/rollback", {"number": 1})
    assert (back.status_code, back.json()["id"]) == (200, version["id"])
    assert client.get(address).json()["published_version"]["number"] == 1

    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_a_bad_configuration_is_422_with_its_place_and_nothing_is_written(client: APIClient) -> None:
    answer = client.post(AGENTS, {"name": "R", "config": SCRIPT | {"turn_taking": {"endpointing_ms": 5}}})

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == ["config.turn_taking.endpointing_ms"]
    assert client.get(AGENTS).json()["results"] == []


def test_a_bad_change_leaves_the_draft(client: APIClient, agent: dict[str, Any]) -> None:
    address = f"{AGENTS}/{agent['id']}"

    answer = client.patch(address, {"name": "New", "config": {"model": {"provider": "script", "nodes": {}}}})

    assert answer.status_code == 422
    assert client.get(address).json() == agent


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"config": SCRIPT}, "name"),
        ({"name": "", "config": SCRIPT}, "name"),
        ({"name": "x" * 201, "config": SCRIPT}, "name"),
        ({"name": "R"}, "config"),
        ({"name": "R", "config": None}, "config"),
        ({"name": "R", "config": SCRIPT, "published_version": 1}, "published_version"),
    ],
)
def test_a_bad_field_is_named(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(AGENTS, body)

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_the_models_key_is_never_shown(client: APIClient) -> None:
    made = client.post(AGENTS, {"name": "LLM", "config": LLM})
    address = f"{AGENTS}/{made.json()['id']}"
    version = client.post(f"{address}/publish")
    answers = [
        made,
        version,
        client.get(AGENTS),
        client.get(address),
        client.get(f"{address}/versions"),
        client.patch(address, {"config": {"model": LLM["model"] | {"api_key": None}}}),
    ]

    assert not any("sk-hidden" in a.content.decode() for a in answers)
    assert answers[-1].json()["api_key_set"] is True
    assert answers[-1].json()["config"]["model"]["api_key"] is None
    assert version.json()["api_key_set"] is True
    assert answers[-1].json()["has_unpublished_changes"] is False


def test_what_was_read_can_be_written_back(client: APIClient) -> None:
    made = client.post(AGENTS, {"name": "LLM", "config": LLM}).json()

    answer = client.patch(f"{AGENTS}/{made['id']}", {"config": made["config"]})

    assert answer.status_code == 200
    assert answer.json()["config"] == made["config"]
    assert answer.json()["api_key_set"] is True


def test_the_schema_is_served(client: APIClient) -> None:
    schema = client.get(f"{AGENTS}/config-schema").json()

    assert schema["title"] == "AgentConfig"


@pytest.mark.parametrize(
    "path",
    ["agt_0", "num_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f", "agt_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f", "%00"],
)
def test_an_agent_that_is_not_there_is_404(client: APIClient, path: str) -> None:
    assert client.get(f"{AGENTS}/{path}").status_code == 404


def test_a_version_that_is_not_there_is_404(client: APIClient, agent: dict[str, Any]) -> None:
    for number in ("1", "0", "999999999", "9999999999", "x"):
        assert client.get(f"{AGENTS}/{agent['id']}/versions/{number}").status_code == 404
