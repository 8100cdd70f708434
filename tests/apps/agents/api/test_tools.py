"""Tools of an agent tried out: what a media node is asked, with whose secrets, and what is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from apps.agents.trials import claim_trial
from media_workers.contract.trials import ToolTrial, TrialResult
from tests.apps.agents.api.test_voices import beats
from tests.fakes.media_node import MediaNode
from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
TOOL = {
    "type": "http",
    "name": "orders",
    "url": "https://shop.example/orders",
    "headers": {"X-Key": "{{secret.shop}}"},
}
DONE = TrialResult(ok=True, status=200, took_ms=5, result="{}", saved={"a": "b"})


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


class TrialNode(MediaNode):
    """Claims what it is asked to try, as a media node does."""

    def __init__(self) -> None:
        super().__init__()
        self.wav = DONE.model_dump_json().encode()

    @property
    def trial(self) -> ToolTrial:
        found = claim_trial(self.tickets[-1])
        assert found is not None
        return found


@pytest.fixture
def far() -> Iterator[TrialNode]:
    with TrialNode() as node:
        beats("node-1", node.url)
        yield node


def made(client: APIClient, **config: Any) -> str:
    body = {"name": "Shop", "config": SCRIPT | config}
    return f"{AGENTS}/{client.post(AGENTS, body, format='json').json()['id']}"


def post(client: APIClient, path: str, **body: Any) -> Any:
    return client.post(path, body, format="json")


def test_a_tool_is_tried_with_the_stored_secret(client: APIClient, far: TrialNode) -> None:
    agent = made(client, tools=[TOOL], secrets={"shop": "tok-1"})
    assert client.get(agent).json()["secrets_set"] == ["shop"]
    answer = post(client, f"{agent}/tools/try", tool=TOOL, arguments={"n": 1}, variables={"v": "w"})
    assert answer.status_code == 200, answer.content
    assert answer.json() | {"took_ms": 0} == {
        "ok": True,
        "status": 200,
        "took_ms": 0,
        "request": None,
        "result": "{}",
        "saved": {"a": "b"},
        "trouble": "",
    }
    assert far.paths == ["/tools/try"]
    trial = far.trial
    assert (trial.arguments, trial.variables) == ({"n": 1}, {"v": "w"})
    assert trial.agent.secrets == {"shop": "tok-1"}
    assert claim_trial(far.tickets[-1]) is None, "once"


def test_what_waits_for_a_node_is_not_readable(client: APIClient, far: TrialNode) -> None:
    kept: list[str] = []
    put = cache.set
    cache.set = lambda key, value, *rest: (kept.append(str(value)), put(key, value, *rest))[1]  # type: ignore[method-assign]
    try:
        agent = made(client, tools=[TOOL], secrets={"shop": "tok-1"})
        post(client, f"{agent}/tools/try", tool=TOOL)
    finally:
        cache.set = put  # type: ignore[method-assign]
    assert kept
    assert "tok-1" not in json.dumps(kept)


def test_a_stored_secret_goes_nowhere_new(client: APIClient, far: TrialNode) -> None:
    agent = made(client, tools=[TOOL], secrets={"shop": "tok-1"})
    evil = TOOL | {"url": "https://evil.example/orders"}
    refused = post(client, f"{agent}/tools/try", tool=evil)
    assert refused.status_code == 422
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("secrets.shop", "secret_moves")]
    assert far.paths == []
    given = post(client, f"{agent}/tools/try", tool=evil, secrets={"shop": "mine"})
    assert given.status_code == 200
    assert far.trial.agent.secrets == {"shop": "mine"}


@pytest.mark.parametrize(
    ("tool", "field"),
    [
        ({"type": "http", "name": "f"}, "tool.url"),
        ({"type": "http", "name": "f", "url": "https://{x}/"}, "tool.url"),
        ({"type": "send_digits"}, "tool.type"),
        ({"name": "f"}, "tool"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_its_place(
    client: APIClient, far: TrialNode, tool: dict[str, Any], field: str
) -> None:
    refused = post(client, f"{made(client)}/tools/try", tool=tool)
    assert refused.status_code == 422
    assert [e["field"] for e in refused.json()["errors"]] == [field]


def test_only_mcp_servers_list_tools(client: APIClient, far: TrialNode) -> None:
    agent = made(client)
    refused = post(client, f"{agent}/tools/list", tool=TOOL)
    assert refused.json()["errors"][0]["field"] == "tool.type"
    server = {"type": "mcp", "name": "desk", "url": "https://desk.example/mcp"}
    answer = post(client, f"{agent}/tools/list", tool=server)
    assert answer.json() == {"tools": [], "took_ms": 5, "trouble": ""}
    assert far.trial.action == "list"


def test_without_a_node_it_is_told(client: APIClient) -> None:
    answer = post(client, f"{made(client)}/tools/try", tool=TOOL)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_media_node")
