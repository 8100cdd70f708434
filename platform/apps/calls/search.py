"""Finding calls among a million: by time, by part of a number, by the agent's name.

PostgreSQL uses no index for LIKE under row-level security (its operator could leak rows), so a
search for part of a number reads an index of the numbers from the newest call on, up to a limit.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Q, QuerySet, When

from apps.agents.models import Agent
from apps.calls.models import Call
from tenants.ids import first_id_at, from_public
from tenants.scope import current_tenant_id

SEARCHED = 50_000
"""Calls that are looked through for part of a number."""

FOUND = 1_000
AGENTS = 200
WHOLE_NUMBER_DIGITS = 8
CLOCK_MS = 60_000
"""A row's id and its time of creation are at most this far apart, whatever clocks and waits do."""

_LOWEST, _HIGHEST = UUID(int=0), UUID(int=2**128 - 1)
_PUNCTUATION = re.compile(r"[\s()./+-]")


def created(
    rows: QuerySet[Call], *, after: datetime | None = None, before: datetime | None = None
) -> QuerySet[Call]:
    """Those of `rows` made from `after` on and before `before`; the ids' own time lets an index do it."""
    if after is not None:
        rows = rows.filter(_exactly(created_at__gte=after), pk__gte=first_id_at(after, plus_ms=-CLOCK_MS))
    if before is not None:
        rows = rows.filter(_exactly(created_at__lt=before), pk__lt=first_id_at(before, plus_ms=CLOCK_MS))
    return rows


def _exactly(**condition: datetime) -> Case:
    """A condition on the time, inside the range of ids that says nearly the same.

    As a CASE: PostgreSQL would take the two for independent, expect next to no rows, and sort them all
    instead of reading one page in the order of an index.
    """
    return Case(When(**condition, then=True), default=False, output_field=BooleanField())


def matching(
    rows: QuerySet[Call], text: str, *, after: datetime | None = None, before: datetime | None = None
) -> QuerySet[Call]:
    """Those of `rows` that `text` names: a call's id, digits of a number, the beginning of an agent's name.

    `after` and `before` are the times that `rows` are limited to: the search begins there.
    """
    text = text.strip()
    digits = _PUNCTUATION.sub("", text)
    if text.startswith(Call.id_prefix):
        return _by_id(rows, text)
    if digits.isascii() and digits.isdigit():
        first = first_id_at(after, plus_ms=-CLOCK_MS) if after else _LOWEST
        last = first_id_at(before, plus_ms=1) if before else _HIGHEST
        return _by_number(rows, digits, first, last)
    agents = Agent.objects.filter(name__istartswith=text).values_list("pk", flat=True)
    return rows.filter(agent_id__in=list(agents[:AGENTS]))


def _by_id(rows: QuerySet[Call], text: str) -> QuerySet[Call]:
    try:
        return rows.filter(pk=from_public(Call.id_prefix, text))
    except ValueError:
        return rows.none()


def _by_number(rows: QuerySet[Call], digits: str, first: UUID, last: UUID) -> QuerySet[Call]:
    number = f"+{digits}"
    if len(digits) >= WHOLE_NUMBER_DIGITS and (
        Call.objects.filter(from_number=number).exists() or Call.objects.filter(to_number=number).exists()
    ):
        return rows.filter(Q(from_number=number) | Q(to_number=number))
    return rows.filter(pk__in=_with_digits(digits, first, last))


def _with_digits(digits: str, first: UUID, last: UUID) -> list[UUID]:
    """The newest calls with `digits` in a number, among the newest `SEARCHED` from `first` up to `last`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, from_number, to_number FROM calls_call"
            " WHERE tenant_id = %s AND id >= %s AND id <= %s ORDER BY id DESC LIMIT %s) AS newest"
            " WHERE from_number LIKE %s OR to_number LIKE %s LIMIT %s",
            [current_tenant_id(), first, last, SEARCHED, f"%{digits}%", f"%{digits}%", FOUND],
        )
        return [row[0] for row in cursor.fetchall()]
