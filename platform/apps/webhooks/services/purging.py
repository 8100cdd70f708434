"""What was delivered, or given up, a month ago is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from apps.webhooks.models import EndpointSecret
from tenants.ids import first_id_at
from tenants.scope import platform_scope

KEPT = timedelta(days=30)
NUMBERS_KEPT = timedelta(days=365)
"""The newest event of a key stays as an empty one: the next event of that key would be number 1 again."""

AT_ONCE = 1_000
_BEGINNING = UUID(int=0)
_keepers: list[Callable[[], set[UUID]]] = []


def keep_events_of(tenants: Callable[[], set[UUID]]) -> None:
    """Has `delete_old` leave the events of these tenants alone; asked in the platform scope. Called as
    applications start."""
    if tenants not in _keepers:
        _keepers.append(tenants)


def delete_old(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Deletes events older than KEPT with their deliveries and attempts, a batch in a transaction, unless
    they still wait for somebody; how many. Interrupted, the next one goes on."""
    forgotten, after = 0, _BEGINNING
    before, long_ago = first_id_at(now - KEPT), first_id_at(now - NUMBERS_KEPT)
    while True:
        with platform_scope():
            kept = {tenant for keeper in _keepers for tenant in keeper()}
            rows = _look(after, before, at_once, kept)
            if not rows:
                break
            after = rows[-1][0]
            over = [pk for pk, waits, _ in rows if not waits]
            newest = {pk for pk, _, last in rows if last}
            _forget(over, empty=[pk for pk in over if pk in newest])
            forgotten += len(over)
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM webhooks_event WHERE emptied AND id < %s", [long_ago])
        EndpointSecret.objects.filter(expires_at__lt=now).delete()
    return forgotten


def _look(after: UUID, before: UUID, most: int, kept: set[UUID]) -> list[tuple[UUID, bool, bool]]:
    """Id; whether it still waits; whether it is the newest of its key."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [after, before, list(kept), most])
        rows: list[tuple[UUID, bool, bool]] = cursor.fetchall()
        return rows


def _forget(ids: Sequence[UUID], *, empty: Sequence[UUID]) -> None:
    gone = [pk for pk in ids if pk not in set(empty)]
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_ATTEMPTS, [list(ids)])
        cursor.execute("DELETE FROM webhooks_delivery WHERE event_id = ANY(%s)", [list(ids)])
        cursor.execute("DELETE FROM webhooks_event WHERE id = ANY(%s)", [gone])
        cursor.execute(
            "UPDATE webhooks_event SET data = '{}', emptied = true WHERE id = ANY(%s)", [list(empty)]
        )


_LOOK = """
SELECT e.id,
       EXISTS (SELECT 1 FROM webhooks_delivery d WHERE d.event_id = e.id AND d.state = 'pending'),
       NOT e.test AND NOT EXISTS (
         SELECT 1 FROM webhooks_event n
          WHERE n.tenant_id = e.tenant_id AND n.key = e.key AND n.sequence > e.sequence)
  FROM webhooks_event e WHERE NOT e.emptied AND e.id > %s AND e.id < %s
   AND NOT e.tenant_id = ANY(%s) ORDER BY e.id LIMIT %s
"""
_EMPTY = "UPDATE webhooks_event SET data = '{}', emptied = true WHERE id = ANY(%s)"
_DELETE_ATTEMPTS = """
DELETE FROM webhooks_deliveryattempt a USING webhooks_delivery d
 WHERE a.delivery_id = d.id AND d.event_id = ANY(%s)
"""
