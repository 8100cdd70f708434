"""Housekeeping of the API."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apps.api.idempotency import KEPT
from apps.api.models import IdempotencyKey
from tenants.scope import platform_scope


@shared_task(name="api.purge_idempotency_keys")
def purge_idempotency_keys() -> int:
    """Delete the answers that are older than 24 hours; how many there were. Twice does no harm."""
    with platform_scope():
        deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted
