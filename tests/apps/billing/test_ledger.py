"""Entries: zero in sum, once by their reference, never below zero; by services, and by SQL past them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from uuid import UUID

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, connections, transaction
from django.test.utils import override_settings

from apps.billing import services
from apps.billing.errors import NotEnoughMoney, ReferenceTaken
from apps.billing.models import (
    AccountKind,
    CallCharge,
    Entry,
    EntryKind,
    Hold,
    HoldSubject,
    Posting,
    Wallet,
)
from apps.billing.selectors import available, cost_of, get_wallet
from apps.billing.services.posting import in_words
from tenants.errors import InvalidInput
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.money import ensure_adds_up
from tests.tenancy import make_tenant

CENT = 10_000
RENTAL: dict[str, Any] = {"kind": EntryKind.RENTAL, "account": AccountKind.NUMBERS, "why": "Rental"}


@pytest.fixture
def tenant(db: None) -> Tenant:
    with override_settings(FREE_CREDIT_MICROS=100 * CENT):
        return make_tenant()


def amounts(entry: Entry) -> dict[str, int]:
    return dict(Posting.objects.filter(entry=entry).values_list("account", "amount_micros"))


def test_a_new_tenant_has_the_free_credit_once(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        assert services.open_wallet(tenant=tenant).balance_micros == 100 * CENT
        (entry,) = Entry.objects.all()
        assert (entry.kind, amounts(entry)) == (
            "free_credit",
            {"wallet": 100 * CENT, "promotions": -100 * CENT},
        )
        assert Posting.objects.get(account="wallet").balance_after_micros == 100 * CENT
        ensure_adds_up()


@pytest.mark.parametrize(("amount", "why"), [(0, "Gift"), (-1, "Gift"), (10**16, "Gift"), (1, " ")])
def test_a_credit_that_makes_no_sense_is_refused(tenant: Tenant, amount: int, why: str) -> None:
    with pytest.raises(InvalidInput):
        services.credit(tenant=tenant, amount_micros=amount, why=why)


def test_a_reference_happens_once(tenant: Tenant) -> None:
    def top_up(amount: int) -> Wallet:
        return services.credit(
            tenant=tenant,
            amount_micros=amount,
            why="Top-up",
            kind=EntryKind.TOP_UP,
            account=AccountKind.STRIPE,
            reference="stripe:ch_1",
            subject="pay_1",
        )

    assert top_up(20 * CENT).balance_micros == top_up(20 * CENT).balance_micros == 120 * CENT
    with pytest.raises(ReferenceTaken):
        top_up(21 * CENT)
    with tenant_scope(tenant.pk):
        (entry,) = Entry.objects.filter(kind="top_up")
        assert amounts(entry) == {"wallet": 20 * CENT, "stripe": -20 * CENT}
        assert (entry.subject, entry.public_id[:4]) == ("pay_1", "led_")
        ensure_adds_up()


def test_a_charge_takes_what_is_free_or_nothing(tenant: Tenant) -> None:
    charge = {"tenant_id": tenant.pk, "reference": "rental:1:2026-11", **RENTAL}
    with tenant_scope(tenant.pk):
        services.hold_amount(
            tenant_id=tenant.pk,
            subject=HoldSubject.NUMBER_ORDER,
            subject_id=new_id(),
            amount_micros=60 * CENT,
        )
        with pytest.raises(NotEnoughMoney, match=r"0\.41 USD.*0\.40 USD"):
            services.charge(**charge, amount_micros=41 * CENT)
        first = services.charge(**charge, amount_micros=40 * CENT)
        assert services.charge(**charge, amount_micros=40 * CENT) == first
        with pytest.raises(ReferenceTaken):
            services.charge(**charge, amount_micros=39 * CENT)
        with pytest.raises(ValueError, match="above zero"):
            services.charge(**{**charge, "reference": "another"}, amount_micros=0)
        assert available() == 0
        ensure_adds_up()


def test_what_was_taken_elsewhere_becomes_a_debt_that_the_next_credit_pays(tenant: Tenant) -> None:
    dispute = {
        "tenant_id": tenant.pk,
        "reference": "stripe:txn_1",
        "kind": EntryKind.DISPUTE,
        "account": AccountKind.DISPUTES,
        "amount_micros": 130 * CENT,
        "why": "Dispute",
    }
    with platform_scope():
        entry = services.take(**dispute)
        assert services.take(**dispute) == entry
    with tenant_scope(tenant.pk):
        assert amounts(entry) == {"wallet": -100 * CENT, "debts": -30 * CENT, "disputes": 130 * CENT}
        assert (get_wallet().balance_micros, get_wallet().debt_micros) == (0, 30 * CENT)
        ensure_adds_up()
    services.credit(tenant=tenant, amount_micros=10 * CENT, why="Top-up", reference="one")
    services.credit(tenant=tenant, amount_micros=10 * CENT, why="Top-up", reference="one")
    wallet = services.credit(tenant=tenant, amount_micros=25 * CENT, why="Top-up")
    assert (wallet.balance_micros, wallet.debt_micros) == (5 * CENT, 0)
    with tenant_scope(tenant.pk):
        ensure_adds_up()


def test_no_more_is_given_back_than_was_taken(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        entry = services.charge(tenant_id=tenant.pk, reference="rental", amount_micros=30 * CENT, **RENTAL)
        back = {"tenant_id": tenant.pk, "of": entry, "why": "Sorry"}
        first = services.refund(**back, reference="a", amount_micros=20 * CENT)
        assert services.refund(**back, reference="a", amount_micros=20 * CENT) == first
        for wrong in (11 * CENT, 0, -1):
            with pytest.raises(InvalidInput):
                services.refund(**back, reference="b", amount_micros=wrong)
        services.refund(**back, reference="b", amount_micros=10 * CENT)
        assert available() == 100 * CENT
        ensure_adds_up()


def test_an_order_is_settled_or_freed_once(tenant: Tenant) -> None:
    bought, failed = new_id(), new_id()
    hold = {"tenant_id": tenant.pk, "subject": HoldSubject.NUMBER_ORDER, "amount_micros": 45 * CENT}
    with tenant_scope(tenant.pk):
        one = services.hold_amount(**hold, subject_id=bought)
        assert services.hold_amount(**hold, subject_id=bought) == one
        services.hold_amount(**hold, subject_id=failed)
        with pytest.raises(NotEnoughMoney, match=r"0\.10 USD are free"):
            services.hold_amount(**hold, subject_id=new_id())
        settle: dict[str, Any] = {
            "tenant_id": tenant.pk,
            "subject_id": bought,
            "reference": "rental:1:2026-11",
            "kind": EntryKind.NUMBER,
            "account": AccountKind.NUMBERS,
            "why": "Number",
            "subject": "num_1",
        }
        with pytest.raises(ValueError, match="no more than"):
            services.settle_hold(**settle, amount_micros=46 * CENT)
        entry = services.settle_hold(**settle, amount_micros=40 * CENT)
        assert entry is not None
        assert services.settle_hold(**settle, amount_micros=40 * CENT) == entry
        for _ in range(2):
            services.free_hold(tenant_id=tenant.pk, subject_id=failed)
            services.free_hold(tenant_id=tenant.pk, subject_id=bought)
        assert amounts(entry) == {"wallet": -40 * CENT, "numbers": 40 * CENT}
        assert (get_wallet().balance_micros, get_wallet().held_micros) == (60 * CENT, 0)
        ensure_adds_up()


def test_postings_that_are_not_zero_in_sum_are_none(tenant: Tenant) -> None:
    def post(postings: dict[AccountKind, int]) -> Entry:
        return services.post(
            tenant_id=tenant.pk, reference="x", kind=EntryKind.ADJUSTMENT, why="Test", postings=postings
        )

    with tenant_scope(tenant.pk):
        for wrong in ({AccountKind.WALLET: 1}, {}, {AccountKind.WALLET: 0}):
            with pytest.raises(ValueError, match="zero"):
                post(wrong)
        both = {AccountKind.STRIPE: 5, AccountKind.TAXES: -5, AccountKind.WALLET: 0}
        assert post(both) == post(both)
        with pytest.raises(ReferenceTaken):
            post({AccountKind.STRIPE: 5, AccountKind.REFUNDS: -5})
        ensure_adds_up()


@pytest.mark.parametrize(
    ("micros", "words"),
    [(0, "0.00 USD"), (5_000_000, "5.00 USD"), (12_345, "0.012345 USD"), (-1_500_000, "-1.50 USD")],
)
def test_amounts_in_words_are_exact(micros: int, words: str) -> None:
    assert in_words(micros) == words


# Past the services, by SQL alone.


def entry_of(tenant: Tenant) -> UUID:
    entry_id = new_id()
    sql(
        "INSERT INTO billing_entry (id, tenant_id, created_at, updated_at, kind, why, reference, subject)"
        " VALUES (%s, %s, now(), now(), 'credit', 'Test', %s, '')",
        entry_id,
        tenant.pk,
        entry_id.hex,
    )
    return entry_id


def posting(tenant: Tenant, entry: UUID, account: str, amount: int) -> None:
    sql(
        "INSERT INTO billing_posting (id, tenant_id, entry_id, created_at, updated_at, account,"
        " amount_micros) VALUES (gen_random_uuid(), %s, %s, now(), now(), %s, %s)",
        tenant.pk,
        entry,
        account,
        amount,
    )


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def at_commit() -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def balanced(tenant: Tenant, entry: UUID) -> None:
    posting(tenant, entry, "calls", 1)
    posting(tenant, entry, "vendors", -1)
    at_commit()


def one_sided(tenant: Tenant) -> None:
    posting(tenant, entry_of(tenant), "wallet", 5)
    at_commit()


def unbalanced(tenant: Tenant) -> None:
    entry = entry_of(tenant)
    posting(tenant, entry, "wallet", 5)
    posting(tenant, entry, "stripe", -4)
    at_commit()


def added_later(tenant: Tenant) -> None:
    posting(tenant, Entry.objects.values_list("pk", flat=True)[0], "calls", 1)
    at_commit()


def too_much(tenant: Tenant) -> None:
    entry = entry_of(tenant)
    posting(tenant, entry, "calls", 100 * CENT + 1)
    posting(tenant, entry, "wallet", -100 * CENT - 1)


def of_nothing(tenant: Tenant) -> None:
    posting(tenant, entry_of(tenant), "calls", 0)


def more_debt_paid_than_owed(tenant: Tenant) -> None:
    posting(tenant, entry_of(tenant), "debts", 1)


def same_reference(tenant: Tenant) -> None:
    sql(
        "INSERT INTO billing_entry (id, tenant_id, created_at, updated_at, kind, why, reference, subject)"
        " VALUES (gen_random_uuid(), %s, now(), now(), 'credit', '', 'free_credit', '')",
        tenant.pk,
    )


WRONG: dict[Callable[[Tenant], None], tuple[type[DatabaseError], str]] = {
    one_sided: (IntegrityError, "not to zero"),
    unbalanced: (IntegrityError, "sum up to 1, not to zero"),
    added_later: (IntegrityError, "not to zero"),
    too_much: (IntegrityError, "never_negative"),
    of_nothing: (IntegrityError, "of_something"),
    more_debt_paid_than_owed: (IntegrityError, "debt_positive"),
    same_reference: (IntegrityError, "entry_once"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda case: case.__name__)
def test_the_database_refuses_entries_that_must_not_be(
    tenant: Tenant, wrong: Callable[[Tenant], None]
) -> None:
    kind, words = WRONG[wrong]
    with tenant_scope(tenant.pk):
        with pytest.raises(kind, match=words), transaction.atomic():
            wrong(tenant)
        assert available() == 100 * CENT
        ensure_adds_up()


def test_no_posting_is_on_the_entry_of_another_tenant(tenant: Tenant) -> None:
    other = make_tenant("Other")
    with tenant_scope(other.pk):
        theirs = Entry.objects.values_list("pk", flat=True)[0]
    with tenant_scope(tenant.pk), pytest.raises(IntegrityError, match="same_tenant"), transaction.atomic():
        balanced(tenant, theirs)


def test_the_sum_is_looked_at_when_the_tenants_scope_has_been_left(tenant: Tenant) -> None:
    """As its transaction commits, which may be long after."""
    for more in (0, 2):
        with tenant_scope(tenant.pk):
            entry = entry_of(tenant)
            posting(tenant, entry, "calls", 1 + more)
            posting(tenant, entry, "vendors", -1)
        if more:
            with pytest.raises(IntegrityError, match="sum up to 2"):
                at_commit()
        else:
            at_commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_wallet SET balance_micros = balance_micros + 1",
        "UPDATE billing_wallet SET debt_micros = 1",
        "UPDATE billing_posting SET amount_micros = 1",
        "DELETE FROM billing_posting",
        "UPDATE billing_entry SET why = ''",
        "DELETE FROM billing_entry",
    ],
)
def test_nobody_rewrites_the_ledger(tenant: Tenant, statement: str) -> None:
    with tenant_scope(tenant.pk):
        with pytest.raises(ProgrammingError, match=r"postings only|Cannot update"), transaction.atomic():
            sql(statement)
        ensure_adds_up()


def test_a_wallet_begins_empty(db: None) -> None:
    with override_settings(FREE_CREDIT_MICROS=0):
        tenant = make_tenant()
    with tenant_scope(tenant.pk):
        with pgtrigger.ignore("billing.Wallet:only_by_postings"):
            Wallet.objects.all().delete()
        with pytest.raises(ProgrammingError, match="begins empty"), transaction.atomic():
            Wallet.objects.create(balance_micros=1)


@pytest.mark.django_db(transaction=True)
def test_entries_of_one_wallet_at_once_are_in_one_order(tenant: Tenant) -> None:
    """Eight threads post the same references in the same wallet."""

    def play(own: int) -> None:
        try:
            for n in range(10):
                with tenant_scope(tenant.pk):
                    services.credit(tenant=tenant, amount_micros=3 * CENT, why="Test", reference=f"in:{n}")
                with tenant_scope(tenant.pk):
                    services.charge(
                        tenant_id=tenant.pk, reference=f"out:{own}:{n}", amount_micros=CENT, **RENTAL
                    )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(play, range(8)))
    with tenant_scope(tenant.pk):
        assert get_wallet().balance_micros == (100 + 30 - 80) * CENT
        assert Entry.objects.count() == 1 + 10 + 80
        ensure_adds_up()


def test_movements_of_former_times_are_entries_now(db: None) -> None:
    with override_settings(FREE_CREDIT_MICROS=0):
        tenant = make_tenant()
    fill = import_module("apps.billing.migrations.0006_fill_ledger")
    call, going_on = new_id(), new_id()
    moved = [
        ("credit", 100 * CENT, "Free credit", None),
        ("credit", 20 * CENT, "A gift", None),
        ("charge", -12 * CENT, "Call", call),
        ("credit", 5 * CENT, "Free credit", None),
    ]
    with platform_scope():
        for one, settled in ((call, 12 * CENT), (going_on, None)):
            Hold.objects.create(
                tenant=tenant,
                subject_id=one,
                amount_micros=30 * CENT,
                per_minute_micros=6 * CENT,
                settled_micros=settled,
                settled_at=tenant.created_at if settled else None,
            )
        sql(
            "CREATE TEMP TABLE billing_movement (id uuid, tenant_id uuid, created_at timestamptz, kind text,"
            " amount_micros bigint, why text, call uuid) ON COMMIT DROP"
        )
        for kind, amount, why, of in moved:
            sql(
                "INSERT INTO billing_movement VALUES (%s, %s, now(), %s, %s, %s, %s)",
                new_id(),
                tenant.pk,
                kind,
                amount,
                why,
                of,
            )
        with pgtrigger.ignore("billing.Posting:move_wallet"):
            fill.fill(None, connection.schema_editor(atomic=False))
        sql("SELECT set_config('app.platform', 'on', true)")
        at_commit()
    with tenant_scope(tenant.pk):
        entries = Entry.objects.order_by("pk")
        assert [(e.kind, e.reference.partition(":")[0]) for e in entries] == [
            ("free_credit", "free_credit"),
            ("credit", "credit"),
            ("call", "call"),
            ("credit", "credit"),
        ]
        assert [amounts(entry) for entry in entries] == [
            {"wallet": 100 * CENT, "promotions": -100 * CENT},
            {"wallet": 20 * CENT, "adjustments": -20 * CENT},
            {"wallet": -12 * CENT, "calls": 12 * CENT},
            {"wallet": 5 * CENT, "adjustments": -5 * CENT},
        ]
        wallets = Posting.objects.filter(account="wallet").order_by("entry_id")
        assert [row.balance_after_micros for row in wallets] == [n * CENT for n in (100, 120, 108, 113)]
        assert CallCharge.objects.get().entry == entries[2]
        cost = cost_of(call)
        assert cost is not None
        (line,) = cost.lines
        assert (line.quantity, line.unit, line.price_micros, line.per) == (120, "second", 6 * CENT, 60)
        assert Hold.objects.get(subject_id=going_on).held_ms == 5 * 60_000
