"""Events about webhooks themselves."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.models import Endpoint

_EXAMPLE_ENDPOINT = "whe_01937b2ee7c07a3f9d2b4c5d6e7f8091"


class WebhookTested(EventData):
    endpoint: str = Field(pattern=PUBLIC_ID)
    words: str


class WebhookDisabled(EventData):
    """An endpoint that failed for too long, or said that it is gone (410)."""

    endpoint: str = Field(pattern=PUBLIC_ID)
    url: str
    reason: str = Field(description="In words.")
    failing_since: datetime | None


def tested(endpoint: Endpoint) -> WebhookTested:
    """The data of `webhook.test`."""
    return WebhookTested(endpoint=endpoint.public_id, words="This webhook works.")


def disabled(endpoint: Endpoint) -> WebhookDisabled:
    """The data of `webhook.disabled`, told to the tenant's other endpoints."""
    return WebhookDisabled(
        endpoint=endpoint.public_id,
        url=endpoint.url,
        reason=endpoint.disabled_reason,
        failing_since=endpoint.failing_since,
    )


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "webhook.test",
            "Somebody tries an endpoint.",
            WebhookTested,
            Endpoint.id_prefix,
            {"endpoint": _EXAMPLE_ENDPOINT, "words": "This webhook works."},
        ),
        EventType(
            "webhook.disabled",
            "An endpoint was disabled since it failed for too long; other endpoints hear of it.",
            WebhookDisabled,
            Endpoint.id_prefix,
            {
                "endpoint": _EXAMPLE_ENDPOINT,
                "url": "https://crm.example.com/hooks/calls",
                "reason": "Nothing could be delivered for 3 days.",
                "failing_since": "2026-01-02T09:30:00Z",
            },
        ),
    )
