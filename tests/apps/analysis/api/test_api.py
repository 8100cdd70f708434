"""The API of analyses."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.analysis.models import Analysis
from apps.vendors.services import put_key
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.analysis.conftest import Ended, analysis_of, analyzed, republish
from tests.fakes.chat_models import KEY, Reply, chat_models
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def test_an_analysis_is_shown(client: APIClient, ended: Ended, agent: Agent) -> None:
    call = ended()
    path = f"{API}/calls/{call.public_id}/analysis"
    before = client.get(path).json()
    assert (before["state"], before["revision"], before["current"]) == ("waiting", 0, False)
    analyzed(call)
    shown = client.get(path).json()
    assert (shown["state"], shown["call"], shown["success"]) == ("done", call.public_id, True)
    assert shown["values"]["order"]["value"] == "AB1234"
    assert [field["name"] for field in shown["fields"]] == ["order", "came_on"]
    assert shown["fields"][0]["required"] is True
    assert shown["current"] is True
    republish(agent, extraction=[])
    assert client.get(path).json()["current"] is False


def test_who_was_sent_a_link_sees_it(client: APIClient, ended: Ended) -> None:
    call = ended()
    link = client.post(f"{API}/calls/{call.public_id}/shares", {"expires_in_hours": 1, "analysis": True})
    path = f"{API}/share/{link.json()['url'].rpartition('/')[2]}"
    assert APIClient().get(path).json()["analysis"] is None
    analyzed(call)
    shown = APIClient().get(path).json()["analysis"]
    assert (shown["success"], shown["values"]["order"]["value"]) == (True, "AB1234")
    assert [field["name"] for field in shown["fields"]] == ["order", "came_on"]
    assert not {"usage", "vendor", "model", "call"} & set(shown)


def test_again(client: APIClient, ended: Ended) -> None:
    call = ended()
    analyzed(call)
    path = f"{API}/calls/{call.public_id}/analysis"
    answer = client.post(path)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert analyzed(call).revision == 2


def test_a_call_without_one(client: APIClient, ended: Ended) -> None:
    call = ended(end=False)
    answer = client.get(f"{API}/calls/{call.public_id}/analysis")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_trial_stores_nothing(client: APIClient, ended: Ended, agent: Agent) -> None:
    calls = [ended(), ended()]
    wishes = {"extraction": [{"name": "weekday", "type": "enum", "choices": ["Tuesday"]}]}
    path = f"{API}/agents/{agent.public_id}/analysis/try"
    found = client.post(path, {"latest": 1, "config": wishes}).json()["results"]
    assert [(one["call"], one["values"]["weekday"]["value"]) for one in found] == [
        (calls[1].public_id, "Tuesday")
    ]
    named = client.post(path, {"calls": [calls[0].public_id]}).json()["results"]
    assert (named[0]["call"], named[0]["values"]["order"]["value"]) == (calls[0].public_id, "AB1234")
    assert {analysis_of(call).revision for call in calls} == {0}


@pytest.mark.parametrize(
    ("wishes", "field", "words"),
    [
        ({"extraction": "order"}, "config.extraction", "list"),
        ({"extraction": [{"name": "Order"}]}, "config.extraction.0.name", "small letter"),
        (
            {"extraction": [{"name": "a", "pattern": "("}]},
            "config.extraction.0.pattern",
            "regular expression",
        ),
        ({"extraction": [{"name": "a", "type": "enum"}]}, "config.extraction.0.choices", "needs choices"),
        ({"extraction": [{"name": "a", "type": "colour"}]}, "config.extraction.0.type", "Input should be"),
        ({"extraction": [{"name": "a"}, {"name": "a"}]}, "config.extraction", "same name"),
        ({"extraction": [{"name": "a", "kind": "x"}]}, "config.extraction.0.kind", "Unknown field"),
        ({"analysis": {"model": {"provider": "nobody", "model": "x"}}}, "config.analysis.model.provider", ""),
        ({"analysis": {"compliance": [{"name": "x"}]}}, "config.analysis.compliance.0.phrases", "required"),
        ([], "config", ""),
        (None, "config", ""),
    ],
)
def test_a_schema_that_is_none_names_the_place(
    client: APIClient, agent: Agent, wishes: Any, field: str, words: str
) -> None:
    answer = client.post(f"{API}/agents/{agent.public_id}/analysis/try", {"config": wishes})
    assert answer.status_code == 422, answer.content
    (error, *_) = answer.json()["errors"]
    assert error["field"] == field
    assert words in error["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"calls": ["call_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f"]}, "calls.0"),
        ({"calls": []}, "calls"),
        ({"latest": 6}, "latest"),
        ({"latest": 1, "calls": ["call_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f"]}, "latest"),
    ],
)
def test_calls_that_there_are_not(client: APIClient, agent: Agent, body: Any, field: str) -> None:
    answer = client.post(f"{API}/agents/{agent.public_id}/analysis/try", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_a_trial_with_a_model(client: APIClient, ended: Ended, agent: Agent, tenant: Tenant) -> None:
    ended()
    wishes = {
        "extraction": [{"name": "order"}],
        "analysis": {
            "model": {"provider": "openai", "model": "m"},
            "summary": False,
            "sentiment": False,
            "unanswered": False,
        },
    }
    path, body = f"{API}/agents/{agent.public_id}/analysis/try", {"config": wishes}
    answer = client.post(path, body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "config.analysis.model")
    assert "no key of your own for OpenAI" in answer.json()["errors"][0]["detail"]
    with chat_models() as models:
        with tenant_scope(tenant.pk):
            put_key(vendor="openai", api_key=KEY, base_url=models.url)
        value = {"value": "AB1234", "turn": 1, "quote": "AB1234", "confidence": 1, "problem": ""}
        models.will({"values": {"order": value}})
        assert client.post(path, body).json()["results"][0]["values"]["order"]["value"] == "AB1234"
        models.will(Reply(status=503))
        (result,) = client.post(path, body).json()["results"]
        assert "OpenAI is in trouble itself (503)." in result["problem"]
        assert result["values"] == {}


def test_reruns(client: APIClient, ended: Ended, agent: Agent) -> None:
    analyzed(ended())
    path = f"{API}/agents/{agent.public_id}/analysis/reruns"
    made = client.post(path, {})
    assert (made.status_code, made.json()["state"], made.json()["calls"]) == (201, "estimated", 1)
    one = f"{API}/analysis/reruns/{made.json()['id']}"
    assert client.post(f"{one}/start").json()["state"] == "running"
    assert client.get(one).json()["done"] == 0
    assert client.post(f"{one}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{one}/cancel").status_code == 409
    assert [row["id"] for row in client.get(path).json()["results"]] == [made.json()["id"]]


def test_lists_of_calls_are_narrowed(client: APIClient, ended: Ended, tenant: Tenant) -> None:
    known, unknown = ended(), ended("Hello.", "This is terrible.")
    analyzed(known)
    analyzed(unknown)

    def found(**query: Any) -> list[str]:
        return [row["id"] for row in client.get(f"{API}/calls", query).json()["results"]]

    assert found(success="true") == [known.public_id]
    assert found(success="false") == [unknown.public_id]
    assert found(topic="Orders") == [known.public_id]
    assert found(topic="Weather") == []
    assert found(flag="incomplete") == [unknown.public_id]
    assert found(sentiment_below="-0.2") == [unknown.public_id]
    assert client.get(f"{API}/calls", {"sentiment_below": "x"}).status_code in (400, 422)
    with tenant_scope(tenant.pk):
        assert Analysis.objects.filter(state="done").count() == 2
