"""Entries of the ledger. Whoever posts locks the wallet's row, so that each reference happens once.

In a scope that sees the tenant, and so in a transaction; what is refused is refused before anything is
written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from apps.billing import telling
from apps.billing.errors import NotEnoughMoney, ReferenceTaken
from apps.billing.models import CURRENCY, AccountKind, Entry, EntryKind, Posting, Wallet
from apps.billing.selectors import lock_wallet
from tenants.errors import InvalidInput
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope

FREE_CREDIT = "Free credit"
MOST_MICROS = 10**15
"""A billion: more at once is a slip of the hand."""

Postings = Mapping[AccountKind, int]


def open_wallet_of_new_tenant(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_made`."""
    open_wallet(tenant=tenant)


def open_wallet(*, tenant: Tenant) -> Wallet:
    """The tenant's wallet, with the free credit in it when it is new."""
    wallet, new = Wallet.objects.get_or_create(tenant=tenant)
    amount = settings.FREE_CREDIT_MICROS
    if new and amount:
        postings = {AccountKind.WALLET: amount, AccountKind.PROMOTIONS: -amount}
        write(wallet, reference="free_credit", kind=EntryKind.FREE_CREDIT, why=FREE_CREDIT, postings=postings)
    return wallet


def post(
    *,
    tenant_id: UUID,
    reference: str,
    kind: EntryKind,
    why: str,
    postings: Postings,
    subject: str = "",
) -> Entry:
    """Adds an entry that moves `postings`: signed micro-units by account, zero in sum (ValueError).

    By `reference` once: a second time answers the first entry, ReferenceTaken when that moved anything else.
    NotEnoughMoney when the wallet has less free than is to leave it.
    """
    wallet = lock_wallet(tenant_id)
    known = _entry(wallet, reference)
    if known is None:
        return write(wallet, reference=reference, kind=kind, why=why, postings=postings, subject=subject)
    if _amounts_of(known) != {account: amount for account, amount in postings.items() if amount}:
        raise ReferenceTaken(reference)
    return known


def credit(
    *,
    tenant: Tenant,
    amount_micros: int,
    why: str,
    kind: EntryKind = EntryKind.CREDIT,
    account: AccountKind = AccountKind.ADJUSTMENTS,
    reference: str | None = None,
    subject: str = "",
) -> Wallet:
    """Adds to the tenant's balance, out of `account`; what the tenant owes is paid of it first.

    By `reference` once, as `post`. InvalidInput unless 0 < amount <= `MOST_MICROS` and there is a reason.
    """
    why = why.strip()[:300]
    if not 0 < amount_micros <= MOST_MICROS:
        raise InvalidInput("Give an amount above zero, at most a billion.", field="amount_micros")
    if not why:
        raise InvalidInput("Say what the credit is for.", field="why")
    with tenant_scope(tenant.pk):
        wallet = lock_wallet(tenant.pk)
        reference = reference or f"{kind}:{new_id()}"
        if _known(wallet, reference, account, -amount_micros) is None:
            _add(wallet, account, amount_micros, reference=reference, kind=kind, why=why, subject=subject)
            telling.credited(wallet, amount_micros=amount_micros, why=why)
    return wallet


def refund(*, tenant_id: UUID, reference: str, of: Entry, amount_micros: int, why: str) -> Entry:
    """Gives the tenant back what the entry `of` took from its wallet, or a part of that, out of `refunds`.

    By `reference` once. InvalidInput for more than that entry took, less what was given back already.
    """
    wallet = lock_wallet(tenant_id)
    known = _known(wallet, reference, AccountKind.REFUNDS, -amount_micros)
    if known is not None:
        return known
    left = -_amounts_of(of).get(AccountKind.WALLET, 0) - _given_back(of)
    if not 0 < amount_micros <= left:
        raise InvalidInput(f"Of this, {max(0, left)} micro-units can be given back.", field="amount_micros")
    entry = _add(
        wallet,
        AccountKind.REFUNDS,
        amount_micros,
        reference=reference,
        kind=EntryKind.REFUND,
        why=why,
        subject=of.subject,
        of=of,
    )
    telling.credited(wallet, amount_micros=amount_micros, why=why)
    return entry


def charge(
    *,
    tenant_id: UUID,
    reference: str,
    kind: EntryKind,
    account: AccountKind,
    amount_micros: int,
    why: str,
    subject: str = "",
) -> Entry:
    """Takes `amount_micros` (above zero) out of the wallet, to `account`. NotEnoughMoney: it has less free.

    By `reference` once: a second time answers the first entry, ReferenceTaken when that moved another amount.
    """
    wallet = lock_wallet(tenant_id)
    known = _known(wallet, reference, account, amount_micros)
    if known is not None:
        return known
    before = wallet.balance_micros
    postings = {AccountKind.WALLET: -_positive(amount_micros), account: amount_micros}
    entry = write(wallet, reference=reference, kind=kind, why=why, postings=postings, subject=subject)
    telling.charged(wallet, before_micros=before)
    return entry


