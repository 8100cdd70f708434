"""Reads of money, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.billing.models import (
    AccountKind,
    CallCharge,
    Entry,
    Hold,
    HoldSubject,
    OutboundStop,
    Posting,
    Spend,
    SpendLimit,
    Wallet,
)
from apps.billing.periods import ends_at
from apps.billing.values import Line
from tenants.errors import NotFound
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

NEAR = timedelta(hours=1)
"""Longer than between the making of an id and of its row's time."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost; before it is `settled`, what is held for it. `lines` are made as it is settled."""

    total_micros: int
    settled: bool
    lines: tuple[Line, ...]


def get_wallet() -> Wallet:
    """The tenant's."""
    return Wallet.objects.get()


def lock_wallet(tenant_id: UUID | None = None) -> Wallet:
    """The wallet of the tenant, or of the one in force, held until the transaction ends: lock it last of all.
    In any scope that sees it."""
    rows = Wallet.objects.select_for_update(no_key=True)
    return rows.get(tenant_id=tenant_id or current_tenant_id())


def available() -> int:
    """What the tenant may still spend: not promised to anything."""
    return get_wallet().available_micros


def charges_of(call_ids: Collection[UUID]) -> dict[UUID, int]:
    """What each of the calls cost; one that nothing was held for, or that is not settled, is missing."""
    rows = Hold.objects.filter(subject_id__in=call_ids, settled_micros__isnull=False)
    return {call: int(charge or 0) for call, charge in rows.values_list("subject_id", "settled_micros")}


def tariff_of(call_id: UUID) -> Mapping[str, Any] | None:
    """By what the call is charged, as its `HoldRequest` said; None: nothing was ever held for it."""
    return hold_of_call(call_id).values_list("tariff", flat=True).first()


def hold_of_call(call_id: UUID) -> QuerySet[Hold]:
    return Hold.objects.filter(subject=HoldSubject.CALL, subject_id=call_id)


def cost_of(call_id: UUID) -> Cost | None:
    """None: nothing was ever held for the call."""
    hold = hold_of_call(call_id).first()
    if hold is None:
        return None
    if hold.settled_micros is None:
        return Cost(hold.amount_micros, False, ())
    charge = CallCharge.objects.filter(call=call_id).prefetch_related("lines").first()
    lines = charge.lines.all() if charge else ()
    return Cost(hold.settled_micros, True, tuple(_line(row) for row in lines))


def _line(row: Any) -> Line:
    return Line(**{name: getattr(row, name) for name in Line.__dataclass_fields__})


def entries() -> QuerySet[Entry]:
    """The tenant's, newest first, each with what it did to the wallet: `amount_micros` (0: nothing) and
    `balance_after_micros` (null: nothing)."""
    of_wallet = Posting.objects.filter(entry=OuterRef("pk"), account=AccountKind.WALLET)
    return Entry.objects.annotate(
        amount_micros=Subquery(of_wallet.values("amount_micros")[:1]),
        balance_after_micros=Subquery(of_wallet.values("balance_after_micros")[:1]),
    )


def get_limit(limit_id: UUID) -> SpendLimit:
    """NotFound when there is none."""
    limit = SpendLimit.objects.filter(pk=limit_id).first()
    if limit is None:
        raise NotFound("There is no such limit.")
    return limit


def spent(limit: SpendLimit, start: date) -> int:
    """What the calls that began in the period from `start` have cost and hold."""
    row = Spend.objects.filter(limit=limit, period_start=start).first()
    return row.micros if row else counted(limit, start)


def counted(limit: SpendLimit, start: date, *, open_only: bool = False) -> int:
    """What the calls that began in the period from `start` have cost and hold; with `open_only` what those
    hold that go on. From the holds themselves."""
    began = datetime(start.year, start.month, start.day, tzinfo=UTC)
    until = ends_at(limit.period, began)
    rows = Hold.objects.filter(
        tenant_id=limit.tenant_id,
        subject=HoldSubject.CALL,
        created_at__gte=began,
        created_at__lt=until,
        # Ids are made in order of time: the index of the primary key leads there.
        pk__gte=first_id_at(began - NEAR),
        pk__lt=first_id_at(until + NEAR),
    ).filter(_counts_on(limit))
    if open_only:
        rows = rows.filter(settled_micros=None)
    cost = Coalesce(F("settled_micros"), F("amount_micros"))
    return int(rows.aggregate(sum=Sum(cost))["sum"] or 0)


def _counts_on(limit: SpendLimit) -> Q:
    if limit.scope_id is None:
        return Q()
    return Q(counted_on__contains=[[limit.scope, limit.scope_id.hex]])


def outbound_stopped() -> str:
    """Why no outbound call of the tenant in force may begin, in words; "": they may."""
    return OutboundStop.objects.filter(lifted_at=None).values_list("words", flat=True).first() or ""
