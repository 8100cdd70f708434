"""Adds the ledger's charges to the sums of usage.

The database has put down a `Fact` for every charge, in its transaction. Here facts that wait are taken, what
they were for is found out, and they are added to the sums, all in one transaction: each exactly once, whoever
dies. The sums can be made anew from the facts at any time, also when the calls are long gone. The row of the
tenant's settings is the lock of its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import DatabaseError, connection
from django.db.models import F, Max, Min, QuerySet
from django.utils import timezone

from apps.billing.models import Entry
from apps.calls.models import Call
from apps.followups.models import TextMessage
from apps.numbers.models import PhoneNumber
from apps.statements.components import OF_INCOME
from apps.statements.models import Fact, FactKind, StatementSettings, UsageDay
from apps.statements.periods import bounds
from tenants.ids import from_public
from tenants.scope import platform_scope, statements_may_take, tenant_scope

log = structlog.get_logger(__name__)

BATCH = 2_000
RECOUNT_MAY_TAKE_S = 600

# What calls were for. A call that is gone (retention) leaves its money, and nothing to count it by.
_OF_CALLS = """
UPDATE statements_fact AS fact
   SET agent = call.agent_id, number = call.number_id, campaign = attempt.campaign_id,
       seconds = (coalesce(call.duration_ms, 0) + 999) / 1000
  FROM billing_callcharge AS charge
  LEFT JOIN calls_call AS call ON call.tenant_id = charge.tenant_id AND call.id = charge.call
  LEFT JOIN campaigns_attempt AS attempt
    ON attempt.tenant_id = charge.tenant_id AND attempt.call_id = charge.call
 WHERE fact.id = ANY(%(facts)s) AND fact.kind = 'call' AND charge.id = fact.id
"""
# The bounds of days come from Python: PostgreSQL may know other time zones than it does.
_ADD = """
WITH fact AS (
  SELECT id, kind, agent, campaign, number, seconds,
         %(first)s::date + width_bucket(at, %(bounds)s::timestamptz[]) - 1 AS day
    FROM statements_fact
   WHERE tenant_id = %(tenant)s AND counted_at IS NOT NULL
     AND (%(facts)s::uuid[] IS NULL OR id = ANY(%(facts)s::uuid[]))
), part AS (
  SELECT day, agent, campaign, number, '' AS component, 1 AS calls, seconds, 0 AS quantity, 0 AS micros
    FROM fact WHERE kind = 'call'
  UNION ALL
  SELECT day, agent, campaign, number, line.component, 1, seconds, sum(line.quantity), sum(line.amount_micros)
    FROM fact JOIN billing_chargeline AS line ON line.tenant_id = %(tenant)s AND line.charge_id = fact.id
   WHERE kind = 'call' GROUP BY fact.id, day, agent, campaign, number, seconds, line.component
  UNION ALL
  SELECT day, agent, campaign, number, income.component, 0, 0, 1, posting.amount_micros
    FROM fact JOIN billing_posting AS posting ON posting.tenant_id = %(tenant)s AND posting.entry_id = fact.id
    JOIN unnest(%(accounts)s::text[], %(components)s::text[]) AS income (account, component)
      ON income.account = posting.account
   WHERE kind = 'entry'
)
INSERT INTO statements_usageday AS known (
  id, created_at, updated_at, tenant_id, day, agent, campaign, number, component, calls, seconds, quantity,
  micros)
SELECT gen_random_uuid(), %(now)s, %(now)s, %(tenant)s, day, agent, campaign, number, component,
       sum(calls), sum(seconds), sum(quantity), sum(micros)
  FROM part GROUP BY day, agent, campaign, number, component
ON CONFLICT (tenant_id, day, agent, campaign, number, component) DO UPDATE
   SET calls = known.calls + excluded.calls, seconds = known.seconds + excluded.seconds,
       quantity = known.quantity + excluded.quantity, micros = known.micros + excluded.micros,
       updated_at = excluded.updated_at
