"""The do-not-call lists over the API, and what a node asks in a call."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from rest_framework.test import APIClient

from apps.calls.models import Call
from apps.campaigns.models import Suppression
from apps.numbers.models import PhoneNumber
from media_workers.contract.requests import Done, DoNotCallRequest
from tenants.audit.models import AuditEntry
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import (  # noqa: F401
    agent,
    answered,
    node,
    number,
    other_node,
    queued,
    ring,
    stranger,
    tenant,
    token,
    valkey,
)
from tests.tenancy import key_client, make_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
URL = "/api/v1/do-not-call"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:  # noqa: F811
    return key_client(make_key(tenant))


def added(client: APIClient, *numbers: str, **fields: Any) -> list[dict[str, Any]]:
    answer = client.post(URL, {"numbers": numbers, **fields}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()["results"]  # type: ignore[no-any-return]


def found(client: APIClient, query: str = "") -> list[str]:
    return [row["e164"] for row in client.get(f"{URL}{query}").json()["results"]]


def test_numbers_are_added_found_and_taken_off(client: APIClient, tenant: Tenant) -> None:  # noqa: F811
    first, second = added(client, "+12025550180", "+442079460018", note="by letter")

    assert (first["source"], first["note"], first["campaign"]) == ("api", "by letter", None)
    assert found(client, "?q=%2B44") == ["+442079460018"]
    assert found(client, "?source=callee") == []
    page = client.get(f"{URL}?limit=1").json()
    assert found(client, f"?limit=1&cursor={page['next_cursor']}") != [page["results"][0]["e164"]]
    assert client.delete(f"{URL}/{second['id']}").status_code == 204
    assert client.delete(f"{URL}/{second['id']}").status_code == 404
    assert found(client) == ["+12025550180"]
    with tenant_scope(tenant.pk):
        actions = AuditEntry.objects.filter(object_type="suppression").order_by("id")
        assert list(actions.values_list("action", flat=True)) == ["created", "created", "deleted"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"numbers": []}, "numbers"),
        ({"numbers": ["+12025550180", "911"]}, "numbers.1"),
        ({"numbers": ["+12025550180"] * 1_001}, "numbers"),
        ({"numbers": ["+12025550180"], "campaign": f"cmp_{uuid4().hex}"}, "campaign"),
    ],
)
def test_what_does_not_fit_is_named(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post(URL, body, format="json")

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert found(client) == []


def test_the_export_can_be_opened_and_read_in_again(client: APIClient) -> None:
    added(client, "+12025550180", note="=HYPERLINK(1)")

    answer = client.get(f"{URL}/export.csv")

    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    rows = list(csv.DictReader(io.StringIO(async_to_sync(whole)().decode())))
    assert [(row["number"], row["note"], row["source"]) for row in rows] == [
        ("+12025550180", "'=HYPERLINK(1)", "api")
    ]


def test_a_node_tells_that_the_other_side_asked(
    token: str,  # noqa: F811
    answered: Call,  # noqa: F811
    client: APIClient,
    tenant: Tenant,  # noqa: F811
) -> None:
    def ask(name: str, call_id: object) -> tuple[int, bytes]:
        answer = Client().post(
            f"/internal/v1/calls/{call_id}/do-not-call",
            DoNotCallRequest(node=name).model_dump_json(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, answer.content

    for _ in range(2):
        status, text = ask("node-1", answered.pk)
        assert (status, Done.model_validate_json(text).ok) == (200, True)
    (row,) = client.get(f"{URL}?source=callee").json()["results"]
    with tenant_scope(tenant.pk):
        call = Call.objects.get(pk=answered.pk)
        assert Suppression.objects.count() == 1
    # The call came in: it is who called that is not to be called.
    assert (row["e164"], row["call"]) == (call.from_number, call.public_id)
    assert ask("node-2", answered.pk)[0] == 403
    assert ask("node-1", uuid4())[0] == 404


def test_no_call_is_placed_to_a_number_on_the_list(
    client: APIClient,
    number: PhoneNumber,  # noqa: F811
) -> None:
    added(client, "+12025550180")

    answer = client.post("/api/v1/calls", {"from_number": number.e164, "to_number": "+12025550180"})

    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("to_number", "suppressed")]
