"""Background work of carriers."""

from __future__ import annotations

from celery import shared_task

from telephony.carriers.keeping import keep_trunks


@shared_task(name="carriers.keep_trunks", ignore_result=True)
def keep() -> None:
    """Beat asks every hour."""
    keep_trunks()
