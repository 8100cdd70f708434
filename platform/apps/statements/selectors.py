"""Reads of usage and invoices, in the tenant's scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Sum

from apps.agents.models import Agent
from apps.billing.models import CURRENCY
from apps.campaigns.models import Campaign
from apps.numbers.models import PhoneNumber
from apps.statements.components import words_of
from apps.statements.models import Invoice, StatementSettings, UsageDay
from tenants.errors import InvalidInput, NotFound
from tenants.ids import to_public
from tenants.models import TenantModel

GroupBy = Literal["day", "agent", "campaign", "number", "component"]
GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)
DEFAULT_DAYS, MAX_DAYS = 30, 400
NAMED: Mapping[str, tuple[type[TenantModel], str]] = {
    "agent": (Agent, "name"),
    "campaign": (Campaign, "name"),
    "number": (PhoneNumber, "e164"),
}
NOBODY = {"agent": "Without an agent", "campaign": "Not of a campaign", "number": "Without a number"}


def get_settings(*, lock: bool = False) -> StatementSettings:
    """The tenant's. `lock` keeps everybody else from counting and from making invoices meanwhile."""
    rows = StatementSettings.objects.all()
    return (rows.select_for_update(no_key=True) if lock else rows).get()


@dataclass(frozen=True, slots=True)
class UsageWish:
    """Days from `first` to `last`, both included; of one agent, campaign, number, component; None: of all."""

    first: date
    last: date
    group_by: GroupBy = "day"
    agent: UUID | None = None
    campaign: UUID | None = None
    number: UUID | None = None
    component: str | None = None


@dataclass(slots=True)
class UsageRow:
    """`key`: a day, a public id, a component; None: what has no agent (campaign, number). `components`:
    micros by component."""

    key: str | None
    name: str
    calls: int = 0
    seconds: int = 0
    micros: int = 0
    components: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used; rows by day, or the dearest first."""

    wish: UsageWish
    timezone: str
    total: UsageRow
    rows: list[UsageRow]
    currency: str = CURRENCY


def usage_days(first: date | None, last: date | None, *, now: datetime) -> tuple[date, date]:
    """The days that are asked for; left out: the last `DEFAULT_DAYS`. InvalidInput names what cannot be."""
    today = now.astimezone(ZoneInfo(get_settings().timezone)).date()
    last = last or max(first or today, today)
    if first is None:
        first = date.fromordinal(max(1, last.toordinal() - DEFAULT_DAYS + 1))
    if first > last:
        raise InvalidInput("Give a day that is not after `until`.", field="from")
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput(f"Ask for at most {MAX_DAYS} days.", field="from", code="too_long")
    return first, last


def usage(wish: UsageWish) -> Usage:
    """Sums of what has been counted; what was charged in the last seconds may be missing."""
    found: defaultdict[Any, UsageRow] = defaultdict(lambda: UsageRow(None, ""))
    total = UsageRow(None, "")
    by_component = wish.group_by == "component"
    # Calls are counted by the rows without a component, but where only one component is asked about.
    counting = wish.component if wish.component is not None else ""
    for key, component, calls, seconds, micros in _sums(wish):
        counts = component == counting
        _add(total, component, calls * counts, seconds * counts, micros)
        if component or not by_component:
            counts = counts or by_component
            _add(found[key], component, calls * counts, seconds * counts, micros)
    return Usage(wish, get_settings().counted_in, total, _named(wish, found))


def _sums(wish: UsageWish) -> Iterable[tuple[Any, str, int, int, int]]:
    """By group and component: calls, seconds, micros."""
    rows = UsageDay.objects.filter(day__gte=wish.first, day__lte=wish.last)
    for name in ("agent", "campaign", "number", "component"):
        if (value := getattr(wish, name)) is not None:
            rows = rows.filter(**{name: value})
    grouped = rows.order_by().values_list(wish.group_by).annotate(what=F("component"))
    return grouped.annotate(Sum("calls"), Sum("seconds"), Sum("micros"))


def get_invoice(invoice_id: UUID) -> Invoice:
    """NotFound when the tenant has none of this id."""
    found = Invoice.objects.filter(pk=invoice_id).first()
    if found is None:
        raise NotFound("There is no such invoice.")
    return found


def _add(row: UsageRow, component: str, calls: int, seconds: int, micros: int) -> None:
    row.calls += calls
    row.seconds += seconds
    row.micros += micros
    if component:
        row.components[component] = row.components.get(component, 0) + micros


def _named(wish: UsageWish, found: Mapping[Any, UsageRow]) -> list[UsageRow]:
    if wish.group_by == "day":
        days = (wish.first + timedelta(days=n) for n in range((wish.last - wish.first).days + 1))
        return [_with(found.get(day, UsageRow(None, "")), day.isoformat(), day.isoformat()) for day in days]
    if wish.group_by == "component":
        rows = [_with(row, str(key), words_of(str(key))) for key, row in found.items()]
    else:
        names = _names(wish.group_by, [key for key in found if isinstance(key, UUID)])
        rows = [
            _with(row, *names[key]) if isinstance(key, UUID) else _with(row, None, NOBODY[wish.group_by])
            for key, row in found.items()
        ]
    return sorted(rows, key=lambda row: (-row.micros, -row.calls, row.name))


def _with(row: UsageRow, key: str | None, name: str) -> UsageRow:
    row.key, row.name = key, name
    return row


def _names(of: GroupBy, ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Public id and name by id; what has gone since has its id alone."""
    model, name = NAMED[of]
    names = dict(model._default_manager.filter(pk__in=ids).values_list("pk", name))
    return {pk: (to_public(model.id_prefix, pk), names.get(pk, "Deleted")) for pk in ids}
