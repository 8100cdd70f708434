from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

AGENTS = "/api/v1/agents"


@pytest.fixture
def client(db: None) -> APIClient:
    return key_client(make_key(make_tenant()))


@pytest.fixture
def agent(client: APIClient) -> str:
    """Its versions 1 and 2 and its draft greet differently."""
    made: str = client.post(AGENTS, {"name": "Reception", "config": greeting("One.")}).json()["id"]
    client.post(f"{AGENTS}/{made}/publish")
    client.patch(f"{AGENTS}/{made}", {"config": greeting("Two.")})
    client.post(f"{AGENTS}/{made}/publish")
    client.patch(f"{AGENTS}/{made}", {"config": greeting("Three.")})
    return made


def greeting(words: str) -> dict[str, Any]:
    return SCRIPT | {"first_message": words}


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [("", "Two.", "Three."), ("?from=1", "One.", "Three."), ("?from=1&to=2", "One.", "Two.")],
)
def test_two_versions_or_the_draft(
    client: APIClient, agent: str, query: str, before: str, after: str
) -> None:
    answer = client.get(f"{AGENTS}/{agent}/versions/diff{query}").json()

    assert answer["changes"] == [{"path": "first_message", "before": before, "after": after, "text": None}]


@pytest.mark.parametrize("query", ["from=7", "to=7", "to=-1", "from=two", "from=%D9%A3"])
def test_a_side_that_there_is_not(client: APIClient, agent: str, query: str) -> None:
    answer = client.get(f"{AGENTS}/{agent}/versions/diff?{query}")

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_calls_are_split_and_one_again(client: APIClient, agent: str) -> None:
    path = f"{AGENTS}/{agent}/split"
    whole = {"published": 2, "number": None, "percent": 0, "since": None}
    assert client.get(path).json() == whole

    split = client.put(path, {"number": 1, "percent": 30}).json()
    assert (split["published"], split["number"], split["percent"]) == (2, 1, 30)
    assert client.get(path).json() == split
    assert client.put(path, {"number": 2, "percent": 30}).status_code == 422
    assert client.delete(path).status_code == 204
    assert client.get(path).json() == whole
