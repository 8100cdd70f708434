"""Money for tests."""

from __future__ import annotations

from django.db.models import Sum

from apps.billing.models import AccountKind, EntryKind, Hold, Posting, Wallet
from apps.billing.selectors import lock_wallet
from apps.billing.services import post
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope


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


def ensure_adds_up() -> None:
    """What must be true of the ledger of the tenant in force, by SQL of the database alone."""
    wallet = Wallet.objects.get()
    by_entry = Posting.objects.values("entry").annotate(sum=Sum("amount_micros")).exclude(sum=0)
    assert not by_entry.exists(), "an entry that is not zero in sum"
    assert _sum(AccountKind.WALLET) == wallet.balance_micros
    assert _sum(AccountKind.DEBTS) == -wallet.debt_micros
    last = Posting.objects.filter(account=AccountKind.WALLET).order_by("-entry_id").first()
    assert last is None or last.balance_after_micros == wallet.balance_micros
    open_holds = Hold.objects.filter(settled_micros=None).aggregate(sum=Sum("amount_micros"))["sum"] or 0
    assert wallet.held_micros == open_holds
    assert 0 <= wallet.held_micros <= wallet.balance_micros


def _sum(account: AccountKind) -> int:
    rows = Posting.objects.filter(account=account)
    return int(rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0)
