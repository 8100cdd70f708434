"""Money promised to orders: held whole, then settled or freed."""

from __future__ import annotations

from uuid import UUID

from apps.billing import telling
from apps.billing.errors import NotEnoughMoney
from apps.billing.models import AccountKind, Entry, EntryKind, Hold, HoldSubject
from apps.billing.selectors import lock_wallet
from apps.billing.services.posting import in_words, pay_debt, write
from apps.billing.services.settling import HELD_FIELDS, release


def hold_amount(*, tenant_id: UUID, subject: HoldSubject, subject_id: UUID, amount_micros: int) -> Hold:
    """Promises an order what it costs. NotEnoughMoney when the wallet has less free; a second time answers
    the hold that there is, settled or not."""
    if amount_micros < 0:
        raise ValueError("a hold cannot be negative")
    wallet = lock_wallet(tenant_id)
    known = Hold.objects.filter(tenant_id=tenant_id, subject_id=subject_id).first()
    if known is not None:
        return known
    if amount_micros > wallet.available_micros:
        raise NotEnoughMoney(
            f"This costs {in_words(amount_micros)}, and "
            f"{in_words(wallet.available_micros)} are free in the balance: top it up, then order again.",
            needed_micros=amount_micros,
            available_micros=wallet.available_micros,
        )
    wallet.held_micros += amount_micros
    wallet.save(update_fields=HELD_FIELDS)
    return Hold.objects.create(
        tenant_id=tenant_id, subject=subject, subject_id=subject_id, amount_micros=amount_micros
    )


def settle_hold(
    *,
    tenant_id: UUID,
    subject_id: UUID,
    reference: str,
    kind: EntryKind,
    account: AccountKind,
    amount_micros: int,
    why: str,
    subject: str = "",
) -> Entry | None:
    """Charges an order what it has cost, never more than its hold (ValueError), and frees the rest; None when
    it cost nothing. A second time answers the first entry. In the transaction that completes the order."""
    wallet = lock_wallet(tenant_id)
    hold = Hold.objects.get(tenant_id=tenant_id, subject_id=subject_id)
    if hold.settled_micros is not None:
        return Entry.objects.filter(tenant_id=tenant_id, reference=reference).first()
    if not 0 <= amount_micros <= hold.amount_micros:
        raise ValueError("an order costs no more than what is held for it")
    before = wallet.balance_micros
    release(wallet, hold, amount_micros)
    entry = None
    if amount_micros:
        postings = {AccountKind.WALLET: -amount_micros, account: amount_micros}
        entry = write(wallet, reference=reference, kind=kind, why=why, postings=postings, subject=subject)
        telling.charged(wallet, before_micros=before)
    pay_debt(wallet)
    return entry


def free_hold(*, tenant_id: UUID, subject_id: UUID) -> None:
    """Gives back what was promised to an order that came to nothing. Without a hold, or with one that is
    settled, nothing happens."""
    wallet = lock_wallet(tenant_id)
    hold = Hold.objects.filter(tenant_id=tenant_id, subject_id=subject_id, settled_micros=None).first()
    if hold is not None:
        release(wallet, hold, 0)
        pay_debt(wallet)
