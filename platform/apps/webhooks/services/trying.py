"""An endpoint is tried with an event that did not happen."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.webhooks.catalogue import TYPES
from apps.webhooks.models import Delivery, Endpoint, EndpointState, Event
from apps.webhooks.services.waking import wake_after_commit
from apps.webhooks.telling import tested
from tenants.errors import Conflict, InvalidInput
from tenants.ids import new_id, to_public

TEST = "webhook.test"
GIVE_UP_AFTER = timedelta(minutes=1)


def send_test(*, endpoint: Endpoint, type: str = TEST) -> Delivery:
    """Sends the example of an event type, whatever the endpoint listens to; whoever tries waits for it, so it
    is given up after a minute. Conflict while the endpoint is disabled."""
    known = TYPES.get(type)
    if known is None:
        raise InvalidInput("There is no such event: GET /webhooks/event-types lists them.", field="type")
    if endpoint.state != EndpointState.ACTIVE:
        raise Conflict("This endpoint is disabled: enable it first.", code="endpoint_disabled")
    data = tested(endpoint) if type == TEST else known.data.model_validate(known.example)
    now = timezone.now()
    event = Event.objects.create(
        type=type,
        version=known.version,
        at=now,
        key=to_public(known.key, new_id()),
        sequence=1,
        data=data.model_dump(mode="json"),
        test=True,
    )
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        event=event,
        key=event.key,
        sequence=1,
        next_at=now,
        give_up_at=now + GIVE_UP_AFTER,
    )
    wake_after_commit()
    return delivery