def take(
    *,
    tenant_id: UUID,
    reference: str,
    kind: EntryKind,
    account: AccountKind,
    amount_micros: int,
    why: str,
    subject: str = "",
) -> Entry:
    """As `charge`, for what has been taken already, somewhere else: never refused. What the wallet has not
    got free is the tenant's debt, and the next credit pays it."""
    wallet = lock_wallet(tenant_id)
    known = _known(wallet, reference, account, amount_micros)
    if known is not None:
        return known
    before = wallet.balance_micros
    free = min(_positive(amount_micros), wallet.available_micros)
    postings = {
        AccountKind.WALLET: -free,
        AccountKind.DEBTS: free - amount_micros,
        account: amount_micros,
    }
    entry = write(wallet, reference=reference, kind=kind, why=why, postings=postings, subject=subject)
    telling.charged(wallet, before_micros=before)
    return entry


def pay_debt(wallet: Wallet) -> None:
    """What the tenant owes is paid of what has become free. `wallet` is locked."""
    owed = min(wallet.debt_micros, wallet.available_micros)
    if owed > 0:
        postings = {AccountKind.WALLET: -owed, AccountKind.DEBTS: owed}
        reference, why = f"debt:{new_id()}", "Debt, paid of what had been held"
        write(wallet, reference=reference, kind=EntryKind.ADJUSTMENT, why=why, postings=postings)


_WRITE = """
WITH entry AS (
  INSERT INTO billing_entry (
    id, tenant_id, created_at, updated_at, kind, why, reference, subject, of_id)
  VALUES (%(entry)s, %(tenant)s, %(now)s, %(now)s, %(kind)s, %(why)s, %(reference)s, %(subject)s, %(of)s))
INSERT INTO billing_posting (id, tenant_id, created_at, updated_at, entry_id, account, amount_micros)
SELECT id, %(tenant)s, %(now)s, %(now)s, %(entry)s, account, amount
  FROM unnest(%(ids)s::uuid[], %(accounts)s::text[], %(amounts)s::bigint[]) AS p (id, account, amount)
"""


def write(
    wallet: Wallet,
    *,
    reference: str,
    kind: EntryKind,
    why: str,
    postings: Postings,
    subject: str = "",
    of: Entry | None = None,
) -> Entry:
    """The entry itself. `wallet` is locked, and has no entry of this reference; it is kept true."""
    amounts = {account: amount for account, amount in postings.items() if amount}
    if not amounts or sum(amounts.values()) != 0:
        raise ValueError("an entry's postings sum up to zero")
    _ensure_money(wallet, -amounts.get(AccountKind.WALLET, 0))
    wallet.balance_micros += amounts.get(AccountKind.WALLET, 0)
    wallet.debt_micros -= amounts.get(AccountKind.DEBTS, 0)
    entry = Entry(
        tenant_id=wallet.tenant_id, kind=kind, why=why[:300], reference=reference, subject=subject, of=of
    )
    entry.created_at = entry.updated_at = timezone.now()
    values: dict[str, Any] = {
        "entry": entry.pk,
        "tenant": entry.tenant_id,
        "now": entry.created_at,
        "kind": str(kind),
        "why": entry.why,
        "reference": reference,
        "subject": subject,
        "of": entry.of_id,
        "ids": [new_id() for _ in amounts],
        "accounts": [str(account) for account in amounts],
        "amounts": list(amounts.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


def _add(wallet: Wallet, account: AccountKind, amount: int, **entry: Any) -> Entry:
    owed = min(amount, wallet.debt_micros)
    postings = {AccountKind.WALLET: amount - owed, AccountKind.DEBTS: owed, account: -amount}
    return write(wallet, postings=postings, **entry)


def _ensure_money(wallet: Wallet, needed: int) -> None:
    if needed > wallet.available_micros:
        raise NotEnoughMoney(
            f"This costs {in_words(needed)}, and {in_words(wallet.available_micros)} are free in the balance:"
            " top it up, then try again.",
            needed_micros=needed,
            available_micros=wallet.available_micros,
        )


def in_words(micros: int) -> str:
    """An amount as people read it, like 12.50 USD: more digits after the point where there are more."""
    whole, part = divmod(abs(micros), 10**6)
    digits = f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole}.{digits} {CURRENCY}"


def _positive(amount: int) -> int:
    if amount <= 0:
        raise ValueError("what is taken is above zero")
    return amount


def _entry(wallet: Wallet, reference: str) -> Entry | None:
    return Entry.objects.filter(tenant_id=wallet.tenant_id, reference=reference).first()


def _known(wallet: Wallet, reference: str, account: AccountKind, amount: int) -> Entry | None:
    """The entry of the reference, if there is one; ReferenceTaken unless it moved so much on `account`."""
    entry = _entry(wallet, reference)
    if entry is not None and _amounts_of(entry).get(account) != amount:
        raise ReferenceTaken(reference)
    return entry


def _amounts_of(entry: Entry) -> dict[str, int]:
    rows = Posting.objects.filter(tenant_id=entry.tenant_id, entry=entry)
    return dict(rows.values_list("account", "amount_micros"))


def _given_back(of: Entry) -> int:
    rows = Posting.objects.filter(tenant_id=of.tenant_id, entry__of=of, account=AccountKind.REFUNDS)
    return -int(rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0)
