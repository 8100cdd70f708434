"""Background work of webhooks: a worker of its own for the queue `webhooks`, with threads."""

from __future__ import annotations

from celery import shared_task
from celery.worker import state
from django.utils import timezone

from apps.webhooks.services.delivering import deliver
from apps.webhooks.services.purging import delete_old
from apps.webhooks.services.waking import DELIVER


# Not repeated by the broker: what is to be delivered is in the database.
@shared_task(name=DELIVER, ignore_result=True, acks_late=False)
def deliver_webhooks() -> None:
    """Delivers all that is due. Asked for after each commit that tells of something, and by beat every
    second; any number at once does no harm."""
    deliver(stopping=lambda: state.should_stop is not None or state.should_terminate is not None)


@shared_task(name="webhooks.delete_old", ignore_result=True)
def delete_old_webhooks() -> None:
    """Forgets what is a month old. Beat asks every ten minutes; twice does no harm."""
    delete_old(now=timezone.now())
