"""A tenant's own keys: what is taken, what is kept, what the vendor said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.vendors.models import VendorKey
from apps.vendors.selectors import credentials_for, get_key, key_sources
from apps.vendors.services import delete_key, note_error, note_success, put_key
from media_workers.contract.vendors import Credential
from tenants.audit.models import AuditEntry
from tenants.errors import InvalidInput, NotFound
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

KEY = "dg-0123456789abcdef"


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    made = make_tenant()
    with tenant_scope(made.pk):
        yield made


def test_a_key_is_encrypted_and_shown_by_its_end(tenant: Tenant) -> None:
    key, new = put_key(vendor="deepgram", api_key=f"  {KEY} ", region="eu")

    assert new
    assert (key.last4, key.region, key.base_url) == ("cdef", "eu", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM vendors_vendorkey k")
        assert KEY not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(row_to_json(e)::text, '') FROM vendors_vendorkeyevent e")
        assert KEY not in cursor.fetchone()[0]
    assert get_key("deepgram").api_key == KEY


def test_of_a_short_key_nothing_is_shown(tenant: Tenant) -> None:
    assert put_key(vendor="deepgram", api_key="short")[0].last4 == ""


def test_a_service_accounts_file_is_a_key(tenant: Tenant) -> None:
    key, _ = put_key(
        vendor="google", api_key='{\n  "type": "service_account",\n  "private_key": "a\\nb"\n}\n'
    )

    assert json.loads(key.api_key) == {"type": "service_account", "private_key": "a\nb"}
    assert "\n" not in key.api_key
    assert key.last4 == ""


def test_a_key_that_is_left_out_is_kept(tenant: Tenant) -> None:
    put_key(vendor="azure", api_key=KEY, region="westeurope")

    key, new = put_key(vendor="azure", region="eastus")

    assert (new, key.api_key, key.region, key.last4) == (False, KEY, "eastus", "cdef")
    with pytest.raises(InvalidInput) as refused:
        put_key(vendor="openai", region="eu")
    assert (refused.value.field, refused.value.code) == ("api_key", "required")


def test_a_key_does_not_follow_its_address_to_another_server(tenant: Tenant) -> None:
    put_key(vendor="openai", api_key=KEY, base_url="https://gateway.example.com/v1")

    assert put_key(vendor="openai", base_url="https://gateway.example.com/v2")[0].api_key == KEY
    for elsewhere in ("https://other.example.com/v1", ""):
        with pytest.raises(InvalidInput) as refused:
            put_key(vendor="openai", base_url=elsewhere)
        assert refused.value.field == "api_key"
    moved = put_key(vendor="openai", api_key="another-key-9876", base_url="https://other.example.com")[0]
    assert moved.api_key == "another-key-9876"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"vendor": "nobody"}, "vendor", "unknown"),
        ({"vendor": "flite"}, "vendor", "unknown"),
        ({"vendor": "gemini_live"}, "vendor", "unknown"),
        ({"api_key": ""}, "api_key", "invalid"),
        ({"api_key": "two\nlines"}, "api_key", "invalid"),
        ({"api_key": "schlüssel"}, "api_key", "invalid"),
        ({"region": "west europe"}, "region", "invalid"),
        ({"region": "x.example.com/"}, "region", "invalid"),
        ({"base_url": "ftp://x.example.com"}, "base_url", "invalid"),
        ({"base_url": "https://"}, "base_url", "invalid"),
        ({"base_url": "https://user:secret@x.example.com"}, "base_url", "invalid"),
        ({"base_url": "https://x.example.com/?a=b"}, "base_url", "invalid"),
        ({"base_url": "https://x.example.com:99999"}, "base_url", "invalid"),
        ({"base_url": "https://a b.example.com"}, "base_url", "invalid"),
        ({"base_url": "https://[::1"}, "base_url", "invalid"),
        ({"base_url": "http://x.example.com"}, "base_url", "invalid"),
        ({"base_url": "https://10.0.0.7/v1"}, "base_url", "private_address"),
        ({"base_url": "https://[::1]/v1"}, "base_url", "private_address"),
        ({"base_url": "https://gateway.internal"}, "base_url", "private_address"),
        ({"base_url": "https://localhost"}, "base_url", "private_address"),
    ],
)
def test_what_cannot_be_taken(
    tenant: Tenant, settings: Any, values: dict[str, str], field: str, code: str
) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False

    with pytest.raises(InvalidInput) as refused:
        put_key(**({"vendor": "deepgram", "api_key": KEY} | values))

    assert (refused.value.field, refused.value.code) == (field, code)
    assert not VendorKey.objects.exists()


def test_where_it_is_allowed_a_gateway_may_be_private(tenant: Tenant, settings: Any) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = True

    key, _ = put_key(vendor="deepgram", api_key=KEY, base_url="http://127.0.0.1:8080/deepgram/")

    assert key.base_url == "http://127.0.0.1:8080/deepgram"


def test_the_tenants_key_goes_before_the_platforms(tenant: Tenant, settings: Any) -> None:
    settings.VENDOR_KEYS = {
        "deepgram": Credential(vendor="deepgram", api_key="platform-1"),
        "openai": Credential(vendor="openai", api_key="platform-2", base_url="https://gw.example.com"),
    }
    put_key(vendor="deepgram", api_key=KEY)

    found = credentials_for({"deepgram", "openai", "cartesia"})

    assert {name: (c.api_key, c.own) for name, c in found.items()} == {
        "deepgram": (KEY, True),
        "openai": ("platform-2", False),
    }
    assert found["deepgram"].digest != found["openai"].digest
    assert len(found["openai"].digest) == 16
    assert KEY not in repr(found)
    source = key_sources()
    assert [source(n) for n in ("deepgram", "openai", "cartesia", "")] == ["own", "platform", "none", "local"]
    assert credentials_for(set()) == {}


def test_without_an_own_key_the_platforms_again(tenant: Tenant, settings: Any) -> None:
    settings.VENDOR_KEYS = {"deepgram": Credential(vendor="deepgram", api_key="platform-1")}
    put_key(vendor="deepgram", api_key=KEY)

    delete_key(vendor="deepgram")

    assert credentials_for({"deepgram"})["deepgram"].api_key == "platform-1"
    with pytest.raises(NotFound):
        delete_key(vendor="deepgram")


def test_what_the_vendor_said_stays_until_a_key_works(tenant: Tenant) -> None:
    now = timezone.now()
    note_error(vendor="deepgram", error="nobody's", at=now)
    put_key(vendor="deepgram", api_key=KEY)
    before = get_key("deepgram").updated_at

    note_error(vendor="deepgram", error="x" * 600, at=now)
    note_error(vendor="deepgram", error="x" * 600, at=now + timedelta(seconds=30))
    key = get_key("deepgram")
    assert (key.last_error, key.last_error_at, key.updated_at) == ("x" * 500, now, before)
    note_error(vendor="deepgram", error="another", at=now + timedelta(seconds=31))
    assert get_key("deepgram").last_error == "another"
    note_success(vendor="deepgram")
    assert (get_key("deepgram").last_error, get_key("deepgram").last_error_at) == ("", None)
    note_error(vendor="deepgram", error="again", at=now)
    put_key(vendor="deepgram", api_key="a-new-key-54321")
    assert get_key("deepgram").last_error == ""


def test_another_tenants_key_is_out_of_reach(tenant: Tenant) -> None:
    put_key(vendor="deepgram", api_key=KEY)
    with platform_scope():
        other = make_tenant()
    with pytest.raises(RuntimeError), tenant_scope(other.pk):
        get_key("deepgram")


def test_the_audit_log_tells_changes_and_no_secret(tenant: Tenant) -> None:
    put_key(vendor="deepgram", api_key=KEY)
    put_key(vendor="deepgram", api_key="another-key-9876", region="eu")
    note_error(vendor="deepgram", error="quiet", at=timezone.now())
    delete_key(vendor="deepgram")

    entries = AuditEntry.objects.filter(object_type="vendor_key").order_by("id")

    assert [entry.action for entry in entries] == ["created", "changed", "deleted"]
    assert KEY not in str([(entry.before, entry.after) for entry in entries])
    assert entries[1].after["region"] == "eu"
    assert entries[0].object_label == "deepgram"
