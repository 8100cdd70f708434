"""Money for tests."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Sum

from apps.billing.models import AccountKind, EntryKind, Hold, Posting, Wallet
from apps.billing.selectors import lock_wallet
from apps.billing.services import hold_many, post, settle
from apps.billing.values import HoldRequest, Line
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope

MINUTE_MS = 60_000


def set_balance(tenant: Tenant, micros: int) -> Wallet:
    """The tenant's wallet, with so much in it from now on."""
    with tenant_scope(tenant.pk):
        wallet = lock_wallet()
        more = micros - wallet.balance_micros
        if more:
            post(
                tenant_id=tenant.pk,
                reference=f"test:{new_id()}",
                kind=EntryKind.ADJUSTMENT,
                why="Test",
                postings={AccountKind.WALLET: more, AccountKind.ADJUSTMENTS: -more},
            )
        wallet.refresh_from_db()
        return wallet


def holds(amount_micros: int, *, minutes: int = 1) -> HoldRequest:
    """A request that holds so much as the call begins, for its first minute of so many."""
    return HoldRequest(
        per_minute_micros=amount_micros,
        first_ms=MINUTE_MS,
        most_ms=minutes * MINUTE_MS,
        tariff={"test": True},
    )


def line(amount_micros: int, component: str = "platform") -> Line:
    """A line of a call's cost."""
    return Line(component, "Test", 1, "second", amount_micros, 1, amount_micros)


def charge_call(call_id: UUID, amount_micros: int) -> None:
    """A call of the tenant in force that cost so much."""
    assert hold_many(holds={call_id: holds(amount_micros)})
    charged = settle(tenant_id=lock_wallet().tenant_id, call_id=call_id, lines=[line(amount_micros)])
    assert charged == amount_micros


def ensure_adds_up() -> None:
    """What must be true of the ledger of the tenant in force; asked of the database, none of our services."""
    wallet = Wallet.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id FROM billing_posting WHERE tenant_id = %s GROUP BY entry_id"
            " HAVING sum(amount_micros) <> 0",
            [wallet.tenant_id],
        )
        assert cursor.fetchall() == [], "an entry that is not zero in sum"
    assert _sum(AccountKind.WALLET) == wallet.balance_micros
    assert _sum(AccountKind.DEBTS) == -wallet.debt_micros
    last = Posting.objects.filter(account=AccountKind.WALLET).order_by("-entry_id").first()
    assert last is None or last.balance_after_micros == wallet.balance_micros
    open_holds = Hold.objects.filter(settled_micros=None).aggregate(sum=Sum("amount_micros"))["sum"] or 0
    assert wallet.held_micros == open_holds
    assert 0 <= wallet.held_micros <= wallet.balance_micros
    assert wallet.debt_micros >= 0


def _sum(account: AccountKind) -> int:
    rows = Posting.objects.filter(account=account)
    return int(rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0)
