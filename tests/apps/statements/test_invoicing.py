"""Monthly invoices, made of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pgtrigger
import pytest
import time_machine
import uuid6
from django.db import ProgrammingError, transaction

from apps.billing.models import AccountKind, EntryKind, Wallet
from apps.billing.services import hold_many, refund, settle
from apps.billing.values import HoldRequest
from apps.statements.models import Invoice
from apps.statements.selectors import get_settings
from apps.statements.services.invoicing import SETTLES, make_due, make_invoices
from apps.statements.services.preferences import change_settings
from apps.webhooks.models import Event
from apps.webhooks.services.endpoints import create as create_endpoint
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tests.apps.statements.conftest import BEGAN, Workspace, at_time, make_workspace, platform

pytestmark = pytest.mark.django_db

OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
FREE = 5_000_000


@pytest.fixture(autouse=True)
def _free_credit(settings: Any) -> None:
    settings.FREE_CREDIT_MICROS = FREE
    settings.INVOICE_ISSUER = "Example Telecom Ltd."


def invoices(workspace: Workspace) -> list[Invoice]:
    with tenant_scope(workspace.tenant.pk):
        return list(Invoice.objects.order_by("sequence"))


def amounts(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(row["what"], row["amount_micros"]) for row in rows]


def test_each_month_has_an_invoice_and_they_follow_each_other(workspace: Workspace) -> None:
    workspace.call(OCTOBER + timedelta(days=4))
    workspace.call(OCTOBER + timedelta(days=5))
    workspace.rental(OCTOBER + timedelta(days=6))
    workspace.credit(OCTOBER + timedelta(days=7), 20_000_000)
    workspace.call(NOVEMBER + timedelta(days=1))

    assert make_due(now=DECEMBER + SETTLES) == 3

    september, october, november = invoices(workspace)
    assert [i.number for i in (september, october, november)] == ["2026-0001", "2026-0002", "2026-0003"]
    assert (september.period_start, september.period_end) == (date(2026, 9, 20), date(2026, 9, 30))
    assert (october.period_start, october.period_end) == (date(2026, 10, 1), date(2026, 10, 31))
    assert amounts(september.added) == [("Free credit", FREE)]
    assert (september.opening_micros, september.used_micros, september.closing_micros) == (0, 0, FREE)
    assert amounts(october.lines) == [
        ("Platform minutes", 100_000),
        ("Telephony", 20_000),
        ("Language models", 4_000),
        ("Phone numbers", 1_150_000),
    ]
    assert [(row["quantity"], row["unit"]) for row in october.lines] == [
        (120, "second"),
        (120, "second"),
        (1_000, "token"),
        (1, "charge"),
    ]
    assert amounts(october.added) == [("Payments", 20_000_000)]
    assert october.used_micros == 1_274_000
    assert october.closing_micros == FREE + 20_000_000 - 1_274_000 == november.opening_micros
    with tenant_scope(workspace.tenant.pk):
        assert november.closing_micros == Wallet.objects.get().balance_micros
    assert (october.issuer, october.bill_to) == ("Example Telecom Ltd.", workspace.tenant.name)


def test_whoever_listens_is_told(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        create_endpoint(url="https://hooks.example.com/", event_types=["billing.invoice_made"])
    make_due(now=OCTOBER + SETTLES)

    (made,) = invoices(workspace)
    with tenant_scope(workspace.tenant.pk):
        (told,) = Event.objects.all()
    assert (told.type, told.data) == (
        "billing.invoice_made",
        {
            "invoice": made.public_id,
            "number": "2026-0001",
            "period_start": "2026-09-20",
            "period_end": "2026-09-30",
            "used_micros": 0,
            "closing_micros": FREE,
            "currency": "USD",
        },
    )


def test_a_month_is_over_for_hours_before_its_invoice_is_made(workspace: Workspace) -> None:
    assert make_due(now=OCTOBER + SETTLES - timedelta(seconds=1)) == 0
    assert make_due(now=OCTOBER + SETTLES) == 1
    assert make_due(now=OCTOBER + SETTLES) == 0


def test_a_month_without_anything_has_none_and_leaves_no_gap(workspace: Workspace) -> None:
    workspace.call(NOVEMBER + timedelta(days=1))

    make_due(now=DECEMBER + SETTLES)

    september, november = invoices(workspace)
    assert (september.number, november.number) == ("2026-0001", "2026-0002")
    assert (november.starts_at, november.ends_at) == (NOVEMBER, DECEMBER)


def test_what_was_written_off_is_told(workspace: Workspace) -> None:
    """A call cost more than there was."""
    workspace.call(OCTOBER + timedelta(days=2), lines=[platform(6_000, FREE + 700)])

    make_due(now=NOVEMBER + SETTLES)

    october = invoices(workspace)[-1]
    assert (october.used_micros, october.closing_micros) == (FREE + 700, 0)
    assert amounts(october.added) == [("Not charged: the balance had ended", 700)]


def test_a_call_without_a_charge_of_money_is_shown_with_its_minutes(workspace: Workspace) -> None:
    workspace.rental(OCTOBER + timedelta(days=1))
    workspace.call(OCTOBER + timedelta(days=2), lines=[platform(90, 0)])

    make_due(now=NOVEMBER + SETTLES)

    (line, _) = invoices(workspace)[-1].lines
    assert (line["what"], line["quantity"], line["amount_micros"]) == ("Platform minutes", 90, 0)


def test_what_was_given_back_is_added(workspace: Workspace) -> None:
    entry = workspace.rental(OCTOBER + timedelta(days=1))
    with at_time(OCTOBER + timedelta(days=2)), tenant_scope(workspace.tenant.pk):
        refund(
            tenant_id=workspace.tenant.pk, reference="r:1", of=entry, amount_micros=150_000, why="By mistake"
        )

    make_due(now=NOVEMBER + SETTLES)

    october = invoices(workspace)[-1]
    assert amounts(october.added) == [("Refunds", 150_000)]
    assert october.closing_micros == FREE - 1_150_000 + 150_000


def test_months_are_those_of_the_tenants_clocks(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        change_settings(zone="Pacific/Auckland", bill_to="1 Example Street\nAuckland")
    # Eleven at night on 30 September UTC is October there.
    workspace.call(OCTOBER - timedelta(hours=1))

    make_due(now=NOVEMBER)

    september, october = invoices(workspace)
    assert september.ends_at == datetime(2026, 9, 30, 11, tzinfo=UTC)
    assert (october.period_start, october.period_end) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (september.used_micros, october.used_micros) == (0, 62_000)
    assert october.bill_to == f"{workspace.tenant.name}\n1 Example Street\nAuckland"


def test_another_time_zone_moves_the_end_of_the_month_that_goes_on(workspace: Workspace) -> None:
    make_due(now=OCTOBER + SETTLES)
    with tenant_scope(workspace.tenant.pk):
        change_settings(zone="America/New_York", bill_to="")
        kept = get_settings()

    assert (kept.starts_at, kept.ends_at) == (OCTOBER, NOVEMBER + timedelta(hours=4))


def test_nothing_is_made_of_a_ledger_that_does_not_add_up(workspace: Workspace) -> None:
    other = make_workspace("+12025551001")
    with tenant_scope(workspace.tenant.pk), pgtrigger.ignore():
        Wallet.objects.update(balance_micros=FREE + 1)

    assert make_due(now=OCTOBER + SETTLES) == 1

    assert invoices(workspace) == []
    assert len(invoices(other)) == 1


def test_an_invoice_is_never_changed(workspace: Workspace) -> None:
    make_due(now=OCTOBER + SETTLES)
    with tenant_scope(workspace.tenant.pk):
        for change in (lambda: Invoice.objects.update(used_micros=0), lambda: Invoice.objects.all().delete()):
            with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
                change()


def test_two_who_make_them_make_each_once(workspace: Workspace) -> None:
    """The second one waits for the lock of the first, and finds nothing to do."""
    workspace.call(OCTOBER + timedelta(days=1))
    now = NOVEMBER + SETTLES

    assert [make_invoices(workspace.tenant.pk, now=now) for _ in range(2)] == [2, 0]


def test_what_comes_at_midnight_is_in_one_of_the_two(workspace: Workspace) -> None:
    for micros in (0, 1, 999, 1_000):
        at = NOVEMBER - timedelta(microseconds=micros)
        workspace.charge(at, f"storage:{micros}", 1, kind=EntryKind.STORAGE, account=AccountKind.STORAGE)

    make_due(now=DECEMBER + SETTLES)

    _, october, november = invoices(workspace)
    assert (october.used_micros, november.used_micros) == (3, 1)


def test_a_call_that_ends_at_midnight_is_whole_in_one_month(workspace: Workspace) -> None:
    call = new_id()
    almost = NOVEMBER - timedelta(microseconds=500)
    uuid6._last_v7_timestamp = None
    with time_machine.travel(almost, tick=True), tenant_scope(workspace.tenant.pk):
        hold_many(holds={call: HoldRequest(0, 0, 1_000)})
        settle(tenant_id=workspace.tenant.pk, call_id=call, lines=[platform()])

    make_due(now=DECEMBER + SETTLES)

    used = [(one.used_micros, sum(row["amount_micros"] for row in one.lines)) for one in invoices(workspace)]
    assert sum(total for total, _ in used) == 50_000
    assert all(total == lines for total, lines in used)


def test_the_first_month_begins_with_the_tenant() -> None:
    workspace = make_workspace("+12025551002")
    with tenant_scope(workspace.tenant.pk):
        kept = get_settings()

    assert (kept.starts_at, kept.ends_at, kept.timezone) == (BEGAN, OCTOBER, "UTC")
