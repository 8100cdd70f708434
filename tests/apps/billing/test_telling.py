"""Tenants are told of money that comes, and of money that runs out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.billing import services
from apps.webhooks.models import Endpoint, Event
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.webhooks.listening import heard, listen, names
from tests.money import charge_call, holds, line
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db
USD = 1_000_000


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()  # with 5 USD


@pytest.fixture
def endpoint(tenant: Tenant) -> Iterator[Endpoint]:
    with tenant_scope(tenant.pk):
        yield listen("billing.*")


def test_a_credit_is_told_with_the_balance(tenant: Tenant, endpoint: Endpoint) -> None:
    services.credit(tenant=tenant, amount_micros=2 * USD, why="A gift")

    (event,) = heard(endpoint)
    assert (event.type, event.key) == ("billing.credited", tenant.public_id)
    assert (event.data["amount_micros"], event.data["balance_micros"]) == (2 * USD, 7 * USD)
    assert event.data["why"] == "A gift"


def test_a_low_balance_is_told_once_each_time(tenant: Tenant, endpoint: Endpoint) -> None:
    charge_call(new_id(), 4 * USD)
    assert names(endpoint) == []  # 1 USD left is not below it
    charge_call(new_id(), USD // 2)
    charge_call(new_id(), USD // 4)
    services.credit(tenant=tenant, amount_micros=USD, why="More")
    charge_call(new_id(), USD)

    assert names(endpoint) == ["billing.balance_low", "billing.credited", "billing.balance_low"]
    first = heard(endpoint)[0]
    assert (first.data["balance_micros"], first.data["threshold_micros"]) == (USD // 2, USD)


def test_a_call_that_the_platform_ends_tells_its_tenant(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen("billing.balance_low")
        call = new_id()
        services.hold_many(holds={call: holds(5 * USD)})
    with platform_scope():
        services.settle(tenant_id=tenant.pk, call_id=call, lines=[line(10**9)])
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["billing.balance_low"]


def test_nothing_is_written_when_nobody_listens(tenant: Tenant) -> None:
    services.credit(tenant=tenant, amount_micros=USD, why="A gift")
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 6 * USD)
        assert not Event.objects.exists()
