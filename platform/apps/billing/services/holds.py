"""Money promised to calls, more of it while they last, and their settlement.

The wallet's lock is all that is needed: whoever changes a hold has it, and limits are counted under it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.billing import telling
from apps.billing.errors import NotEnoughMoney
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
from apps.billing.prices import INCLUDED, PLATFORM, TELEPHONY, held_at_first, price_of
from apps.billing.selectors import hold_of_call, lock_wallet
from apps.billing.services import limits
from apps.billing.services.posting import in_words, write
from apps.billing.values import HoldRequest, Line
from tenants.errors import LimitReached
from tenants.ids import to_public

CALL_PREFIX = "call_"
ACCOUNTS = {
    PLATFORM: AccountKind.CALLS,
    INCLUDED: AccountKind.CALLS,
    TELEPHONY: AccountKind.TELEPHONY,
}
"""Of a line's component; every other is a vendor's."""

HELD_FIELDS = ["held_micros", "updated_at"]


def hold_many(*, holds: Mapping[UUID, HoldRequest]) -> set[UUID]:
    """Promises calls, by id, the first part of what they may cost; answers those that have it.

    In the mapping's order, each whole or not at all, as far as the money and the limits reach. A call that
    has a hold keeps it, one that was settled gets no other. In the tenant's scope and the caller's
    transaction, locked last.
    """
    if not holds:
        return set()
    with transaction.atomic():
        wallet, now = lock_wallet(), timezone.now()
        known = dict(Hold.objects.filter(subject_id__in=holds).values_list("subject_id", "settled_micros"))
        held = {call for call, settled in known.items() if settled is None}
        rows = _fitting(wallet, {call: one for call, one in holds.items() if call not in known}, now)
        Hold.objects.bulk_create(rows)
        wallet.save(update_fields=HELD_FIELDS)
    return held | {row.subject_id for row in rows}


def hold_call(*, call_id: UUID, request: HoldRequest) -> None:
    """`hold_many` of one call. NotEnoughMoney, or LimitReached, says in words why it has no money."""
    if hold_many(holds={call_id: request}):
        return
    needed, wallet, now = held_at_first(request), lock_wallet(), timezone.now()
    if needed > wallet.available_micros:
        raise NotEnoughMoney(
            f"The call needs {in_words(needed)} to begin, and "
            f"{in_words(wallet.available_micros)} are free in the balance: top it up, then call again.",
            needed_micros=needed,
            available_micros=wallet.available_micros,
        )
    words = limits.refusal(
        tenant_id=wallet.tenant_id, counted_on=request.counted_on, amount_micros=needed, now=now
    )
    raise LimitReached(words or "The call was paid for already.", code="spend_limit")


def extend_holds(*, needed: Mapping[UUID, int]) -> dict[UUID, int]:
    """Holds more for calls that last: `needed` is the milliseconds of each that are to be paid for, by call;
    answers how many are now.

    As far as the money, the limits and the call's longest reach, in whole steps of its rounding: an answer
    below what was needed says that the money ends there. A hold never shrinks. Calls without a hold and
    settled ones are missing in the answer. In the tenant's scope.
    """
    with transaction.atomic():
        wallet = lock_wallet()
        room = limits.room(tenant_id=wallet.tenant_id, now=timezone.now())
        open_holds = Hold.objects.filter(subject=HoldSubject.CALL, settled_micros=None)
        rows = list(open_holds.filter(subject_id__in=needed).order_by("pk"))
        grown = [row for row in rows if _extend(wallet, room, row, needed[row.subject_id])]
        if grown:
            Hold.objects.bulk_update(grown, ["amount_micros", "held_ms"])
            room.save()
            wallet.save(update_fields=HELD_FIELDS)
    return {row.subject_id: row.held_ms for row in rows}


def settle(*, tenant_id: UUID, call_id: UUID, lines: Sequence[Line]) -> int:
    """Charges a call that has ended what its lines sum up to, and frees the rest of its hold; the charge.

    More than was held is taken out of what the wallet has free; what it has not got is written off. In the
    transaction that ends the call. Without a hold nothing is charged; a second time changes nothing, also
    when the call's end is corrected later (a node that was presumed lost): what was charged stays.
    """
    if not Hold.objects.filter(tenant_id=tenant_id, subject_id=call_id).exists():
        return 0
    with transaction.atomic():
        wallet = lock_wallet(tenant_id)
        hold = hold_of_call(call_id).get(tenant_id=tenant_id)
        if hold.settled_micros is not None:
            return hold.settled_micros
        total = sum(line.amount_micros for line in lines)
        charged = min(total, wallet.available_micros + hold.amount_micros)
        before = wallet.balance_micros
        release(wallet, hold, charged)
        if lines:
            _charge(wallet, hold, lines, charged)
        telling.charged(wallet, before_micros=before)
    return charged


def release(wallet: Wallet, hold: Hold, charged: int) -> None:
    """Settles the hold at `charged`: from here on the wallet promises nothing of it. `wallet` is locked."""
    now = timezone.now()
    if hold.subject == HoldSubject.CALL:
        room = limits.room(tenant_id=wallet.tenant_id, now=now)
        room.gives_back(counted_on(hold), hold.amount_micros - charged, began=hold.created_at)
        room.save()
    hold.settled_micros, hold.settled_at = charged, now
    hold.save(update_fields=["settled_micros", "settled_at", "updated_at"])
    wallet.held_micros -= hold.amount_micros
    wallet.save(update_fields=HELD_FIELDS)


def counted_on(hold: Hold) -> tuple[tuple[str, UUID], ...]:
    """Whose limits the hold counts on, as its request said."""
    return tuple((scope, UUID(row)) for scope, row in hold.counted_on)


def _fitting(wallet: Wallet, wanted: Mapping[UUID, HoldRequest], now: datetime) -> list[Hold]:
    rows, room = [], limits.room(tenant_id=wallet.tenant_id, now=now)
    for call, request in wanted.items():
        amount = held_at_first(request)
        if amount <= wallet.available_micros and room.takes(request.counted_on, amount, began=now):
            wallet.held_micros += amount
            rows.append(_hold(wallet, call, request, amount))
    room.save()
    return rows


def _hold(wallet: Wallet, call: UUID, request: HoldRequest, amount: int) -> Hold:
    return Hold(
        tenant_id=wallet.tenant_id,
        subject=HoldSubject.CALL,
        subject_id=call,
        amount_micros=amount,
        per_minute_micros=request.per_minute_micros,
        rounding_s=request.rounding_s,
        held_ms=request.first_ms if request.per_minute_micros else request.most_ms,
        most_ms=request.most_ms,
        tariff=dict(request.tariff),
        counted_on=[[scope, row.hex] for scope, row in request.counted_on],
    )


def _extend(wallet: Wallet, room: limits.Room, hold: Hold, needed_ms: int) -> bool:
    """Whether the hold has grown."""
    step_ms = 1000 * hold.rounding_s
    wanted_ms = min(-(-needed_ms // step_ms) * step_ms, hold.most_ms)
    if wanted_ms <= hold.held_ms:
        return False
    more = _amount(hold, wanted_ms) - hold.amount_micros
    most = min(more, wallet.available_micros)
    most = room.most(counted_on(hold), most, began=hold.created_at) if most > 0 else most
    if most < more:
        wanted_ms = _reach_ms(hold, hold.amount_micros + max(0, most))
        if wanted_ms <= hold.held_ms:
            return False
        more = max(0, _amount(hold, wanted_ms) - hold.amount_micros)
    if more and not room.takes(counted_on(hold), more, began=hold.created_at):
        return False
    hold.held_ms = wanted_ms
    hold.amount_micros += max(0, more)
    wallet.held_micros += max(0, more)
    return True


def _amount(hold: Hold, ms: int) -> int:
    return price_of(duration_ms=ms, per_minute=hold.per_minute_micros, rounding_s=hold.rounding_s)


def _reach_ms(hold: Hold, micros: int) -> int:
    """For how long a call can be paid with so much, in whole steps."""
    steps = micros * 60 // (hold.per_minute_micros * hold.rounding_s)
    return min(steps * hold.rounding_s * 1000, hold.most_ms)


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
