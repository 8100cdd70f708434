"""Background work of the test suites."""

from __future__ import annotations

from celery import shared_task

from apps.suites.services.audio import take_call
from apps.suites.services.dispatch import advance
from apps.suites.services.enqueue import ADVANCE, CALL_OVER, SETTLE, ids
from apps.suites.services.publications import settle_publication
from apps.suites.services.reconcile import reconcile


@shared_task(name=ADVANCE, ignore_result=True)
def advance_run(tenant_id: str, run_id: str) -> None:
    """A run's waiting cases are given to media nodes. Twice does no harm."""
    advance(*ids(tenant_id, run_id))


@shared_task(name=SETTLE, ignore_result=True)
def settle(tenant_id: str, publication_id: str) -> None:
    """A publication's runs may all be over. Twice does no harm."""
    settle_publication(*ids(tenant_id, publication_id))


@shared_task(name=CALL_OVER, ignore_result=True)
def call_over(tenant_id: str, case_id: str) -> None:
    """The call of a case over audio has ended. Twice does no harm."""
    take_call(*ids(tenant_id, case_id))


@shared_task(name="suites.reconcile", ignore_result=True)
def reconcile_suites() -> None:
    """Finds what got lost (`services.reconcile`). Beat asks every 10 s; two at once do no harm."""
    reconcile()
