"""Retention, holds, purges and people's requests over HTTP."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.privacy.models import Kind, PersonRequest
from apps.privacy.services.purging import purge_tenant
from apps.privacy.services.requests import answer
from tenants.ids import from_public, new_id
from tenants.scope import tenant_scope
from tests.apps.privacy.conftest import OTHER, OWN, PERSON, Workspace
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db

RETENTION = "/api/v1/privacy/retention"
HOLDS = "/api/v1/privacy/holds"
PURGES = "/api/v1/privacy/purges"
REQUESTS = "/api/v1/privacy/requests"


@pytest.fixture
def client(workspace: Workspace) -> APIClient:
    return key_client(make_key(workspace.tenant))


def test_what_is_kept_how_long(client: APIClient) -> None:
    forever = dict.fromkeys(Kind.values)
    first = client.get(RETENTION)
    assert first.json() == forever

    changed = client.put(RETENTION, {"recordings": 30, "calls": 365}, format="json")
    assert changed.json() == forever | {"recordings": 30, "calls": 365}
    assert client.put(RETENTION, {"recordings": None}, format="json").json() == forever | {"calls": 365}

    stale = client.put(RETENTION, {"calls": 1}, format="json", HTTP_IF_MATCH=first.headers["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    now = client.get(RETENTION).headers["ETag"]
    assert client.put(RETENTION, {"calls": 1}, format="json", HTTP_IF_MATCH=now).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"recordings": 0}, "recordings"),
        ({"recordings": -1}, "recordings"),
        ({"recordings": 3_651}, "recordings"),
        ({"recordings": "soon"}, "recordings"),
        ({"recordings": 1.5}, "recordings"),
        ({"videos": 3}, "videos"),
    ],
)
def test_days_that_are_none(client: APIClient, body: dict[str, Any], field: str) -> None:
    refused = client.put(RETENTION, body, format="json")
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [field]
    assert set(client.get(RETENTION).json().values()) == {None}


def test_a_hold_from_its_beginning_to_its_end(client: APIClient, workspace: Workspace) -> None:
    call = workspace.call()
    given = {"name": "Case 12", "reason": "A court.", "call": call.public_id}
    made = client.post(HOLDS, given, format="json")
    assert made.status_code == 201
    row = made.json()
    assert (row["call"], row["phone_number"], row["released_at"]) == (call.public_id, "", None)

    assert client.get(f"{HOLDS}/{row['id']}").json() == row
    assert [one["id"] for one in client.get(HOLDS, {"released": "false"}).json()["results"]] == [row["id"]]
    released = client.post(f"{HOLDS}/{row['id']}/release").json()
    assert released["released_at"] is not None
    assert client.post(f"{HOLDS}/{row['id']}/release").json() == released
    assert client.get(HOLDS, {"released": "false"}).json()["results"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "", "reason": "x"}, "name"),
        ({"name": "x"}, "reason"),
        ({"name": "x", "reason": "x", "phone_number": "none"}, "phone_number"),
        ({"name": "x", "reason": "x", "call": f"call_{new_id().hex}"}, "call"),
        ({"name": "x", "reason": "x", "call": 7}, "call"),
    ],
)
def test_a_hold_on_nothing(client: APIClient, given: dict[str, Any], field: str) -> None:
    refused = client.post(HOLDS, given, format="json")
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [field]


def test_a_hold_of_two_things(client: APIClient, workspace: Workspace) -> None:
    given = {"name": "x", "reason": "x", "call": workspace.call().public_id, "phone_number": PERSON}
    assert client.post(HOLDS, given, format="json").json()["errors"][0]["field"] == "phone_number"


def test_a_held_workspace_cannot_leave(workspace: Workspace, client: APIClient) -> None:
    from tests.tenancy import make_member

    client.post(HOLDS, {"name": "Case 12", "reason": "A court."}, format="json")
    owner = APIClient()
    owner.force_login(make_member(workspace.tenant))
    refused = owner.delete("/api/v1/tenant", {"confirm": workspace.tenant.slug})
    assert (refused.status_code, refused.json()["code"]) == (409, "legal_hold")
    assert "“Case 12”" in refused.json()["detail"]


def test_previews_and_proofs(client: APIClient, workspace: Workspace) -> None:
    workspace.call(ago=40)
    foreseen = client.post(f"{PURGES}/preview", {"recordings": 30}, format="json").json()
    assert set(foreseen["kinds"]) == {"recordings"}
    told = foreseen["kinds"]["recordings"]
    assert (told["rows"], told["files"], told["held"], told["days"]) == (1, 1, 0, 30)
    assert client.post(f"{PURGES}/preview", {}, format="json").json()["kinds"] == {}

    client.put(RETENTION, {"recordings": 30}, format="json")
    purge_tenant(workspace.tenant.pk, day=timezone.now().date())

    (row,) = client.get(PURGES).json()["results"]
    assert (row["left"], row["files_gone"], row["problem"]) == (0, True, "")
    went = row["kinds"]["recordings"]
    assert {name: went[name] for name in told} == told
    assert len(went["digest"]) == 64
    assert client.get(f"{PURGES}/{row['id']}").json() == row


def test_an_export_is_asked_for_and_fetched(client: APIClient, workspace: Workspace) -> None:
    workspace.call()
    asked = client.post(REQUESTS, {"kind": "export", "phone_number": "+1 (202) 555-0184"}, format="json")
    assert asked.status_code == 202
    row = asked.json()
    assert (row["phone_number"], row["state"], row["report"]) == (PERSON, "waiting", {})
    file = f"{REQUESTS}/{row['id']}/file"
    assert client.get(file).json()["code"] == "not_done"

    answer(workspace.tenant.pk, from_public("prq_", row["id"]))

    done = client.get(f"{REQUESTS}/{row['id']}").json()
    assert (done["state"], done["progress"]) == ("done", 1)
    fetched = client.get(file)
    assert fetched.headers["Content-Type"] == "application/zip"
    content = b"".join(fetched)  # type: ignore[call-overload]
    assert len(content) == done["size_bytes"]
    assert "manifest.json" in ZipFile(BytesIO(content)).namelist()
    with tenant_scope(workspace.tenant.pk):
        PersonRequest.objects.update(storage_key="")
    assert client.get(file).status_code == 404


def test_a_deletion_asks_for_the_number_again(client: APIClient, workspace: Workspace) -> None:
    given = {"kind": "deletion", "phone_number": PERSON}
    for confirm in ({}, {"confirm": OTHER}):
        refused = client.post(REQUESTS, given | confirm, format="json")
        assert refused.json()["errors"][0]["field"] == "confirm"
    row = client.post(REQUESTS, given | {"confirm": PERSON}, format="json").json()
    answer(workspace.tenant.pk, from_public("prq_", row["id"]))
    done = client.get(f"{REQUESTS}/{row['id']}").json()
    assert (done["state"], done["phone_number"]) == ("done", "")
    assert client.get(f"{REQUESTS}/{row['id']}/file").status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "sale", "phone_number": PERSON}, "kind"),
        ({"kind": "export", "phone_number": ""}, "phone_number"),
        ({"kind": "export", "phone_number": "0301234"}, "phone_number"),
        ({"kind": "export", "phone_number": OWN}, "phone_number"),
        ({"kind": "export"}, "phone_number"),
        ({"kind": "export", "phone_number": PERSON, "since": 3}, "since"),
        ({"kind": "export", "phone_number": PERSON, "note": "x" * 501}, "note"),
    ],
)
def test_what_cannot_be_asked(client: APIClient, given: dict[str, Any], field: str) -> None:
    refused = client.post(REQUESTS, given, format="json")
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == [field]


def test_the_answer_kept_for_a_repeated_request_goes_too(client: APIClient, workspace: Workspace) -> None:
    given = {"kind": "deletion", "phone_number": PERSON, "confirm": PERSON}
    first = client.post(REQUESTS, given, format="json", HTTP_IDEMPOTENCY_KEY="one")
    again = client.post(REQUESTS, given, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert again.json() == first.json()
    answer(workspace.tenant.pk, from_public("prq_", first.json()["id"]))
    later = client.post(REQUESTS, given, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert later.json()["id"] != first.json()["id"]


def test_a_test_key_changes_nothing(workspace: Workspace) -> None:
    client = key_client(make_key(workspace.tenant, mode="test"))
    assert client.put(RETENTION, {"calls": 1}, format="json").status_code == 403
    assert client.get(RETENTION).status_code == 200
