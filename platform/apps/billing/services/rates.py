"""Whose plan is which, what is left of its minutes, and the rates that apply. In the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from apps.billing.models import (
    Hold,
    HoldSubject,
    LimitPeriod,
    MinutesUsed,
    Plan,
    PlanOfTenant,
    Rate,
    RateOf,
)
from apps.billing.periods import ends_at
from apps.billing.prices import Telephony
from apps.billing.selectors import lock_wallet
from tenants.errors import InvalidInput
from tenants.models import Membership
from tenants.selectors import open_invitations

FIRST_PLAN = "pay_as_you_go"
"""Of tenants that have no other."""


def plans(*, chosen: UUID | None = None) -> QuerySet[Plan]:
    """Those that a tenant can choose, and the one that it has, `chosen`."""
    return Plan.objects.filter(Q(archived_at=None) | Q(pk=chosen))


def offered(*, own: Plan) -> list[Plan]:
    """The same in the order to show them, with the first plan also where staff have deleted it."""
    rows = list(plans(chosen=own.pk))
    first = own if own.code == FIRST_PLAN else first_plan()
    return [first, *rows] if first._state.adding else rows


def plan_of(*, at: datetime | None = None) -> Plan:
    """The tenant's plan at that time, now when it is left out."""
    at = at or timezone.now()
    had = PlanOfTenant.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at, plan=OuterRef("pk"))
    rows = Plan.objects.annotate(own=Exists(had)).filter(Q(own=True) | Q(code=FIRST_PLAN))
    return rows.order_by("-own").first() or first_plan()


def plan_since() -> datetime | None:
    """Since when the tenant has its plan; None: since it is there."""
    return PlanOfTenant.objects.filter(until=None).values_list("since", flat=True).first()


def seats_taken() -> int:
    """Members, and those who can still accept an invitation."""
    return Membership.objects.count() + open_invitations().filter(expires_at__gt=timezone.now()).count()


def first_plan() -> Plan:
    """The plan of everybody; as the settings say, should staff have deleted it."""
    return Plan.objects.filter(code=FIRST_PLAN).first() or Plan(code=FIRST_PLAN, name="Pay as you go")


def concurrency_of(tenants: Collection[UUID], *, at: datetime) -> dict[UUID, int]:
    """How many calls at a time the plans of these tenants have; one without a limit is missing. In the scope
    of one of them, or of the platform."""
    had = PlanOfTenant.objects.filter(Q(until=None) | Q(until__gt=at), tenant__in=tenants, since__lte=at)
    named = dict(had.order_by("since").values_list("tenant_id", "plan__concurrency"))
    first = first_plan().concurrency
    most = {tenant: named.get(tenant, first) for tenant in tenants}
    return {tenant: limit for tenant, limit in most.items() if limit is not None}


def put_on_plan(*, code: str, at: datetime, paid: bool = False) -> PlanOfTenant:
    """The tenant has this plan from `at` on. The same again changes nothing. InvalidInput for a plan that
    nobody can choose; `paid`: one that was archived since it was chosen is given all the same. The tenant's
    plans are changed by one at a time: lock what asks for it."""
    present = PlanOfTenant.objects.select_for_update(no_key=True, of=("self",)).filter(until=None).first()
    if present is not None and present.plan.code == code:
        return present
    plan = (Plan.objects.all() if paid else plans()).filter(code=code).first()
    if plan is None:
        raise InvalidInput("There is no such plan to choose.", field="plan", code="unknown")
    if present is not None:
        at = max(at, present.since)
        present.until = at
        present.save(update_fields=["until", "updated_at"])
    return PlanOfTenant.objects.create(plan=plan, since=at)


