"""Several who count, and several who make invoices, at once and for real."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.statements.models import Invoice, StatementSettings
from apps.statements.selectors import UsageWish, usage
from apps.statements.services import counting
from apps.statements.services.counting import count_all, recount
from apps.statements.services.invoicing import SETTLES, make_due
from tenants.scope import tenant_scope
from tests.apps.statements.conftest import make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_each_charge_is_counted_once_and_each_month_has_one_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH", 3)
    workspace = make_workspace()
    for n in range(10):
        workspace.call(NOON + timedelta(hours=n))

    at_once(count_all, count_all, count_all, lambda: recount(workspace.tenant.pk))
    count_all()  # what the others left to the one that had the lock
    made = at_once(*[lambda: make_due(now=datetime(2026, 12, 1, tzinfo=UTC) + SETTLES)] * 3)

    with tenant_scope(workspace.tenant.pk):
        found = usage(UsageWish(NOON.date(), NOON.date() + timedelta(days=1)))
        numbers = list(Invoice.objects.order_by("sequence").values_list("number", flat=True))
        kept = StatementSettings.objects.get()
    assert (found.total.calls, found.total.micros) == (10, 620_000)
    assert sum(made) == len(numbers) == kept.issued == 2
    assert numbers == ["2026-0001", "2026-0002"]
