"""Events are written with the fact, for whoever listens, in one order for each key."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState, Event
from apps.webhooks.services import Telling, anybody_wants, publish, publish_many
from apps.webhooks.telling import WebhookTested
from tenants.ids import new_id, to_public
from tenants.models import Tenant
from tenants.scope import TenantScopeMissing, platform_scope, tenant_scope
from tests.apps.webhooks.listening import heard, listen
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = to_public("whe_", new_id())
DATA = WebhookTested(endpoint=KEY, words="This webhook works.")


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def tell(key: str = KEY, name: str = "webhook.test") -> Event | None:
    return publish(name, DATA, key=key, at=AT)


@pytest.mark.usefixtures("scope")
def test_each_that_wants_it_is_told_and_nobody_else() -> None:
    wants, wants_kind, wants_all = listen("webhook.test"), listen("webhook.*"), listen()
    other = listen("call.*", "webhook.disabled")
    off = listen()
    off.state, off.disabled_at = EndpointState.DISABLED, timezone.now()
    off.save()

    event = tell()

    assert event is not None
    for endpoint in (wants, wants_kind, wants_all):
        assert [one.pk for one in heard(endpoint)] == [event.pk]
    assert not Delivery.objects.filter(endpoint__in=[other, off]).exists()
    stored = Event.objects.get()
    assert (stored.type, stored.version, stored.at, stored.data) == ("webhook.test", 1, AT, DATA.model_dump())


@pytest.mark.usefixtures("scope")
def test_nothing_is_written_when_nobody_listens() -> None:
    listen("call.*")

    assert tell() is None
    assert not Event.objects.exists()
    assert not anybody_wants("webhook.test")


@pytest.mark.usefixtures("scope")
def test_what_is_told_of_yesterday_is_tried_for_a_day_from_now() -> None:
    listen()
    before = timezone.now()

    tell()

    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.PENDING
    assert delivery.next_at is not None
    assert before <= delivery.next_at <= timezone.now()
    assert delivery.give_up_at == delivery.next_at + timedelta(hours=24)


@pytest.mark.usefixtures("scope")
def test_events_of_a_key_are_numbered_and_keys_do_not_wait_for_each_other() -> None:
    endpoint = listen()
    one, two = (to_public("whe_", new_id()) for _ in range(2))

    told = publish_many([Telling("webhook.test", DATA, key, AT) for key in (one, two, one)])
    tell(one)

    assert [(event.key, event.sequence) for event in told] == [(one, 1), (two, 1), (one, 2)]
    assert [(e.key, e.sequence) for e in heard(endpoint)] == [(one, 1), (two, 1), (one, 2), (one, 3)]


@pytest.mark.usefixtures("scope")
def test_data_of_another_event_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="WebhookDisabled"):
        tell(name="webhook.disabled")


def test_nothing_is_told_of_what_was_undone(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen()
        with transaction.atomic():
            tell()
            transaction.set_rollback(True)
        assert heard(endpoint) == []
        assert tell() is not None
        assert [event.sequence for event in heard(endpoint)] == [1]


def test_a_transaction_asks_once_who_listens(tenant: Tenant) -> None:
    with (
        tenant_scope(tenant.pk),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        for _ in range(100):
            assert not anybody_wants("call.ended")
            assert tell() is None
    assert sum("webhooks_endpoint" in query["sql"] for query in queries) == 1


def test_a_thousand_events_are_a_few_statements(tenant: Tenant) -> None:
    keys = [to_public("whe_", new_id()) for _ in range(1000)]
    with tenant_scope(tenant.pk):
        listen()
        with CaptureQueriesContext(connection) as queries:
            publish_many([Telling("webhook.test", DATA, key, AT) for key in keys], keys_held=True)
        assert Delivery.objects.count() == 1000
    assert len(queries) <= 8, [query["sql"][:80] for query in queries]


def test_in_the_platforms_scope_the_tenant_is_named(tenant: Tenant) -> None:
    stranger = make_tenant("Stranger")
    for one in (tenant, stranger):
        with tenant_scope(one.pk):
            listen()

    with platform_scope():
        event = publish("webhook.test", DATA, key=KEY, at=AT, tenant_id=tenant.pk)
        assert event is not None
        with pytest.raises(TenantScopeMissing):
            tell()

    with tenant_scope(tenant.pk):
        assert Delivery.objects.get().event_id == event.pk
    with tenant_scope(stranger.pk):
        assert not Event.objects.exists()
        assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_tells_of_one_key_at_once_stands_in_line() -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        endpoint = listen()

    def some(_: Any) -> None:
        try:
            with tenant_scope(tenant.pk):
                tell()
                tell()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(some, range(16)))
    with tenant_scope(tenant.pk):
        assert sorted(Event.objects.values_list("sequence", flat=True)) == list(range(1, 33))
        assert Delivery.objects.filter(endpoint=endpoint).count() == 32


@pytest.mark.usefixtures("scope")
def test_an_endpoint_that_comes_in_the_middle_hears_of_the_rest() -> None:
    tell()
    endpoint = listen()
    tell()
    Endpoint.objects.get().delete()
    assert tell() is None
    assert not Delivery.objects.filter(endpoint_id=endpoint.pk).exists()
