"""Call hooks by REST: set, read, tried, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.webhooks.models import CallHook
from tenants.audit.models import AuditEntry
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/call-hooks/before_answer"
SERVER = "https://calls.example.com/hook"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    cache.clear()
    return key_client(make_key(tenant))


@pytest.fixture
def server(settings: Any) -> Iterator[WebhookReceiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    with WebhookReceiver(reply={"action": "answer"}) as server:
        yield server


def field_of(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 422, answer.content
    (error,) = answer.json()["errors"]
    return error["field"], error["detail"]


def test_a_hook_is_set_read_changed_and_deleted(client: APIClient) -> None:
    made = client.put(URL, {"url": SERVER, "headers": {"X-Key": "a secret"}})
    assert made.status_code == 201
    hook = made.json()
    assert hook.pop("secret").startswith("whsec_")
    assert (hook["moment"], hook["deadline_ms"], hook["fallback"]) == ("before_answer", 1000, "go_on")
    assert (hook["headers"], hook["enabled"], hook["trouble"]) == ({"X-Key": ""}, True, "")
    read = client.get(URL)
    assert (read.json(), read["ETag"]) == (hook, made["ETag"])
    assert client.get("/api/v1/call-hooks").json()["results"] == [hook]

    changed = client.put(
        URL, {"url": SERVER, "deadline_ms": 200, "fallback": "refuse"}, HTTP_IF_MATCH=read["ETag"]
    )
    assert changed.status_code == 200
    assert "secret" not in changed.json()
    assert (changed.json()["deadline_ms"], changed.json()["headers"]) == (200, {})
    stale = client.put(URL, {"url": SERVER}, HTTP_IF_MATCH=read["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert client.delete(URL, HTTP_IF_MATCH=read["ETag"]).status_code == 412
    assert client.delete(URL).status_code == 204
    assert client.get(URL).status_code == 404


def test_secrets_are_nowhere_to_be_read(client: APIClient, tenant: Tenant) -> None:
    secret = client.put(URL, {"url": SERVER, "headers": {"X-Key": "a secret"}}).json()["secret"]
    rotated = client.post(f"{URL}/rotate-secret").json()["secret"]
    assert rotated != secret
    shown = client.get(URL).content.decode() + client.get("/api/v1/call-hooks").content.decode()
    with tenant_scope(tenant.pk):
        entries = str(
            [(entry.before, entry.after) for entry in AuditEntry.objects.filter(object_type="call_hook")]
        )
        assert CallHook.objects.get().secret == rotated
    assert entries
    for text in (secret, rotated, "a secret"):
        assert text not in shown + entries


def test_an_empty_header_keeps_its_value_but_not_for_another_server(
    client: APIClient, tenant: Tenant
) -> None:
    client.put(URL, {"url": SERVER, "headers": {"X-Key": "a secret", "X-Old": "old"}})
    kept = client.put(URL, {"url": f"{SERVER}/v2", "headers": {"X-Key": "", "X-New": "new"}})
    assert kept.json()["headers"] == {"X-Key": "", "X-New": ""}
    with tenant_scope(tenant.pk):
        assert str(CallHook.objects.get().headers) == '{"X-Key": "a secret", "X-New": "new"}'
    moved = client.put(URL, {"url": "https://other.example.com/", "headers": {"X-Key": ""}})
    assert moved.json()["errors"][0]["code"] == "secret_moves"
    assert field_of(moved)[0] == "headers.X-Key"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "calls.example.com"}, "url"),
        ({"url": "ftp://calls.example.com"}, "url"),
        ({"url": "https://user:password@calls.example.com"}, "url"),
        ({"url": "http://127.0.0.1/hook"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/hook"}, "url"),
        ({"url": "https://calls.example.com/" + "x" * 2_000}, "url"),
        ({"url": ""}, "url"),
        ({"deadline_ms": 99}, "deadline_ms"),
        ({"deadline_ms": 5_001}, "deadline_ms"),
        ({"deadline_ms": "soon"}, "deadline_ms"),
        ({"fallback": "pray"}, "fallback"),
        ({"headers": {"Host": "x"}}, "headers.Host"),
        ({"headers": {"webhook-id": "x"}}, "headers.webhook-id"),
        ({"headers": {"X-Key": "a\r\nX-Evil: 1"}}, "headers.X-Key"),
        ({"headers": {"X Key": "x"}}, "headers"),
        ({"headers": {"X-New": ""}}, "headers.X-New"),
        ({"headers": {f"X-{n}": "x" for n in range(21)}}, "headers"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_cannot_be_used_is_named(
    client: APIClient, settings: Any, change: dict[str, Any], field: str
) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    assert field_of(client.put(URL, {"url": SERVER} | change))[0] == field
    assert client.get(URL).status_code == 404


def test_there_is_no_other_moment(client: APIClient) -> None:
    assert client.put("/api/v1/call-hooks/before_lunch", {"url": SERVER}).status_code == 404


def test_a_test_key_sets_no_hook(tenant: Tenant) -> None:
    assert key_client(make_key(tenant, mode="test")).put(URL, {"url": SERVER}).status_code == 403


def test_a_hook_is_tried(client: APIClient, server: WebhookReceiver, agent: Agent) -> None:
    secret = client.put(URL, {"url": server.url}).json()["secret"]
    server.reply = {"action": "answer", "agent": agent.public_id, "variables": {"tier": "gold"}}
    told = client.post(f"{URL}/test", {}).json()
    assert (told["ok"], told["status"], told["problem"]) == (True, 200, "")
    assert told["decision"] == {
        "action": "answer",
        "agent": agent.public_id,
        "variables": {"tier": "gold"},
        "code": None,
        "reason": "",
    }
    server.verify(secret)
    asked = server.received[0].event
    assert asked["call"]["test"] is True
    assert {name: asked[name] for name in told["question"]} == told["question"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ({"action": "answer", "agent": "agt_nobody"}, "It chose the agent agt_nobody, which there is not."),
        ({"action": "no"}, "Its answer makes no sense: action: Input should be 'answer' or 'reject'."),
    ],
)
def test_what_is_wrong_with_a_hook_is_told(
    client: APIClient, server: WebhookReceiver, reply: Any, problem: str
) -> None:
    client.put(URL, {"url": server.url})
    server.reply = reply
    told = client.post(f"{URL}/test").json()
    assert (told["ok"], told["decision"], told["problem"]) == (False, None, problem)
    hook = client.get(URL).json()
    assert hook["trouble"] == problem
    assert hook["trouble_at"] is not None
    server.reply = {"action": "reject", "code": 480}
    assert client.post(f"{URL}/test").json()["decision"]["code"] == 480
    assert client.get(URL).json()["trouble"] == ""


def test_a_call_shows_what_its_hook_said(client: APIClient, queued: Call, tenant: Tenant) -> None:
    said = {
        "moment": "before_dial",
        "at": "2026-01-05T09:30:00Z",
        "took_ms": 12,
        "action": "allow",
        "agent": None,
        "variables": ["day"],
        "reason": "",
        "fallback": None,
        "problem": "",
        "words": "The call hook allowed the call and gave day (after 12 ms).",
    }
    path = f"/api/v1/calls/{queued.public_id}"
    assert client.get(path).json()["hook"] is None
    with tenant_scope(tenant.pk):
        Call.objects.update(hook=said)
    assert client.get(path).json()["hook"] == said
