from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.calls.models import Call
from apps.followups.models import Callback
from media_workers.contract.requests import CallbackRequest, Done, MessageRequest
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def post(token: str, path: str, body: CallbackRequest | MessageRequest) -> tuple[int, str]:
    answer = Client().post(
        f"/internal/v1/calls/{path}",
        body.model_dump_json(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return answer.status_code, answer.content.decode()


def test_a_node_asks_and_the_tenant_sees_what_came_of_it(
    token: str, answered: Call, client: APIClient
) -> None:
    at = timezone.now() + timedelta(hours=1)
    callback = CallbackRequest(node="node-1", key="a-key-of-its-own", at=at)
    message = MessageRequest(node="node-1", key="a-key-of-its-own", text="Thank you.")
    for path, body in [("callbacks", callback), ("messages", message)]:
        status, text = post(token, f"{answered.pk}/{path}", body)
        assert (status, Done.model_validate_json(text).ok) == (200, True)

    (promised,) = client.get(f"/api/v1/callbacks?state=waiting&call={answered.public_id}").json()["results"]
    assert (promised["to_number"], promised["placed_call"]) == ("+12025550101", None)
    (sent,) = client.get("/api/v1/messages").json()["results"]
    assert (sent["text"], sent["state"], sent["call"]) == ("Thank you.", "queued", answered.public_id)
    assert client.delete(f"/api/v1/callbacks/{promised['id']}").status_code == 204
    assert client.delete(f"/api/v1/callbacks/{promised['id']}").json()["code"] == "not_waiting"
    assert client.get("/api/v1/callbacks?state=cancelled").json()["results"][0]["id"] == promised["id"]


@pytest.mark.parametrize(("name", "call", "status"), [("node-2", None, 403), ("node-1", "unknown", 404)])
def test_who_may_not_ask(token: str, answered: Call, name: str, call: str | None, status: int) -> None:
    call_id = uuid4() if call else answered.pk
    body = MessageRequest(node=name, key="a-key-of-its-own", text="Thank you.")

    assert post(token, f"{call_id}/messages", body)[0] == status


def test_an_unfit_body_is_named(token: str, answered: Call) -> None:
    answer = Client().post(
        f"/internal/v1/calls/{answered.pk}/callbacks",
        '{"node": "node-1", "key": "a-key-of-its-own", "at": "tomorrow"}',
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("at:")


def test_a_callback_of_nobody(tenant: Tenant, client: APIClient) -> None:
    assert client.delete(f"/api/v1/callbacks/cbk_{uuid4().hex}").status_code == 404
    with tenant_scope(tenant.pk):
        assert not Callback.objects.exists()
