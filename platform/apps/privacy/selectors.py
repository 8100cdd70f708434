"""Reads: what is kept how long, what is held, what went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.calls.models import Call
from apps.privacy.models import Kind, LegalHold, PersonRequest, Purge, Retention
from apps.privacy.spellings import Spelled
from tenants.errors import NotFound


def retention_now() -> dict[Kind, int]:
    """Days by kind, of the kinds that do not stay for ever."""
    return {Kind(row.kind): row.days for row in Retention.objects.all()}


def end_of_time_kept(day: date, days: int) -> datetime:
    """What was over before this goes in the purge of `day`: its midnight (UTC), `days` back."""
    return datetime.combine(day, time.min, tzinfo=UTC) - timedelta(days=days)


@dataclass(frozen=True)
class Holds:
    """What must not go, of the holds that were given. A hold on a number holds every call from or to it."""

    rows: tuple[LegalHold, ...]

    @cached_property
    def everything(self) -> bool:
        return any(row.call_id is None and not row.e164 for row in self.rows)

    @cached_property
    def numbers(self) -> list[Spelled]:
        return [Spelled(row.e164) for row in self.rows if row.e164]

    @cached_property
    def spellings(self) -> list[str]:
        """Of the numbers, as columns have them."""
        return [form for number in self.numbers for form in number.columns]

    @cached_property
    def call_ids(self) -> list[UUID]:
        """Of calls that are held one by one."""
        return [row.call_id for row in self.rows if row.call_id]

    def calls(self, below: str = "") -> Q:
        """Held calls; `below`: the path from the rows that are asked about to their call, like "call__"."""
        if self.everything:
            return Q(pk__isnull=False)
        return (
            Q(**{f"{below}pk__in": self.call_ids})
            | Q(**{f"{below}from_number__in": self.spellings})
            | Q(**{f"{below}to_number__in": self.spellings})
        )

    def of_number(self, *columns: str) -> Q:
        """Rows that have a held number in one of `columns`."""
        if self.everything:
            return Q(pk__isnull=False)
        held = Q(pk__in=[])
        for column in columns:
            held |= Q(**{f"{column}__in": self.spellings})
        return held

    @property
    def held_calls(self) -> QuerySet[Call]:
        return Call.objects.filter(self.calls())


def live_holds() -> Holds:
    """Those of the tenant in force that were not released."""
    return Holds(tuple(LegalHold.objects.filter(released_at=None).order_by("pk")))


def tenants_with_holds() -> set[UUID]:
    """In the platform scope: whose data somebody holds."""
    rows = LegalHold.objects.filter(released_at=None)
    return set(rows.values_list("tenant_id", flat=True).distinct().order_by())


def holds_on_person(number: Spelled) -> list[LegalHold]:
    """Live holds that keep something of `number`: everything's, its own, and those of its calls."""
    live = live_holds()
    mine = Call.objects.filter(pk__in=live.call_ids).filter(
        Q(from_number__in=number.columns) | Q(to_number__in=number.columns)
    )
    calls = set(mine.values_list("pk", flat=True))
    return [
        row
        for row in live.rows
        if (row.call_id is None and not row.e164) or row.e164 == number.e164 or row.call_id in calls
    ]


def named(holds: Iterable[LegalHold]) -> str:
    """For people: the names of `holds`, three at most."""
    names = [f"“{row.name}”" for row in holds]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def get_hold(hold_id: UUID, *, lock: bool = False) -> LegalHold:
    """NotFound when there is none."""
    rows = LegalHold.objects.select_for_update(of=("self",)) if lock else LegalHold.objects.all()
    row = rows.filter(pk=hold_id).first()
    if row is None:
        raise NotFound("There is no such legal hold.")
    return row


def get_purge(purge_id: UUID) -> Purge:
    """NotFound when there is none."""
    row = Purge.objects.filter(pk=purge_id).first()
    if row is None:
        raise NotFound("There is no such purge.")
    return row


def get_request(request_id: UUID, *, lock: bool = False) -> PersonRequest:
    """NotFound when there is none."""
    rows = PersonRequest.objects.select_for_update(of=("self",)) if lock else PersonRequest.objects.all()
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise NotFound("There is no such request.")
    return row
