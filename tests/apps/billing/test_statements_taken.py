"""How many statements money takes of the database: calls begin and end by the hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.billing import services
from apps.billing.models import AccountKind, EntryKind
from apps.billing.services.limit_changes import add_limit, delete_limit
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import ensure_adds_up, holds, line, set_balance
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db
CENT = 10_000
LINES = [line(CENT, component) for component in ("platform", "telephony", "stt", "llm")]


@pytest.fixture
def tenant(db: None) -> Iterator[Tenant]:
    tenant = make_tenant()
    set_balance(tenant, 1_000 * CENT)
    with tenant_scope(tenant.pk):
        yield tenant
        ensure_adds_up()


def taken(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as counted:
        work()
    return [query["sql"][:70] for query in counted]


def charge(tenant: Tenant) -> None:
    services.charge(
        tenant_id=tenant.pk,
        reference="rental:1",
        kind=EntryKind.RENTAL,
        account=AccountKind.NUMBERS,
        amount_micros=CENT,
        why="Test",
    )


def test_a_charge_looks_locks_and_writes(tenant: Tenant) -> None:
    """The wallet, the reference, the entry with its postings."""
    assert len(taken(lambda: charge(tenant))) == 3
    assert len(taken(lambda: charge(tenant))) == 3  # nothing is written: its amounts are compared


def test_money_is_promised_to_many_calls_as_to_one(tenant: Tenant) -> None:
    """The wallet, what is held already, the holds, the wallet."""
    for n in (1, 50):
        wanted = {new_id(): holds(CENT) for _ in range(n)}
        assert len(taken(lambda wanted=wanted: services.hold_many(holds=wanted))) == 4


def test_a_settlement_writes_each_of_its_rows_once(tenant: Tenant) -> None:
    """The wallet and the hold are read, and written; an entry with its postings; a charge, and its lines."""
    call = new_id()
    services.hold_many(holds={call: holds(CENT)})

    def settle() -> int:
        return services.settle(tenant_id=tenant.pk, call_id=call, lines=LINES)

    assert len(taken(settle)) == 7
    assert len(taken(settle)) == 2


def test_limits_take_statements_where_there_are_any(tenant: Tenant) -> None:
    limit = add_limit(scope="tenant", scope_id="", period="day", amount_micros=100 * CENT)
    with_limit = taken(lambda: services.hold_many(holds={new_id(): holds(CENT)}))
    assert any("billing_spendlimit" in sql for sql in with_limit)
    delete_limit(limit_id=limit.pk)
    assert len(taken(lambda: services.hold_many(holds={new_id(): holds(CENT)}))) == 4
