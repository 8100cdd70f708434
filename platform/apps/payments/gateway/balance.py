"""What moved in Stripe's own books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stripe.params import BalanceTransactionListParams

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, plain
from apps.payments.gateway.facts import Movement

PAGE = 100


def movements(*, since: datetime, until: datetime) -> Iterator[Movement]:
    """The balance transactions from `since` to before `until`, the newest first; page by page."""
    params: BalanceTransactionListParams = {
        "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
        "limit": PAGE,
        "expand": ["data.source"],
    }
    with asking() as stripe:
        rows = stripe.v1.balance_transactions.list(params=params)
        for row in rows.auto_paging_iter():
            yield facts.movement(plain(row))
