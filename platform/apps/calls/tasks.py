"""Background work of the calls."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.calls.services.dialing import ENQUEUE, enqueue_dial
from apps.calls.services.files_to_delete import delete_due
from apps.calls.services.indexing import index_missing
from apps.calls.services.paying_on import pay_on
from apps.calls.services.reconcile import reconcile
from apps.calls.services.silencing import JOB as SILENCE
from apps.calls.services.silencing import silence, silence_sealed
from apps.calls.services.storage_charges import charge_storage
from apps.calls.services.stray_holds import settle_strays
from apps.calls.services.sum_trunks import sum_trunks


@shared_task(name="calls.reconcile", ignore_result=True)
def reconcile_calls() -> None:
    """Finds what got lost (`services.reconcile`). Beat asks every 5 s; two at once do no harm."""
    reconcile()


@shared_task(name="calls.extend_holds", ignore_result=True)
def extend_holds_of_calls() -> None:
    """Holds more money for calls that last (`services.paying_on`). Beat asks every 5 s; two at once do no
    harm."""
    pay_on(now=timezone.now())


@shared_task(name=ENQUEUE, ignore_result=True)
def enqueue_dial_job(tenant_id: str, call_id: str) -> None:
    """The time has come to dial a call that had to wait for its trunk. Twice does no harm."""
    enqueue_dial(UUID(tenant_id), UUID(call_id))


@shared_task(name="calls.sum_trunks", ignore_result=True)
def sum_trunk_figures() -> None:
    """Sums trunks' calls that have settled (`services.sum_trunks`). Beat asks every 15 minutes."""
    sum_trunks()


@shared_task(name="calls.charge_storage", ignore_result=True)
def charge_for_storage() -> None:
    """Charges the recordings that were kept yesterday (`services.storage_charges`). Beat asks every hour; two
    at once do no harm."""
    charge_storage(now=timezone.now())


@shared_task(name="calls.settle_strays", ignore_result=True)
def settle_stray_holds() -> None:
    """Settles holds of calls that are over (`services.stray_holds`). Beat asks every hour; two at once do no
    harm."""
    settle_strays(now=timezone.now())


@shared_task(name="calls.delete_files", ignore_result=True)
def delete_files() -> None:
    """Deletes files that must go and have not gone (`services.files_to_delete`). Beat asks every minute."""
    delete_due()


@shared_task(name=SILENCE, ignore_result=True)
def silence_recording(tenant_id: str, call_id: str) -> None:
    """Something is to be silenced in a recording (`services.silencing`). Twice does no harm."""
    silence(UUID(tenant_id), UUID(call_id))


@shared_task(name="calls.silence_sealed", ignore_result=True)
def silence_sealed_recordings() -> None:
    """Finds recordings that wait to be silenced, whatever got lost. Beat asks every 30 s."""
    silence_sealed()


@shared_task(name="calls.index_transcripts", ignore_result=True)
def index_transcripts() -> None:
    """Indexes words of calls that are in no index (`services.indexing`). Beat asks every minute."""
    index_missing()
