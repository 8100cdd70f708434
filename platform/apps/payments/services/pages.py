"""Pages of Stripe's that are no payment's: where a card is saved, where a plan is paid."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from apps.payments.models import StripeEvent
from tenants.scope import platform_scope

PAGE = "page"
"""The type of a row that no event of Stripe's made: a page was opened."""

OFTEN = timedelta(seconds=15)
"""While somebody may sit before it, which is so for `SITS`."""

SITS = timedelta(minutes=15)


def follow_page(session_id: str) -> None:
    """A page has been opened: what becomes of it is asked until it is over, should nobody tell of it. Outside
    any transaction."""
    with platform_scope():
        StripeEvent.objects.create(
            event_id=f"page:{session_id}",
            type=PAGE,
            object_kind="checkout.session",
            object_id=session_id,
            next_at=timezone.now() + OFTEN,
        )


def next_look_at_page(event: StripeEvent, *, now: datetime) -> datetime:
    return now + (OFTEN if now - event.created_at < SITS else timedelta(hours=1))