"""


def count_all(*, now: datetime | None = None) -> int:
    """Counts what waits, of every tenant, and all anew of those that have chosen another time zone; how many
    charges waited. Two at once do no harm."""
    with platform_scope():
        moved = StatementSettings.objects.exclude(timezone=F("counted_in"))
        anew = set(moved.values_list("tenant_id", flat=True))
        waiting = set(Fact.objects.filter(counted_at=None).values_list("tenant_id", flat=True).distinct())
    counted = 0
    for tenant_id in anew | waiting:
        try:
            if tenant_id in anew:
                recount(tenant_id, now=now)
            while batch := count(tenant_id, now=now):
                counted += batch
        except DatabaseError:
            log.exception("usage_not_counted", tenant_id=str(tenant_id))  # the others' is, meanwhile
    return counted


def count(tenant_id: UUID, *, now: datetime | None = None) -> int:
    """Counts at most `BATCH` charges of a tenant; how many. None while somebody else counts the tenant's."""
    now = now or timezone.now()
    with tenant_scope(tenant_id):
        kept = _unlocked()
        if kept is None:
            return 0
        facts = list(Fact.objects.filter(counted_at=None).order_by("id")[:BATCH].values_list("pk", "kind"))
        if not facts:
            return 0
        ids = [pk for pk, _ in facts]
        _execute(_OF_CALLS, {"facts": ids})
        for pk, kind in facts:
            if kind == FactKind.ENTRY:
                _of_entry(pk)
        Fact.objects.filter(pk__in=ids).update(counted_at=now)
        _add(tenant_id, ZoneInfo(kept.counted_in), now, Fact.objects.filter(pk__in=ids), ids)
    return len(ids)


def recount(tenant_id: UUID, *, now: datetime | None = None) -> None:
    """Makes all sums of a tenant anew, from its facts and the ledger: after another time zone was chosen."""
    now = now or timezone.now()
    with tenant_scope(tenant_id):
        statements_may_take(RECOUNT_MAY_TAKE_S)
        kept = _unlocked()
        if kept is None:
            return
        kept.counted_in = kept.timezone
        kept.save(update_fields=["counted_in"])
        UsageDay.objects.all().delete()
        _add(tenant_id, ZoneInfo(kept.timezone), now, Fact.objects.filter(counted_at__isnull=False), None)


def _unlocked() -> StatementSettings | None:
    """The tenant's settings, locked; None where somebody else has the lock: nobody waits for who counts."""
    return StatementSettings.objects.select_for_update(no_key=True, skip_locked=True).first()


def _add(
    tenant_id: UUID, zone: ZoneInfo, now: datetime, facts: QuerySet[Fact], ids: Sequence[UUID] | None
) -> None:
    """Adds what is in `facts`: those of `ids`, or all that were counted."""
    times = facts.aggregate(first=Min("at"), last=Max("at"))
    if times["first"] is None:
        return
    first, last = (_day(times[end], zone) for end in ("first", "last"))
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "facts": ids if ids is None else list(ids),
        "first": first,
        "bounds": bounds(first, last, zone),
        "accounts": [str(account) for account in OF_INCOME],
        "components": [str(component) for component in OF_INCOME.values()],
        "now": now,
    }
    _execute(_ADD, values)


def _day(time: datetime, zone: ZoneInfo) -> date:
    return time.astimezone(zone).date()


def _of_entry(entry_id: UUID) -> None:
    """A charge besides calls: whose number it is for, or whose agent sent the message."""
    entry = Entry.objects.filter(pk=entry_id).first()
    if entry is None:
        return
    number = _id_in(entry, PhoneNumber.id_prefix, "rental:")
    message = _id_in(entry, TextMessage.id_prefix, "message:")
    call_id = _id_in(entry, Call.id_prefix, "call:")
    if message is not None:
        call_id = TextMessage.objects.filter(pk=message).values_list("call_id", flat=True).first()
    if number is not None:
        Fact.objects.filter(pk=entry_id).update(number=number)
    if call_id is not None:
        found = Call.objects.filter(pk=call_id).values("agent_id", "number_id").first()
        if found:
            Fact.objects.filter(pk=entry_id).update(agent=found["agent_id"], number=found["number_id"])


def _id_in(entry: Entry, prefix: str, reference: str) -> UUID | None:
    """The id that the entry is about, by its subject (``num_...``) or reference (``rental:<uuid>:...``)."""
    try:
        return from_public(prefix, entry.subject)
    except ValueError:
        pass
    if not entry.reference.startswith(reference):
        return None
    try:
        return UUID(entry.reference.removeprefix(reference).split(":")[0])
    except ValueError:
        return None


def _execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
