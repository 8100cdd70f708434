"""What moved in Stripe's own books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, plain
from apps.payments.gateway.facts import Movement

PAGE = 100


def movements(*, since: datetime, until: datetime) -> Iterator[Movement]:
    """The balance transactions from `since` to before `until`, the newest first; page by page."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    with asking() as stripe:
        rows = stripe.v1.balance_transactions.list(params={"created": created, "limit": PAGE})
        for row in rows.auto_paging_iter():
            yield facts.movement(plain(row))
