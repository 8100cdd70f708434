"""Spending that is not like this tenant's: a stolen key, a loop in somebody's program, a bought list.

What is sudden is measured by the tenant's own past, from what is held and settled for its calls. A tenant
whose outbound calls were let go on after a stop has said that so much is right: only much more than that is
sudden then.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from apps.billing.models import OutboundStop, StopKind
from apps.billing.services.posting import in_words
from apps.billing.services.stops import stop_outbound
from tenants.ids import first_id_at
from tenants.scope import platform_scope, tenant_scope

PREMIUM_TRIES = 10
"""Of premium-rate numbers in an hour, all refused: whoever has the key is looking for one that works."""


STOP_FOR_PREMIUM = "billing.stop_for_premium"


@dataclass(frozen=True, slots=True)
class Rule:
    """The last `span` is sudden when it costs more than `least_micros`, and more than
    `settings.ANOMALY_FACTOR` times the dearest span of the `past` before it."""

    kind: StopKind
    span: timedelta
    past: timedelta
    past_in_words: str
    setting: str

    @property
    def least_micros(self) -> int:
        return int(getattr(settings, self.setting))


RULES = (
    Rule(StopKind.HOUR, timedelta(hours=1), timedelta(days=7), "week", "ANOMALY_HOUR_MICROS"),
    Rule(StopKind.DAY, timedelta(days=1), timedelta(days=30), "30 days", "ANOMALY_DAY_MICROS"),
)

# Ids are made in order of time, so that the index of the primary key leads to a span of it.
_SPENT = """
SELECT tenant_id, sum(coalesce(settled_micros, amount_micros))::bigint FROM billing_hold
 WHERE id >= %s AND subject = 'call' GROUP BY 1 HAVING sum(coalesce(settled_micros, amount_micros)) > %s
"""
_DEAREST = """
SELECT coalesce(max(spent), 0)::bigint FROM (
  SELECT sum(coalesce(settled_micros, amount_micros)) AS spent FROM billing_hold
   WHERE tenant_id = %s AND id >= %s AND id < %s AND subject = 'call'
   GROUP BY date_bin(%s, created_at, %s)) AS spans
"""


def look(*, now: datetime) -> int:
    """Stops the outbound calls of tenants whose spending is sudden; how many stops there are. Twice at once
    does no harm."""
    return sum(_look(rule, now=now) for rule in RULES if rule.least_micros)


def premium_refused(tenant_id: UUID) -> None:
    """Notes that a premium-rate number was to be called; so often in an hour, and the tenant's calls stop.
    The count is kept where nothing else is lost with it, and the stop is another transaction's: this one
    fails."""
    key = f"billing:premium:{tenant_id.hex}"
    cache.add(key, 0, timeout=3600)
    with suppress(ValueError):  # forgotten meanwhile
        if cache.incr(key) == PREMIUM_TRIES:
            current_app.send_task(STOP_FOR_PREMIUM, args=[str(tenant_id)])


def stop_for_premium(tenant_id: UUID) -> None:
    """Outbound calls stop: somebody tries premium-rate numbers."""
    words = (
        f"{PREMIUM_TRIES} premium-rate numbers were to be called within an hour; none was. That is what"
        " somebody does who has stolen a key: look through the API keys and their last use, revoke what you"
        " do not know, then lift this stop."
    )
    with tenant_scope(tenant_id):
        stop_outbound(kind=StopKind.PREMIUM, words=words)


def _look(rule: Rule, *, now: datetime) -> int:
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute(_SPENT, [first_id_at(now - rule.span), rule.least_micros])
        spent = dict(cursor.fetchall())
    return sum(_judge(rule, tenant, micros, now=now) for tenant, micros in spent.items())


def _judge(rule: Rule, tenant_id: UUID, spent: int, *, now: datetime) -> int:
    with tenant_scope(tenant_id):
        dearest = max(_dearest(rule, tenant_id, now=now), _let_pass(rule, now=now))
        if spent <= settings.ANOMALY_FACTOR * dearest:
            return 0
        words = (
            f"The calls of the last {rule.kind.value} cost {in_words(spent)}; the dearest {rule.kind.value}"
            f" of the {rule.past_in_words} before cost {in_words(dearest)}. If that is right, lift this stop;"
            " if not, look through the API keys and campaigns first."
        )
        stop_outbound(kind=rule.kind, words=words, spent_micros=spent)
        return 1


def _dearest(rule: Rule, tenant_id: UUID, *, now: datetime) -> int:
    before, first = now - rule.span, now - rule.past - rule.span
    values: list[Any] = [tenant_id, first_id_at(first), first_id_at(before), rule.span, first]
    with connection.cursor() as cursor:
        cursor.execute(_DEAREST, values)
        return int(cursor.fetchone()[0])


def _let_pass(rule: Rule, *, now: datetime) -> int:
    """What was spent when a stop of the kind was made that somebody has lifted since."""
    lifted = OutboundStop.objects.filter(kind=rule.kind, lifted_at__gte=now - rule.past)
    return max(lifted.values_list("spent_micros", flat=True), default=0)
