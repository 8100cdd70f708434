"""Money promised to calls, and more of it while they last.

The wallet's lock is all that is needed: whoever changes a hold has it, and limits are counted under it. What
is asked for here is in a scope of a tenant, and so in a transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.billing.growing import amount_for, reach_ms, turn
from apps.billing.models import Hold, HoldSubject, Wallet
from apps.billing.prices import held_at_first, price_of
from apps.billing.selectors import hold_of_call, lock_wallet
from apps.billing.services import limits
from apps.billing.services.posting import in_words
from apps.billing.services.rates import plan_of, unpromised_s
from apps.billing.services.settling import HELD_FIELDS, counted_on
from apps.billing.values import HoldRequest, Spent
from tenants.errors import LimitReached

GROWN = ["amount_micros", "held_ms", "before_micros"]
TURNED = [*GROWN, "per_minute_micros", "from_ms", "legs", "updated_at"]
NOTHING_KNOWN: Mapping[UUID, Spent] = MappingProxyType({})


def hold_many(*, holds: Mapping[UUID, HoldRequest]) -> set[UUID]:
    """Promises calls, by id, the first part of what they may cost; answers those that have it.

    In the mapping's order, each whole or not at all, as far as the money and the limits reach. A call that
    has a hold keeps it, one that was settled gets no other. In the tenant's scope and the caller's
    transaction, locked last.
    """
    if not holds:
        return set()
    wallet, now = lock_wallet(), timezone.now()
    known = dict(Hold.objects.filter(subject_id__in=holds).values_list("subject_id", "settled_micros"))
    held = {call for call, settled in known.items() if settled is None}
    rows = _fitting(wallet, {call: one for call, one in holds.items() if call not in known}, now)
    if rows:
        Hold.objects.bulk_create(rows)
        wallet.save(update_fields=HELD_FIELDS)
    return held | {row.subject_id for row in rows}


def hold_call(*, call_id: UUID, request: HoldRequest) -> None:
    """`hold_many` of one call. NotEnoughMoney, or LimitReached, says in words why it has no money."""
    if hold_many(holds={call_id: request}):
        return
    wallet, now = lock_wallet(), timezone.now()
    needed = held_at_first(_as_promised(request, _minutes_left_ms([request], now)))
    _refuse(wallet, needed, request.counted_on, "The call", began=now)


def extend_holds(
    *, needed: Mapping[UUID, int], spent: Mapping[UUID, Spent] = NOTHING_KNOWN
) -> dict[UUID, int]:
    """Holds more for calls that last: `needed` is the milliseconds of each that are to be paid for, by call;
    answers how many are now.

    As far as the money, the limits and the call's longest reach, in whole steps of its rounding: an answer
    below what was needed says that the money ends there. `spent`: what calls have cost by now; one that takes
    more than was thought has more held, or is paid for less long. Otherwise a hold never shrinks. Calls
    without a hold and settled ones are missing in the answer. In the tenant's scope.
    """
    wallet = lock_wallet()
    open_holds = Hold.objects.filter(subject=HoldSubject.CALL, settled_micros=None)
    rows = list(open_holds.filter(subject_id__in=needed).order_by("pk"))
    room = _room(wallet)
    call_of = {row.pk: row.subject_id for row in rows}
    grown = [
        row for row in rows if _extend(wallet, room, row, needed[call_of[row.pk]], spent.get(call_of[row.pk]))
    ]
    if grown:
        Hold.objects.bulk_update(grown, GROWN)
        room.save()
        wallet.save(update_fields=HELD_FIELDS)
    return {row.subject_id: row.held_ms for row in rows}


def hold_leg(*, call_id: UUID, key: str, at_ms: int, per_minute_micros: int, begun_s: int) -> None:
    """From now on, `at_ms` after its answer, a minute of the call takes so much more, for a further leg;
    `begun_s` of it are paid in any case. NotEnoughMoney or LimitReached when there is none for its first
    slice, and nothing is changed. By `key` once. A call without a hold needs none."""
    wallet = lock_wallet()
    hold = hold_of_call(call_id).filter(settled_micros=None).first()
    if hold is None or key in hold.legs:
        return
    turn(hold, at_ms=at_ms, per_minute_micros=hold.per_minute_micros + per_minute_micros)
    hold.before_micros += price_of(duration_ms=1000 * begun_s, per_minute=per_minute_micros)
    hold.legs = {**hold.legs, key: per_minute_micros}
    hold.held_ms = min(hold.from_ms + settings.HOLD_SLICE_MS, hold.most_ms)
    more = max(0, amount_for(hold, hold.held_ms) - hold.amount_micros)
    room = _room(wallet)
    if more > wallet.available_micros or not room.takes(counted_on(hold), more, began=hold.created_at):
        _refuse(wallet, more, counted_on(hold), "Calling somebody else", began=hold.created_at)
    _take(wallet, room, hold, more)


def free_leg(*, call_id: UUID, key: str, at_ms: int) -> None:
    """The leg is over: from `at_ms` on the call takes less, and what is held for more is free. Twice does no
    harm."""
    wallet = lock_wallet()
    hold = hold_of_call(call_id).filter(settled_micros=None).first()
    if hold is None or key not in hold.legs:
        return
    turn(hold, at_ms=at_ms, per_minute_micros=hold.per_minute_micros - hold.legs[key])
    hold.legs = {other: micros for other, micros in hold.legs.items() if other != key}
    less = max(0, hold.amount_micros - amount_for(hold, hold.held_ms))
    room = _room(wallet)
    room.gives_back(counted_on(hold), less, began=hold.created_at)
    _take(wallet, room, hold, -less)


def _take(wallet: Wallet, room: limits.Room, hold: Hold, more: int) -> None:
    room.save()
    hold.amount_micros += more
    hold.save(update_fields=TURNED)
    wallet.held_micros += more
    wallet.save(update_fields=HELD_FIELDS)


def _room(wallet: Wallet) -> limits.Room:
    return limits.room(tenant_id=wallet.tenant_id, now=timezone.now(), limited=wallet.limited)


def _refuse(
    wallet: Wallet, needed: int, on: tuple[tuple[str, UUID], ...], what: str, *, began: datetime
) -> NoReturn:
    """Says in words what has no money: of the wallet, or of a limit."""
    if needed > wallet.available_micros:
        raise NotEnoughMoney(
            f"{what} needs {in_words(needed)} to begin, and "
            f"{in_words(wallet.available_micros)} are free in the balance: top it up, then call again.",
            needed_micros=needed,
            available_micros=wallet.available_micros,
        )
    words = limits.refusal(tenant_id=wallet.tenant_id, counted_on=on, amount_micros=needed, began=began)
    raise LimitReached(words or "The call was paid for already.", code="spend_limit")


def _fitting(wallet: Wallet, wanted: Mapping[UUID, HoldRequest], now: datetime) -> list[Hold]:
    rows, room = [], limits.room(tenant_id=wallet.tenant_id, now=now, limited=wallet.limited)
    left_ms = _minutes_left_ms(wanted.values(), now)
    for call, wish in wanted.items():
        request = _as_promised(wish, left_ms)
        amount = held_at_first(request)
        if amount <= wallet.available_micros and room.takes(request.counted_on, amount, began=now):
            wallet.held_micros += amount
            left_ms -= request.included_ms
            rows.append(_hold(wallet, call, request, amount, now))
    room.save()
    return rows


def _minutes_left_ms(requests: Collection[HoldRequest], now: datetime) -> int:
    """Of the plan's minutes, promised to nobody; not looked for when nobody asks for them."""
    if not any(request.included_ms for request in requests):
        return 0
    return 1000 * unpromised_s(plan_of(at=now), at=now)


