"""Background work of usage, invoices and reconciliation."""

from __future__ import annotations

from celery import shared_task

from apps.statements.services.counting import count_all
from apps.statements.services.invoicing import make_due
from apps.statements.services.reconciling import look

LONGEST_S = 3_600


@shared_task(name="statements.count", ignore_result=True, time_limit=LONGEST_S)
def count_usage() -> None:
    """Counts charges that wait. Beat asks every 10 s; two at once do no harm."""
    count_all()


@shared_task(name="statements.invoices", ignore_result=True, time_limit=LONGEST_S)
def make_invoices() -> None:
    """Makes invoices of months that are over. Beat asks every 15 minutes; two at once do no harm."""
    make_due()


@shared_task(name="statements.reconcile", ignore_result=True, time_limit=LONGEST_S)
def reconcile_carriers() -> None:
    """Compares carriers' records with ours. Beat asks every ten minutes; two at once do no harm."""
    look()
