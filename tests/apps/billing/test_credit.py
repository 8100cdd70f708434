"""Staff add money: from the command line and from their pages."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.billing.models import Entry, Posting, Wallet
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_user
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def test_the_command_adds_what_is_written(tenant: Tenant) -> None:
    out = io.StringIO()
    call_command("credit", tenant.slug, "12.50", "--why", "A gift", stdout=out)
    assert out.getvalue().strip() == "17.5 USD"
    with tenant_scope(tenant.pk):
        entry = Entry.objects.get(kind="credit")
        moved = Posting.objects.get(entry=entry, account="wallet").amount_micros
        assert (moved, entry.why) == (12_500_000, "A gift")


@pytest.mark.parametrize("amount", ["0", "-3", "ten", "NaN", "Infinity", "0.0000001", "1e30"])
def test_the_command_refuses_what_is_no_amount(tenant: Tenant, amount: str) -> None:
    with pytest.raises(CommandError):
        call_command("credit", tenant.slug, "--", amount)
    with tenant_scope(tenant.pk):
        assert Wallet.objects.get().balance_micros == 5_000_000


def test_the_command_names_a_tenant_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("credit", "nobody", "1")


def test_staff_credit_a_wallet_on_its_page(tenant: Tenant) -> None:
    with platform_scope():
        staff = create_user(email="staff@example.com")
        staff.is_staff = staff.is_superuser = True
        staff.save()
        wallet = Wallet.objects.get(tenant=tenant)
    client = Client()
    client.force_login(staff)
    url = reverse("admin:billing_wallet_credit", args=[wallet.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"amount": "0", "why": "x"}).status_code == 200
    assert client.post(url, {"amount": "2.5", "why": "Sorry"}).status_code == 302
    with tenant_scope(tenant.pk):
        assert Wallet.objects.get().balance_micros == 7_500_000


def test_the_wallet_is_shown_in_micro_units(tenant: Tenant) -> None:
    answer = key_client(make_key(tenant)).get("/api/v1/billing/wallet")
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "currency": "USD",
        "balance_micros": 5_000_000,
        "held_micros": 0,
        "available_micros": 5_000_000,
        "spendable_micros": 5_000_000,
        "debt_micros": 0,
    }