def _as_promised(request: HoldRequest, left_ms: int) -> HoldRequest:
    if request.included_ms <= left_ms:
        return request
    per_minute = request.per_minute_micros + request.instead_micros
    return replace(request, per_minute_micros=per_minute, included_ms=0, instead_micros=0)


def _hold(wallet: Wallet, call: UUID, request: HoldRequest, amount: int, now: datetime) -> Hold:
    return Hold(
        tenant_id=wallet.tenant_id,
        created_at=now,
        subject=HoldSubject.CALL,
        subject_id=call,
        amount_micros=amount,
        per_minute_micros=request.per_minute_micros,
        rounding_s=request.rounding_s,
        held_ms=request.first_ms if request.per_minute_micros else request.most_ms,
        most_ms=request.most_ms,
        tariff=dict(request.tariff),
        counted_on=[[scope, row.hex] for scope, row in request.counted_on],
        included_ms=request.included_ms,
    )


def _extend(wallet: Wallet, room: limits.Room, hold: Hold, needed_ms: int, spent: Spent | None) -> bool:
    """Whether the hold has changed."""
    was = hold.held_ms, hold.before_micros, hold.amount_micros
    if spent is not None:
        hold.before_micros += max(0, spent.micros - amount_for(hold, spent.ms))
    step_ms = 1000 * hold.rounding_s
    hold.held_ms = max(hold.held_ms, min(-(-needed_ms // step_ms) * step_ms, hold.most_ms))
    more = max(0, amount_for(hold, hold.held_ms) - hold.amount_micros)
    most = room.most(counted_on(hold), min(more, wallet.available_micros), began=hold.created_at)
    if most < more:
        hold.held_ms = reach_ms(hold, hold.amount_micros + most)
        more = min(most, max(0, amount_for(hold, hold.held_ms) - hold.amount_micros))
    if more and room.takes(counted_on(hold), more, began=hold.created_at):
        hold.amount_micros += more
        wallet.held_micros += more
    return was != (hold.held_ms, hold.before_micros, hold.amount_micros)