def use_included(*, seconds: int, at: datetime, own_s: int = 0) -> int:
    """Takes up to `seconds` of the plan's minutes of the month of `at`, when the call began that they are
    for; how many there were. `own_s` were promised to it; what is promised to others is not there.

    In the transaction that settles the call. The plan's minutes are counted under the wallet's lock, which
    is taken here.
    """
    minutes = plan_of(at=at).included_minutes
    if not minutes or seconds <= 0:
        return 0
    lock_wallet()
    row, _ = MinutesUsed.objects.get_or_create(month=month_of(at))
    others_s = promised_s(at=at) - own_s
    covered = max(0, min(seconds, 60 * minutes - row.seconds - others_s))
    if covered:
        row.seconds += covered
        row.save(update_fields=["seconds", "updated_at"])
    return covered


def included_left_s(plan: Plan, *, at: datetime) -> int:
    """What is left of the plan's minutes in the month of `at`."""
    return max(0, 60 * plan.included_minutes - used_s(at=at)) if plan.included_minutes else 0


def unpromised_s(plan: Plan, *, at: datetime) -> int:
    """What is left of them and promised to no call that goes on."""
    return max(0, included_left_s(plan, at=at) - promised_s(at=at)) if plan.included_minutes else 0


def promised_s(*, at: datetime) -> int:
    """What of included minutes is promised to calls that began in the month of `at` and go on."""
    began = datetime.combine(month_of(at), time.min, tzinfo=UTC)
    rows = Hold.objects.filter(
        subject=HoldSubject.CALL,
        settled_micros=None,
        included_ms__gt=0,
        created_at__gte=began,
        created_at__lt=ends_at(LimitPeriod.MONTH, began),
    )
    return int(rows.aggregate(sum=Sum("included_ms"))["sum"] or 0) // 1000


def used_s(*, at: datetime) -> int:
    """What is used up of included minutes in the month of `at`."""
    used = MinutesUsed.objects.filter(month=month_of(at)).values_list("seconds", flat=True).first()
    return used or 0


def month_of(at: datetime) -> date:
    """Its first day, in UTC."""
    return at.astimezone(UTC).date().replace(day=1)


def number_price_micros(monthly_micros: int) -> int:
    """What the tenant pays a month for a number that its carrier takes `monthly_micros` for."""
    return monthly_micros + plan_of().number_micros_month


def message_price_micros(*, carrier: str, e164: str, parts: int, at: datetime | None = None) -> int | None:
    """Of a text message of so many parts to `e164`; None: there is no rate, so that none may be sent."""
    rate = rate_for(carrier=carrier, direction=RateOf.MESSAGE, e164=e164, at=at or timezone.now())
    return None if rate is None else rate.micros_per_minute * parts


def rate_for(*, carrier: str, direction: str, e164: str, at: datetime) -> Rate | None:
    """The rate of the longest prefix of `e164` that is in force at `at`; None when there is none."""
    return rates_for(carrier=carrier, direction=direction, numbers=[e164], at=at).get(e164)


def rates_for(*, carrier: str, direction: str, numbers: Collection[str], at: datetime) -> Mapping[str, Rate]:
    """The same of many numbers, in one query; those without a rate are missing."""
    digits = {number: number.removeprefix("+") for number in numbers}
    prefixes = {d[:n] for d in digits.values() for n in range(len(d) + 1)}
    rows = Rate.objects.filter(
        Q(effective_until=None) | Q(effective_until__gt=at),
        carrier=carrier,
        direction=direction,
        prefix__in=prefixes,
        effective_from__lte=at,
    )
    by_prefix = {row.prefix: row for row in rows.order_by()}
    found = {number: _longest(by_prefix, d) for number, d in digits.items()}
    return {number: rate for number, rate in found.items() if rate is not None}


def _longest(rates: Mapping[str, Rate], digits: str) -> Rate | None:
    return next((rates[digits[:n]] for n in range(len(digits), -1, -1) if digits[:n] in rates), None)


def telephony_of(rate: Rate) -> Telephony:
    """The part of a call's tariff that the rate is."""
    where = f" {rate.name}" if rate.name else ""
    way = "to" if rate.direction == RateOf.OUTBOUND else "on"
    return Telephony(
        what=f"{rate.carrier} {way} +{rate.prefix}{where}"[:200],
        micros_per_minute=rate.micros_per_minute,
        first_s=rate.first_s,
        step_s=rate.step_s,
    )
