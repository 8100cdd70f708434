"""Webhooks over the REST API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from apps.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointSecret
from apps.webhooks.services import publish
from apps.webhooks.telling import WebhookTested
from tenants.ids import new_id, to_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/calls"
WEBHOOKS = "/api/v1/webhooks"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def made(client: APIClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(WEBHOOKS, {"url": URL} | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()  # type: ignore[no-any-return]


def told(tenant: Tenant, key: str = "") -> None:
    with tenant_scope(tenant.pk):
        key = key or to_public("whe_", new_id())
        publish("webhook.test", WebhookTested(endpoint=key, words="Hello."), key=key, at=timezone.now())


def ended(tenant: Tenant, state: DeliveryState, **fields: Any) -> None:
    with tenant_scope(tenant.pk):
        Delivery.objects.update(
            state=state, next_at=None, leased_until=None, ended_at=timezone.now(), **fields
        )


def deliveries(client: APIClient, webhook: dict[str, Any], **query: str) -> list[Any]:
    answer = client.get(f"{WEBHOOKS}/{webhook['id']}/deliveries", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]  # type: ignore[no-any-return]


def test_the_secret_is_shown_once_and_values_of_headers_never(tenant: Tenant, client: APIClient) -> None:
    new = made(client, description="The CRM", event_types=["call.*"], headers={"X-Key": "topsecret"})

    shown = client.get(f"{WEBHOOKS}/{new['id']}").json()
    assert new.pop("secret").startswith("whsec_")
    assert shown == new
    assert (shown["headers"], shown["event_types"], shown["state"]) == ({"X-Key": ""}, ["call.*"], "active")
    assert shown["stats"] == {"pending": 0, "delivered_24h": 0, "failed_24h": 0}
    (listed,) = client.get(WEBHOOKS).json()["results"]
    assert listed == shown
    assert "topsecret" not in json.dumps(shown)
    with tenant_scope(tenant.pk):
        assert EndpointSecret.objects.count() == 1


def test_a_change_names_the_state_that_it_changes(client: APIClient) -> None:
    new = made(client, headers={"X-Key": "topsecret", "X-Team": "one"})
    path = f"{WEBHOOKS}/{new['id']}"
    tag = client.get(path)["ETag"]
    changes = {"url": f"{URL}/2", "headers": {"X-Key": "", "X-Other": "2"}, "event_types": ["call.ended"]}

    answer = client.patch(path, changes, headers={"If-Match": tag})

    assert answer.status_code == 200, answer.content
    assert answer.json()["url"] == f"{URL}/2"
    assert answer.json()["headers"] == {"X-Key": "", "X-Other": ""}
    assert client.patch(path, changes, headers={"If-Match": tag}).status_code == 412
    endpoint = _endpoint(new)
    assert json.loads(endpoint.headers) == {"X-Key": "topsecret", "X-Other": "2"}


def _endpoint(webhook: dict[str, Any]) -> Endpoint:
    from tenants.ids import from_public
    from tenants.scope import platform_scope

    with platform_scope():
        return Endpoint.objects.get(pk=from_public("whe_", webhook["id"]))


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "url", "required"),
        ({"url": ""}, "url", "blank"),
        ({"url": "not an address"}, "url", "address"),
        ({"url": "ftp://hooks.example.com"}, "url", "https://"),
        ({"url": "https://user:word@hooks.example.com"}, "url", "password"),
        ({"url": "https://" + "x" * 3_000}, "url", "2000"),
        ({"url": "http://127.0.0.1:8000/x"}, "url", "private"),
        ({"url": "http://10.1.2.3/x"}, "url", "private"),
        ({"url": "http://[::1]/x"}, "url", "private"),
        ({"url": "http://[::ffff:169.254.169.254]/x"}, "url", "private"),
        ({"url": "http://localhost/x"}, "url", "private"),
        ({"url": URL, "event_types": ["call.end"]}, "event_types.0", "/webhooks/event-types"),
        ({"url": URL, "event_types": ["call.ended", "*"]}, "event_types.1", "no event"),
        ({"url": URL, "event_types": "call.ended"}, "event_types", "list"),
        ({"url": URL, "event_types": ["call.ended"] * 200}, "event_types", "100"),
        ({"url": URL, "headers": {f"X-{n}": "1" for n in range(200)}}, "headers", "at most"),
        ({"url": URL, "headers": {"X-One\r\nX-Two": "1"}}, "headers", "letters"),
        ({"url": URL, "headers": {"X One": "1"}}, "headers", "letters"),
        ({"url": URL, "headers": {"": "1"}}, "headers", "letters"),
        ({"url": URL, "headers": {"X-One": "1\r\nX-Two: 2"}}, "headers.X-One", "one line"),
        ({"url": URL, "headers": {"Host": "elsewhere"}}, "headers.Host", "cannot be set"),
        ({"url": URL, "headers": {"webhook-id": "1"}}, "headers.webhook-id", "cannot be set"),
        ({"url": URL, "headers": {"X-One": "1", "x-one": "2"}}, "headers.x-one", "twice"),
        ({"url": URL, "headers": ["X-One"]}, "headers", "dictionary"),
        ({"url": URL, "secret": "mine"}, "secret", "Unknown"),
    ],
)
def test_bad_input_names_the_field_and_what_to_do(
    client: APIClient, settings: Any, body: dict[str, Any], field: str, words: str
) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False

    answer = client.post(WEBHOOKS, body)

    assert answer.status_code == 422, answer.content
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert words in problem["errors"][0]["detail"]
    assert client.get(WEBHOOKS).json()["results"] == []


def test_a_new_secret_lets_the_old_one_sign_for_a_while(tenant: Tenant, client: APIClient) -> None:
    new = made(client)

    answer = client.post(f"{WEBHOOKS}/{new['id']}/rotate-secret", {"overlap_hours": 48})

    assert answer.status_code == 200, answer.content
    assert answer.json()["secret"] not in (new["secret"], "")
    with tenant_scope(tenant.pk):
        old, kept = EndpointSecret.objects.order_by("pk")
        assert (old.secret, kept.secret, kept.expires_at) == (new["secret"], answer.json()["secret"], None)
        assert old.expires_at > timezone.now() + timedelta(hours=47)
    at_once = client.post(f"{WEBHOOKS}/{new['id']}/rotate-secret", {"overlap_hours": 0})
    assert at_once.json()["old_expires_at"] is None
    assert client.post(f"{WEBHOOKS}/{new['id']}/rotate-secret", {"overlap_hours": -1}).status_code == 422


def test_the_log_of_deliveries(tenant: Tenant, client: APIClient) -> None:
    webhook, key = made(client), to_public("whe_", new_id())
    told(tenant)
    ended(tenant, DeliveryState.DELIVERED, status=200, attempts=1)
    told(tenant, key)

    waiting, done = deliveries(client, webhook)
    assert (waiting["state"], waiting["event"]["key"], waiting["event"]["sequence"]) == ("pending", key, 1)
    assert (done["state"], done["status"], done["attempts"]) == ("delivered", 200, 1)
    assert deliveries(client, webhook, state="pending") == [waiting]
    assert deliveries(client, webhook, key=key) == [waiting]
    assert deliveries(client, webhook, type="call.ended") == []
    shown = client.get(f"{WEBHOOKS}/{webhook['id']}").json()["stats"]
    assert shown == {"pending": 1, "delivered_24h": 1, "failed_24h": 0}
    detail = client.get(f"{WEBHOOKS}/deliveries/{waiting['id']}").json()
    assert (detail["tries"], detail["body"]["id"]) == ([], waiting["event"]["id"])
    assert detail["body"]["data"]["words"] == "Hello."
    (event,) = client.get(f"{WEBHOOKS}/events", {"key": key}).json()["results"]
    assert [(d["id"], d["url"], d["state"]) for d in event["deliveries"]] == [(waiting["id"], URL, "pending")]


def test_what_was_given_up_is_sent_again_one_or_all_of_them(tenant: Tenant, client: APIClient) -> None:
    webhook = made(client)
    for _ in range(3):
        told(tenant)
    ended(tenant, DeliveryState.DEAD, status=500, attempts=12, problem="The server answered 500.")
    first = deliveries(client, webhook)[0]

    answer = client.post(f"{WEBHOOKS}/deliveries/{first['id']}/replay")
    assert answer.status_code == 201, answer.content
    assert answer.json()["event"] == first["event"]
    assert (answer.json()["round"], answer.json()["state"]) == (1, "pending")

    path = f"{WEBHOOKS}/{webhook['id']}/replay"
    assert client.post(path, {"dry_run": True}).json() == {"replayed": 2}
    assert len(deliveries(client, webhook, state="pending")) == 1
    assert client.post(path, {"types": ["call.*"]}).json() == {"replayed": 0}
    assert client.post(path, {}).json() == {"replayed": 2}
    assert client.post(path, {}).json() == {"replayed": 0}
    assert len({row["event"]["id"] for row in deliveries(client, webhook, state="pending")}) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "until"),
        ({"since": "yesterday"}, "since"),
        ({"states": ["pending"]}, "states.0"),
        ({"states": []}, "states"),
        ({"types": ["call.end"]}, "types.0"),
        ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
    ],
)
def test_a_replay_that_makes_no_sense(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(f"{WEBHOOKS}/{made(client)['id']}/replay", body)

    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_test_event_is_an_example_that_says_so(client: APIClient) -> None:
    webhook = made(client, event_types=["campaign.*"])

    answer = client.post(f"{WEBHOOKS}/{webhook['id']}/test", {"type": "call.ended"})

    assert answer.status_code == 201, answer.content
    assert (answer.json()["event"]["type"], answer.json()["event"]["test"]) == ("call.ended", True)
    body = client.get(f"{WEBHOOKS}/deliveries/{answer.json()['id']}").json()["body"]
    assert body["test"] is True
    catalogue = client.get(f"{WEBHOOKS}/event-types").json()["results"]
    (described,) = [row for row in catalogue if row["name"] == "call.ended"]
    assert body["data"] == described["example"]["data"]
    Draft202012Validator(described["schema"]).validate(body)
    unknown = client.post(f"{WEBHOOKS}/{webhook['id']}/test", {"type": "call.end"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "type")


def test_one_that_is_disabled_is_not_told_until_it_is_enabled(tenant: Tenant, client: APIClient) -> None:
    webhook = made(client)
    path = f"{WEBHOOKS}/{webhook['id']}"

    off = client.post(f"{path}/disable").json()
    assert (off["state"], off["disabled_reason"]) == ("disabled", "")
    assert off["disabled_at"]
    told(tenant)
    assert deliveries(client, webhook) == []
    assert client.post(f"{path}/test", {}).status_code == 409
    on = client.post(f"{path}/enable").json()
    assert (on["state"], on["disabled_at"]) == ("active", None)
    told(tenant)
    assert len(deliveries(client, webhook)) == 1


def test_a_deleted_one_takes_its_log_along(tenant: Tenant, client: APIClient) -> None:
    webhook = made(client)
    told(tenant)

    assert client.delete(f"{WEBHOOKS}/{webhook['id']}").status_code == 204
    assert client.get(f"{WEBHOOKS}/{webhook['id']}").status_code == 404
    with tenant_scope(tenant.pk):
        assert not Delivery.objects.exists()


def test_a_test_key_reads_and_changes_nothing(tenant: Tenant, client: APIClient) -> None:
    webhook = made(client)
    program = key_client(make_key(tenant, mode="test"))

    assert program.get(f"{WEBHOOKS}/{webhook['id']}").status_code == 200
    assert program.post(WEBHOOKS, {"url": URL}).status_code == 403
    assert program.delete(f"{WEBHOOKS}/{webhook['id']}").status_code == 403
