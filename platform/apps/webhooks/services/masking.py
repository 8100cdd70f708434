"""What was taken out of the thing that events are about is taken out of the events as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.webhooks.models import DeliveryAttempt, Event


def mask_events(*, key: str, mask: Callable[[Any], Any], tenant_id: UUID) -> int:
    """Puts `mask` over the data of the key's events and over what receivers answered to them; how many events
    are others now. In the caller's transaction. What is still to be sent is sent so; what was sent is out."""
    changed = 0
    for event in Event.objects.select_for_update(no_key=True).filter(tenant_id=tenant_id, key=key):
        data = mask(event.data)
        if data != event.data:
            event.data = data
            event.save(update_fields=["data", "updated_at"])
            changed += 1
    for attempt in DeliveryAttempt.objects.filter(delivery__event__key=key, tenant_id=tenant_id).exclude(
        answer=""
    ):
        answer = mask(attempt.answer)
        if answer != attempt.answer:
            DeliveryAttempt.objects.filter(pk=attempt.pk).update(answer=answer)
    return changed
