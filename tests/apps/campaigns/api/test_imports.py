"""Imports over HTTP: a form with a file, its columns, its report."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from rest_framework.test import APIClient

from apps.agents.services import create_agent
from apps.campaigns.services import committing, reading_imports
from apps.campaigns.services.lifecycle import create_campaign
from tenants.ids import from_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db
API = "/api/v1/imports"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def campaign(tenant: Tenant) -> str:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="A", config=script_config())
        return create_campaign(name="Spring", agent=agent).public_id


def test_a_file_is_uploaded_mapped_and_imported(client: APIClient, tenant: Tenant, campaign: str) -> None:
    file = ContentFile("Telefon;Vorname\n+49 30 901820;Jörg\nkeine;Bo\n".encode("cp1252"), name="liste.csv")
    made = client.post(API, {"file": file, "campaign": campaign}, format="multipart")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["delimiter"], row["columns"]) == (";", ["Telefon", "Vorname"])
    assert row["preview"][0] == ["+49 30 901820", "Jörg"]
    assert row["suggested_mapping"]["number"] == "Telefon"
    asked = {"mapping": row["suggested_mapping"]}
    assert client.post(f"{API}/{row['id']}/map", asked, format="json").json()["state"] == "reading"
    import_id = from_public("imp_", row["id"])
    reading_imports.read_import(tenant.pk, import_id)
    ready = client.get(f"{API}/{row['id']}").json()
    assert (ready["state"], ready["good"], ready["refused"], ready["progress"]) == ("ready", 1, 1, 1.0)
    report = client.get(f"{API}/{row['id']}/report.csv")
    assert report.status_code == 200
    assert client.post(f"{API}/{row['id']}/commit").status_code == 202
    committing.commit(tenant.pk, import_id)
    assert client.get(f"{API}/{row['id']}").json()["summary"]["imported"] == {"waiting": 1}


def test_a_refusal_names_the_field(client: APIClient, campaign: str) -> None:
    answer = client.post(
        API, {"file": ContentFile(b"x", name="a.zip"), "campaign": "cmp_x"}, format="multipart"
    )
    assert answer.status_code == 422
    answer = client.post(
        API, {"file": ContentFile(b"PK\x03\x04", name="a.zip"), "campaign": campaign}, format="multipart"
    )
    assert [error["code"] for error in answer.json()["errors"]] == ["damaged"]


def test_a_file_is_looked_at_again(client: APIClient, campaign: str) -> None:
    file = ContentFile("Phone;Name,\n+12025550100;Zoë,\n".encode("cp1252"), name="list.csv")
    row = client.post(API, {"file": file, "campaign": campaign}, format="multipart").json()
    url = f"{API}/{row['id']}/map"
    comma = client.post(url, {"delimiter": ",", "encoding": "latin-1"}, format="json")
    assert (comma.status_code, comma.json()["columns"]) == (200, ["Phone;Name", "Column 2"])
    again = client.post(url, {"delimiter": ";"}, format="json").json()
    assert (again["state"], again["encoding"], again["delimiter"]) == ("uploaded", "iso8859-1", ";")
    assert again["preview"] == [["+12025550100", "Zoë,"]]
    assert again["suggested_mapping"]["number"] == "Phone"
    for asked, field in (
        ({}, "mapping"),
        ({"encoding": "nothing"}, "encoding"),
        ({"delimiter": "x"}, "delimiter"),
    ):
        refused = client.post(url, asked, format="json")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
