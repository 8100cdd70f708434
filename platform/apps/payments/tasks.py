"""Background work of payments."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.payments.errors import StripeDown
from apps.payments.services.events import TAKE, forget_old, take
from apps.payments.services.looking import look
from apps.payments.services.reconciling import reconcile_due
from apps.payments.services.refunds import SEND, send_refund


@shared_task(name="payments.look", ignore_result=True)
def look_for_due() -> None:
    """Whatever waits. Beat asks every 10 s; twice at once does no harm."""
    look(now=timezone.now())


@shared_task(name=TAKE, ignore_result=True)
def take_event(event_id: str) -> None:
    """Right after Stripe has told of it."""
    take(event_id=UUID(event_id))


@shared_task(name=SEND, ignore_result=True)
def send_one_refund(tenant_id: str, refund_id: str) -> None:
    """Right after it was asked for; what Stripe cannot be told now is told later, by `look`."""
    try:
        send_refund(tenant_id=UUID(tenant_id), refund_id=UUID(refund_id))
    except StripeDown:
        return


@shared_task(name="payments.reconcile", ignore_result=True)
def reconcile_days() -> None:
    """The days that are over and not yet compared. Beat asks every hour."""
    now = timezone.now()
    reconcile_due(now=now)
    forget_old(now=now)
