"""Charging what a call has cost, and freeing what was held for it.

The wallet's lock is all that is needed: whoever changes a hold has it, and limits are counted under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from apps.billing import telling
from apps.billing.models import (
    AccountKind,
    CallCharge,
    ChargeLine,
    Entry,
    EntryKind,
    Hold,
    HoldSubject,
    Wallet,
)
from apps.billing.prices import INCLUDED, PLATFORM, TELEPHONY
from apps.billing.selectors import hold_of_call, lock_wallet
from apps.billing.services import limits
from apps.billing.services.posting import pay_debt, write
from apps.billing.values import Line
from tenants.ids import to_public

CALL_PREFIX = "call_"
ACCOUNTS = {
    PLATFORM: AccountKind.CALLS,
    INCLUDED: AccountKind.CALLS,
    TELEPHONY: AccountKind.TELEPHONY,
}
"""Of a line's component; every other is a vendor's."""

HELD_FIELDS = ["held_micros", "updated_at"]


def settle(*, tenant_id: UUID, call_id: UUID, lines: Sequence[Line]) -> int:
    """Charges a call that has ended what its lines sum up to, and frees the rest of its hold; the charge.

    More than was held is taken out of what the wallet has free; what it has not got is written off. In the
    transaction that ends the call. Without a hold nothing is charged; a second time changes nothing, also
    when the call's end is corrected later (a node that was presumed lost): what was charged stays.
    """
    wallet = lock_wallet(tenant_id)
    hold = hold_of_call(call_id).filter(tenant_id=tenant_id).first()
    if hold is None or hold.settled_micros is not None:
        return hold.settled_micros or 0 if hold else 0
    total = sum(line.amount_micros for line in lines)
    charged = min(total, wallet.available_micros + hold.amount_micros)
    before = wallet.balance_micros
    release(wallet, hold, charged)
    if lines:
        _charge(wallet, hold, lines, charged)
        telling.charged(wallet, before_micros=before)
    pay_debt(wallet)
    return charged


def release(wallet: Wallet, hold: Hold, charged: int) -> None:
    """Settles the hold at `charged`: from here on the wallet promises nothing of it. `wallet` is locked."""
    now = timezone.now()
    if hold.subject == HoldSubject.CALL:
        room = limits.room(tenant_id=wallet.tenant_id, now=now, limited=wallet.limited)
        room.gives_back(counted_on(hold), hold.amount_micros - charged, began=hold.created_at)
        room.save()
    hold.settled_micros, hold.settled_at = charged, now
    hold.save(update_fields=["settled_micros", "settled_at", "updated_at"])
    wallet.held_micros -= hold.amount_micros
    wallet.save(update_fields=HELD_FIELDS)


def counted_on(hold: Hold) -> tuple[tuple[str, UUID], ...]:
    """Whose limits the hold counts on, as its request said."""
    return tuple((scope, UUID(row)) for scope, row in hold.counted_on)


def _charge(wallet: Wallet, hold: Hold, lines: Sequence[Line], charged: int) -> None:
    total = sum(line.amount_micros for line in lines)
    entry = _entry(wallet, hold.subject_id, lines, charged) if total else None
    charge = CallCharge.objects.create(
        tenant_id=wallet.tenant_id,
        call=hold.subject_id,
        entry=entry,
        total_micros=total,
        charged_micros=charged,
        written_off_micros=total - charged,
    )
    ChargeLine.objects.bulk_create(
        ChargeLine(
            tenant_id=wallet.tenant_id,
            charge=charge,
            position=position,
            **{name: getattr(line, name) for name in Line.__dataclass_fields__},
        )
        for position, line in enumerate(lines)
    )


def _entry(wallet: Wallet, call_id: UUID, lines: Sequence[Line], charged: int) -> Entry:
    postings = {AccountKind.WALLET: -charged}
    for line in lines:
        account = ACCOUNTS.get(line.component, AccountKind.VENDORS)
        postings[account] = postings.get(account, 0) + line.amount_micros
    postings[AccountKind.WRITTEN_OFF] = -sum(postings.values())
    return write(
        wallet,
        reference=f"call:{call_id}",
        kind=EntryKind.CALL,
        why="Call",
        postings=postings,
        subject=to_public(CALL_PREFIX, call_id),
    )
