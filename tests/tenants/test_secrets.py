from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from telephony.trunks.models import Trunk
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.secrets import SecretUnreadable, decrypt, encrypt
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def stored(trunk: Trunk) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM trunks_trunk WHERE id = %s", [trunk.pk])
        (value,) = cursor.fetchone()
    return str(value)


def test_the_database_holds_no_plain_text(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="T", password="open sesame")

        assert "sesame" not in stored(trunk)
        assert Trunk.objects.get(pk=trunk.pk).password == "open sesame"
        assert encrypt("open sesame") != encrypt("open sesame")


def test_no_secret_needs_no_key(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="T")

        assert stored(trunk) == ""
        assert Trunk.objects.get(pk=trunk.pk).password == ""


def test_a_secret_cannot_be_searched(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk), pytest.raises(FieldError, match="encrypted"):
        Trunk.objects.filter(password="x").first()


def test_keys_rotate(tenant: Tenant, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="T", password="open sesame")

    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    out = StringIO()
    call_command("rotate_secrets", stdout=out)

    assert "trunks.Trunk: 1 rows" in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with tenant_scope(tenant.pk):
        assert Trunk.objects.get(pk=trunk.pk).password == "open sesame"


def test_a_lost_key_is_told_by_name(settings: Settings) -> None:
    token = encrypt("open sesame")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(SecretUnreadable, match="FIELD_ENCRYPTION_KEYS"):
        decrypt(token)
