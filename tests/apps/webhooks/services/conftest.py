"""Endpoints at real servers, events, and runs of a worker whose clock stands where the test sets it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.webhooks.models import Delivery, DeliveryAttempt, Endpoint
from apps.webhooks.services import endpoints
from apps.webhooks.services.delivering import Run
from apps.webhooks.services.publish import GIVE_UP_AFTER, publish
from apps.webhooks.telling import WebhookTested
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.tenancy import make_tenant


@dataclass
class Post:
    """What the tests of deliveries do."""

    tenant: Tenant
    now: datetime = field(default_factory=timezone.now)
    secrets: dict[Any, str] = field(default_factory=dict)

    def endpoint(self, url: str, *, tenant: Tenant | None = None, **fields: Any) -> Endpoint:
        with tenant_scope((tenant or self.tenant).pk):
            endpoint, self.secrets[url] = endpoints.create(url=url, **fields)
        return endpoint

    def tell(self, key: str, n: int = 1, *, tenant: Tenant | None = None) -> list[str]:
        """The ids of `n` events of one key."""
        with tenant_scope((tenant or self.tenant).pk):
            data = WebhookTested(endpoint=f"whe_{'0' * 32}", words="Told.")
            events = [publish("webhook.test", data, key=key, at=self.now) for _ in range(n)]
            told = [event for event in events if event]
            rows = Delivery.objects.filter(event__in=told)
            rows.update(next_at=self.now, give_up_at=self.now + GIVE_UP_AFTER)
        return [event.public_id for event in told]

    def run(self, *, after: timedelta = timedelta()) -> None:
        """A worker's run, that much later."""
        self.now = max(self.now, timezone.now()) + after
        async_to_sync(Run(clock=lambda: self.now))()

    def deliveries(self, endpoint: Endpoint | None = None) -> list[Delivery]:
        with platform_scope():
            rows = Delivery.objects.order_by("pk")
            return list(rows.filter(endpoint=endpoint) if endpoint else rows)

    def tries(self, delivery: Delivery) -> list[DeliveryAttempt]:
        with platform_scope():
            return list(DeliveryAttempt.objects.filter(delivery=delivery).order_by("number"))

    def fresh(self, endpoint: Endpoint) -> Endpoint:
        with platform_scope():
            return Endpoint.objects.get(pk=endpoint.pk)


@pytest.fixture
def post(db: None) -> Post:
    return Post(make_tenant())


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def receivers() -> Iterator[Any]:
    """Makes more of them."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(WebhookReceiver(**options))
