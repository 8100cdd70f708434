"""The export holds everything of one tenant, and no secret."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from rest_framework.test import APIClient

from apps.calls.models import Recording
from apps.calls.services.call_files import recording_storage
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.services import export_tenant
from tests.tenancy import make_key, make_member, make_tenant
from tests.tenants.services.test_delete_tenant import SOUND, furnish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The test client is synchronous; the web server is not.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("Exporter")


@pytest.fixture
def owner(tenant: Tenant) -> APIClient:
    client = APIClient()
    client.force_login(make_member(tenant))
    return client


def exported(client: APIClient) -> dict[str, bytes]:
    answer = client.get("/api/v1/tenant/export")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with ZipFile(io.BytesIO(b"".join(answer))) as archive:  # type: ignore[arg-type]
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return list(json.loads(files[f"tables/{name}.json"]))


def test_it_holds_rows_people_and_recordings(tenant: Tenant, owner: APIClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(export_tenant, "PAGE", 1)
    calls = [furnish(tenant), furnish(tenant)]
    furnish(make_tenant("Other"))

    files = exported(owner)

    assert [row["id"] for row in table(files, "calls/call")] == [call.public_id for call in calls]
    assert [row["call"] for row in table(files, "calls/turn")] == [call.public_id for call in calls]
    assert {name: files[name] for name in files if name.startswith("recordings/")} == {
        f"recordings/{call.public_id}.wav": SOUND for call in calls
    }
    assert len(table(files, "people")) == 1
    assert tenant.slug in files["README.txt"].decode()
    assert {"agents/agent", "trunks/trunk", "audit/auditentry"} <= {
        name.removeprefix("tables/").removesuffix(".json") for name in files
    }


def test_it_holds_no_secret(tenant: Tenant, owner: APIClient) -> None:
    secret = make_key(tenant)
    furnish(tenant)

    files = exported(owner)

    assert "password" not in table(files, "trunks/trunk")[0]
    assert "digest" not in table(files, "tenants/apikey")[0]
    whole = b"".join(files.values())
    assert b"sesame" not in whole
    assert secret.encode() not in whole


def test_a_lost_recording_is_named(tenant: Tenant, owner: APIClient) -> None:
    call = furnish(tenant)
    with platform_scope():
        recording_storage().delete(Recording.objects.get(call=call).storage_key)

    files = exported(owner)

    assert f"recordings/{call.public_id}.wav" in files["README.txt"].decode()


def test_it_is_noted(tenant: Tenant, owner: APIClient) -> None:
    exported(owner)

    (entry,) = owner.get("/api/v1/audit", {"action": "exported"}).json()["results"]
    assert entry["changes"] == [{"field": "what", "before": None, "after": "everything"}]


def test_one_at_a_time(tenant: Tenant, owner: APIClient) -> None:
    running = owner.get("/api/v1/tenant/export")
    refused = [owner.get("/api/v1/tenant/export"), owner.get("/api/v1/audit/export")]
    other = APIClient()
    other.force_login(make_member(make_tenant("Other")))

    assert [(a.status_code, a.json()["code"]) for a in refused] == [(409, "export_running")] * 2
    exported(other)
    b"".join(running)  # type: ignore[arg-type]
    exported(owner)
    b"".join(owner.get("/api/v1/audit/export"))  # type: ignore[arg-type]
    exported(owner)


def test_owners_only(tenant: Tenant) -> None:
    client = APIClient()
    client.force_login(make_member(tenant, "admin"))

    assert client.get("/api/v1/tenant/export").status_code == 403
    assert client.delete("/api/v1/tenant", {"confirm": tenant.slug}).status_code == 403
