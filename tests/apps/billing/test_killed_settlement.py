"""A process that settles a call is killed with -9 at every step of it: charged once, whole, or not yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import override_settings

from apps.billing import services
from apps.billing.models import CallCharge, Hold
from apps.billing.selectors import charges_of, get_wallet
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.killing import killed_in
from tests.money import ensure_adds_up, holds, line
from tests.tenancy import make_tenant

CENT = 10_000
LINES = [line(2 * CENT), line(CENT, "telephony"), line(CENT, "llm")]
COST = 4 * CENT


@contextmanager
def steps(reached: Callable[[int], None]) -> Iterator[None]:
    """Calls `reached` with 0, 1, ... before each statement, and before and after the commit."""
    count, commit = 0, connection.commit

    def step() -> None:
        nonlocal count
        count += 1
        reached(count - 1)

    def statement(execute: Callable[..., Any], *values: Any) -> Any:
        step()
        return execute(*values)

    def committing() -> None:
        step()
        commit()
        step()

    with connection.execute_wrapper(statement):
        connection.commit = committing  # type: ignore[method-assign]
        try:
            yield
        finally:
            connection.commit = commit  # type: ignore[method-assign]


def settle(tenant: Tenant, call: UUID, reached: Callable[[int], None]) -> None:
    with steps(reached), tenant_scope(tenant.pk):
        services.settle(tenant_id=tenant.pk, call_id=call, lines=LINES)


@pytest.mark.django_db(transaction=True)
def test_a_settlement_that_is_killed_at_any_step_is_whole_or_never_was() -> None:
    with override_settings(FREE_CREDIT_MICROS=100 * COST):
        tenant = make_tenant()
    rehearsal, passed = new_id(), list[int]()
    with tenant_scope(tenant.pk):
        services.hold_many(holds={rehearsal: holds(5 * CENT)})
    settle(tenant, rehearsal, passed.append)
    calls = [new_id() for _ in passed]
    with tenant_scope(tenant.pk):
        assert services.hold_many(holds={call: holds(5 * CENT) for call in calls}) == set(calls)

    for last, call in enumerate(calls):

        def work(here: Callable[[], None], last: int = last, call: UUID = call) -> None:
            settle(tenant, call, lambda n: here() if n == last else None)

        killed_in(work)
        done = {rehearsal: COST} | ({call: COST} if last == len(calls) - 1 else {})
        with tenant_scope(tenant.pk):
            ensure_adds_up()
            assert charges_of([rehearsal, *calls]) == done, f"killed at step {last} of {len(calls)}"

    for call in calls * 2:  # whoever comes next, and again
        settle(tenant, call, lambda _: None)
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        assert charges_of(calls) == dict.fromkeys(calls, COST)
        assert CallCharge.objects.count() == len(calls) + 1
        assert not Hold.objects.filter(settled_micros=None).exists()
        assert get_wallet().balance_micros == (100 - 1 - len(calls)) * COST
    assert len(calls) >= 10
