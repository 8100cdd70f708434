"""What was sent is sent again, tried, and forgotten."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
import redis
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.webhooks.models import (
    Delivery,
    DeliveryState,
    Endpoint,
    Event,
)
from apps.webhooks.services import waking
from apps.webhooks.services.purging import KEPT, NUMBERS_KEPT, delete_old
from apps.webhooks.services.replaying import replay, replay_range
from apps.webhooks.services.trying import send_test
from tenants.errors import InvalidInput
from tenants.scope import platform_scope, tenant_scope
from tests.apps.webhooks.services.conftest import Post
from tests.fakes.webhook_receiver import WebhookReceiver


def test_a_replay_is_the_same_message_once_more(post: Post, receiver: WebhookReceiver) -> None:
    post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()
    (delivery,) = post.deliveries()
    with tenant_scope(post.tenant.pk):
        again = replay(delivery=delivery)
        assert replay(delivery=again).pk == again.pk, "it waits already"
    post.run()

    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert [(one.round, one.state) for one in post.deliveries()] == [
        (0, DeliveryState.DELIVERED),
        (1, DeliveryState.DELIVERED),
    ]


def test_a_replay_of_what_waits_goes_now(post: Post, receiver: WebhookReceiver) -> None:
    receiver.manner = "fail"
    post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()
    receiver.manner = "ok"
    (delivery,) = post.deliveries()
    with tenant_scope(post.tenant.pk):
        assert replay(delivery=delivery).pk == delivery.pk
    post.run()
    assert [one.state for one in post.deliveries()] == [DeliveryState.DELIVERED]


def test_what_happens_now_does_not_wait_for_replays(post: Post, receiver: WebhookReceiver) -> None:
    post.endpoint(receiver.url)
    old = post.tell("call_1", 2)
    post.run()
    receiver.received.clear()
    with tenant_scope(post.tenant.pk):
        endpoint = Endpoint.objects.get()
        assert replay_range(endpoint=endpoint, states=["delivered"]) == 2
    new = post.tell("call_1", 1)
    post.run()
    assert [request.id for request in receiver.received] == [*new, *old]


def test_a_range_is_replayed(post: Post, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.manner = "fail"
    endpoint = post.endpoint(receiver.url)
    begin = post.now
    for n in range(3):
        post.now = begin + timedelta(hours=n)
        post.tell(f"call_{n}")
    with platform_scope():
        Delivery.objects.update(state="dead", next_at=None, ended_at=begin, problem="Given up.")
    receiver.manner = "ok"
    hours = {"since": begin + timedelta(hours=1), "until": begin + timedelta(hours=2)}
    with tenant_scope(post.tenant.pk):
        assert replay_range(endpoint=endpoint, **hours, dry_run=True) == 1
        assert replay_range(endpoint=endpoint, **hours, types=["webhook.disabled"]) == 0
        assert replay_range(endpoint=endpoint, **hours, states=["delivered"]) == 0
        assert replay_range(endpoint=endpoint, **hours, types=["webhook.*"]) == 1
        assert replay_range(endpoint=endpoint, **hours) == 0, "it is on its way"
    post.run()
    assert [request.event["key"] for request in receiver.received] == ["call_1"]

    with tenant_scope(post.tenant.pk):
        for wrong in ({"since": begin, "until": begin}, {"states": ["pending"]}, {"types": ["no"]}):
            with pytest.raises(InvalidInput):
                replay_range(endpoint=endpoint, **wrong)  # type: ignore[arg-type]
        monkeypatch.setattr("apps.webhooks.services.replaying.MOST", 1)
        with pytest.raises(InvalidInput):
            replay_range(endpoint=endpoint)


def test_a_test_is_sent_whatever_the_endpoint_listens_to(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url, event_types=["call.ended"])
    other = post.endpoint(f"{receiver.url}/other")
    with tenant_scope(post.tenant.pk):
        send_test(endpoint=endpoint)
        delivery = send_test(endpoint=endpoint, type="webhook.disabled")
        with pytest.raises(InvalidInput):
            send_test(endpoint=endpoint, type="call.landed")
    post.run()
    assert {event["type"] for event in receiver.events} == {"webhook.test", "webhook.disabled"}
    assert {event["test"] for event in receiver.events} == {True}
    receiver.verify(post.secrets[receiver.url])
    assert not post.deliveries(other)
    assert delivery.give_up_at - delivery.created_at < timedelta(minutes=2)


# --- the end ----------------------------------------------------------------------------------------


def test_old_events_are_forgotten_and_numbers_go_on(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    post.tell("call_1", 5)
    post.run()
    with tenant_scope(post.tenant.pk):
        send_test(endpoint=endpoint)
    receiver.manner = "fail"
    post.tell("call_2")
    post.run()

    later = timezone.now() + KEPT + timedelta(hours=1)
    assert delete_old(now=timezone.now(), at_once=2) == 0
    assert delete_old(now=later, at_once=2) == 5
    assert delete_old(now=later, at_once=2) == 0
    with platform_scope():
        kept = {event.key: event for event in Event.objects.filter(test=False)}
        assert set(kept) == {"call_1", "call_2"}
        assert (kept["call_1"].sequence, kept["call_1"].data, kept["call_1"].emptied) == (5, {}, True)
        assert kept["call_2"].data, "it still waits"
        assert {row.key for row in Delivery.objects.all()} >= {"call_2"}
        assert not Delivery.objects.filter(key="call_1").exists()
    post.tell("call_1")
    with platform_scope():
        assert Event.objects.filter(key="call_1", emptied=False).get().sequence == 6

    delete_old(now=timezone.now() + NUMBERS_KEPT + timedelta(hours=1))
    with platform_scope():
        assert not Event.objects.filter(emptied=True).exists()


@pytest.mark.parametrize("error", [redis.ConnectionError(), BrokerDown(), OSError()])
def test_a_broker_that_is_down_does_no_harm(
    post: Post,
    receiver: WebhookReceiver,
    error: Exception,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    post.endpoint(receiver.url)
    waking.looking()
    with (
        mock.patch.object(waking.current_app, "send_task", side_effect=error) as send,
        django_capture_on_commit_callbacks(execute=True),
    ):
        post.tell("call_1", 3)
    assert send.call_count == 1
    post.run()
    assert len(receiver.received) == 3


def test_workers_are_told_once_until_they_look(
    post: Post,
    receiver: WebhookReceiver,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    post.endpoint(receiver.url)
    waking.looking()
    with mock.patch.object(waking.current_app, "send_task") as send:
        for n in range(3):
            connection.run_on_commit.clear()
            with django_capture_on_commit_callbacks(execute=True):
                post.tell(f"call_{n}")
        assert send.call_count == 1
        post.run()
        connection.run_on_commit.clear()
        with django_capture_on_commit_callbacks(execute=True):
            post.tell("call_4")
    assert send.call_count == 2
