"""An endpoint that listens, and what it is told: each event is held against its own schema."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from apps.webhooks.catalogue import TYPES
from apps.webhooks.message import body_of, schema_of
from apps.webhooks.models import Delivery, Endpoint, Event


def listen(*types: str) -> Endpoint:
    """A new active endpoint for `types` (none: all), in the tenant's scope."""
    return Endpoint.objects.create(url="https://hooks.example.com/calls", event_types=list(types))


def heard(endpoint: Endpoint) -> list[Event]:
    """What was written for `endpoint`, in its order: whole messages that their schemas allow, of each key
    numbered 1, 2, 3, ..."""
    rows = Delivery.objects.filter(endpoint=endpoint).select_related("event").order_by("pk")
    events = [row.event for row in rows]
    numbers: dict[str, int] = {}
    for event in events:
        schema = schema_of(TYPES[event.type])
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            json.loads(body_of(event))
        )
        numbers[event.key] = numbers.get(event.key, 0) + 1
        assert event.sequence == numbers[event.key]
    return events


def names(endpoint: Endpoint) -> list[str]:
    """Of what was written for it."""
    return [event.type for event in heard(endpoint)]
