"""Work on money in the background: billing.* runs on the queue `billing`."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.billing.services import anomalies


@shared_task(name="billing.look_for_anomalies", ignore_result=True)
def look_for_anomalies() -> None:
    """Stops outbound calls of tenants whose spending is sudden (`services.anomalies`). Beat asks every
    minute; two at once do no harm."""
    anomalies.look(now=timezone.now())


@shared_task(name=anomalies.STOP_FOR_PREMIUM, ignore_result=True)
def stop_for_premium(tenant_id: str) -> None:
    """Stops a tenant's outbound calls because of premium-rate numbers. Twice does no harm."""
    anomalies.stop_for_premium(UUID(tenant_id))
