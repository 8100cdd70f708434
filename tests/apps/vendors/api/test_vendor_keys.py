"""The REST API of own keys and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.api.models import IdempotencyKey
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.fakes.vendor_api import KEY, VendorApi, vendor_api
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

KEYS = "/api/v1/vendor-keys"


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def api() -> Iterator[VendorApi]:
    with vendor_api() as server:
        yield server


def test_a_key_is_set_changed_and_deleted_and_never_shown(client: APIClient) -> None:
    made = client.put(f"{KEYS}/deepgram", {"api_key": KEY})
    changed = client.put(f"{KEYS}/deepgram", {"region": "eu"})
    listed = client.get(KEYS)

    assert (made.status_code, changed.status_code) == (201, 200)
    assert made.json() == {
        "vendor": "deepgram",
        "last4": "1234",
        "region": "",
        "base_url": "",
        "last_error": "",
        "last_error_at": None,
        "created_at": made.json()["created_at"],
        "updated_at": made.json()["updated_at"],
    }
    assert listed.json()["results"] == [changed.json()]
    assert client.get(f"{KEYS}/deepgram").json() == changed.json()
    assert KEY not in "".join(a.content.decode() for a in (made, changed, listed))
    assert client.delete(f"{KEYS}/deepgram").status_code == 204
    assert client.get(f"{KEYS}/deepgram").status_code == 404


def test_a_wrong_value_is_told_by_its_field(client: APIClient) -> None:
    for body, field in (
        ({"api_key": "two\nlines"}, "api_key"),
        ({}, "api_key"),
        ({"api_key": KEY, "base_url": "ftp://x"}, "base_url"),
        ({"api_key": KEY, "digest": "x"}, "digest"),
    ):
        answer = client.put(f"{KEYS}/deepgram", body)
        assert answer.status_code == 422
        assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert client.put(f"{KEYS}/nobody", {"api_key": KEY}).json()["errors"][0]["field"] == "vendor"


def test_a_tenants_keys_are_its_own(client: APIClient) -> None:
    client.put(f"{KEYS}/deepgram", {"api_key": KEY})
    stranger = key_client(make_key(make_tenant()))

    assert stranger.get(KEYS).json()["results"] == []
    assert stranger.get(f"{KEYS}/deepgram").status_code == 404
    assert stranger.delete(f"{KEYS}/deepgram").status_code == 404
    assert stranger.put(f"{KEYS}/deepgram", {"api_key": "another-key-9876"}).status_code == 201
    assert client.get(f"{KEYS}/deepgram").json()["last4"] == "1234"


def test_a_check_tells_what_the_vendor_said_and_keeps_it(client: APIClient, api: VendorApi) -> None:
    client.put(f"{KEYS}/openai", {"api_key": KEY, "base_url": api.url})

    api.status = 403
    refused = client.post(f"{KEYS}/openai/check").json()
    shown = client.get(f"{KEYS}/openai").json()
    api.status = 200
    taken = client.post(f"{KEYS}/openai/check").json()

    assert (refused["ok"], refused["status"], shown["last_error"]) == (False, 403, refused["words"])
    assert (taken["ok"], taken["words"]) == (True, "OpenAI takes the key.")
    assert client.get(f"{KEYS}/openai").json()["last_error"] == ""


def test_a_check_that_is_sent_again_asks_again(client: APIClient, api: VendorApi) -> None:
    """An answer of another server is not the request's to keep."""
    client.put(f"{KEYS}/openai", {"api_key": KEY, "base_url": api.url})

    answers = [client.post(f"{KEYS}/openai/check", headers={"Idempotency-Key": "once"}) for _ in range(2)]

    assert [answer.json()["ok"] for answer in answers] == [True, True]
    assert len(api.asked) == 2
    with platform_scope():
        assert not IdempotencyKey.objects.filter(key="once").exists()


def test_the_catalogue_is_for_every_member_and_tells_available_vendors(client: APIClient) -> None:
    client.put(f"{KEYS}/deepgram", {"api_key": KEY})

    found: dict[str, Any] = client.get("/api/v1/catalog").json()

    sources = {vendor["vendor"]: vendor["key_source"] for vendor in found["vendors"]}
    assert (sources["deepgram"], sources["cartesia"], sources["flite"]) == ("own", "none", "local")
    assert client.get("/api/v1/catalog", {"kind": "speech"}).status_code == 422
    assert client.get("/api/v1/catalog", {"language": "english!"}).status_code == 422
