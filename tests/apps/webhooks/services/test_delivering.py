"""Order, limits, back-off, leases: what reaches real servers, and when."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone

from apps.webhooks.models import Delivery, DeliveryState, Endpoint
from apps.webhooks.services import claiming, delivering, storing
from apps.webhooks.services.claiming import DIED, LEASE, claim
from apps.webhooks.services.delivering import Run, deliver
from tenants.scope import platform_scope
from tests.apps.webhooks.services.conftest import Post
from tests.fakes.webhook_receiver import Manner, Received, WebhookReceiver
from tests.sip.wait import until
from tests.tenancy import make_tenant

MOMENT = timedelta(seconds=1)
SOON = timedelta(seconds=6)
"""After a first failure."""

OVER = LEASE + timedelta(seconds=1)


class Killed(BaseException):
    """The process is gone."""


def test_events_of_a_key_come_in_their_order_whatever_fails(post: Post, receiver: WebhookReceiver) -> None:
    failed: set[str] = set()

    def every_other_fails_once(request: Received) -> Manner:
        if request.event["sequence"] % 2 and request.id not in failed:
            failed.add(request.id)
            return "fail"
        return "ok"

    receiver.manner = every_other_fails_once
    post.endpoint(receiver.url)
    first, other = post.tell("call_1", 5), post.tell("call_2")
    for _ in range(6):
        post.run(after=SOON)

    came = [request.event["sequence"] for request in receiver.received if request.event["key"] == "call_1"]
    assert came == [1, 1, 2, 3, 3, 4, 5, 5]
    assert [event["id"] for event in receiver.events if event["key"] == "call_1"] == first
    assert receiver.received[1].id in (*other, first[0]), "another key does not wait for it"
    assert {delivery.state for delivery in post.deliveries()} == {DeliveryState.DELIVERED}


def test_a_key_that_fails_keeps_no_other_waiting(post: Post, receiver: WebhookReceiver) -> None:
    receiver.manner = lambda request: "fail" if request.event["key"] == "call_1" else "ok"
    post.endpoint(receiver.url)
    post.tell("call_1", 3)
    post.run()
    post.tell("call_2", 3)
    post.run(after=MOMENT)

    assert [event["sequence"] for event in receiver.events if event["key"] == "call_2"] == [1, 2, 3]
    assert {
        request.event["sequence"] for request in receiver.received if request.event["key"] == "call_1"
    } == {1}


def test_attempts_are_further_and_further_apart_until_it_is_given_up(
    post: Post, receiver: WebhookReceiver
) -> None:
    receiver.manner = "fail"
    post.endpoint(receiver.url)
    post.tell("call_1")
    waits = []
    for _ in range(30):
        post.run()
        (delivery,) = post.deliveries()
        if delivery.next_at is None:
            break
        waits.append((delivery.next_at - post.now).total_seconds())
        post.now = delivery.next_at
    expected = [5, 30, 120, 300, 900, 1800, 3600, *[7200] * 30]
    assert len(waits) >= 15
    assert all(abs(wait / wish - 1) <= 0.11 for wait, wish in zip(waits, expected, strict=False))
    assert delivery.state == DeliveryState.DEAD
    assert delivery.problem.startswith("The server answered 500, not 2xx. Given up")
    assert delivery.ended_at - delivery.created_at <= timedelta(hours=24)
    assert [one.number for one in post.tries(delivery)] == list(range(1, len(waits) + 2))


def test_an_endpoint_gets_four_at_once_and_one_while_it_fails(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    for n in range(8):
        post.tell(f"call_{n}")
    now = timezone.now()
    assert len(claim(now=now, room=100).messages) == 4
    assert not claim(now=now, room=100).messages

    with platform_scope():
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    assert not claim(now=now, room=100).messages
    assert len(claim(now=now + OVER, room=100).messages) == 1


def test_a_tenant_has_a_share_and_tenants_take_turns(
    post: Post, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "TENANT_AT_ONCE", 6)
    other = make_tenant("Other")
    mine = {post.endpoint(receiver.url).pk for _ in range(5)}
    theirs = post.endpoint(receiver.url, tenant=other).pk
    for n in range(4):
        post.tell(f"call_{n}")
    for n in range(3):
        post.tell(f"call_{n}", tenant=other)

    now = timezone.now()
    first = claim(now=now, room=2).messages
    assert {message.endpoint in mine for message in first} == {True, False}
    rest = claim(now=now, room=100).messages
    taken = Counter(message.tenant for message in (*first, *rest))
    assert taken == {post.tenant.pk: 6, other.pk: 3}
    assert {message.endpoint for message in (*first, *rest)} == {*mine, theirs}


def test_an_endpoint_that_fails_again_and_again_rests(post: Post, receiver: WebhookReceiver) -> None:
    """A thousand events for a server that is down are not a thousand requests."""
    receiver.manner = "fail"
    endpoint = post.endpoint(receiver.url)
    for n in range(20):
        post.tell(f"call_{n}")
    post.run()
    assert len(receiver.received) == storing.RESTS_AFTER
    post.run(after=SOON)
    assert len(receiver.received) == storing.RESTS_AFTER + 1

    receiver.manner = "ok"
    post.run(after=storing.LONGEST_REST)
    post.run(after=timedelta(minutes=10))
    assert {delivery.state for delivery in post.deliveries()} == {DeliveryState.DELIVERED}
    assert post.fresh(endpoint).failing_since is None


def test_many_events_of_one_key_are_each_looked_at_once(post: Post, receiver: WebhookReceiver) -> None:
    """What is behind another is put off, not looked at again with every claim."""
    receiver.manner = "fail"
    post.endpoint(receiver.url)
    post.tell("call_1", 3 * claiming.LOOKED_AT)
    post.run()
    with platform_scope():
        due = Delivery.objects.filter(next_at__lte=post.now + claiming.PUT_OFF / 2)
        assert due.count() == 1


@pytest.mark.parametrize("step", ["claimed", "stored"])
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("nth", range(4))
def test_killed_at_any_commit_everything_comes(
    post: Post,
    receiver: WebhookReceiver,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    committed: bool,
    nth: int,
) -> None:
    """The worker dies right before or after its nth transaction of a kind; another one goes on."""
    post.endpoint(receiver.url)
    told = [*post.tell("call_1", 3), *post.tell("call_2", 2)]
    name = {"claimed": "claim", "stored": "store"}[step]
    with monkeypatch.context() as patched, contextlib.suppress(Killed):
        patched.setattr(delivering, name, _dies(getattr(delivering, name), nth, committed))
        post.run()
    post.run()
    post.run(after=OVER)

    for key in ("call_1", "call_2"):
        came = [event["sequence"] for event in receiver.events if event["key"] == key]
        assert came == sorted(came)
    assert sorted(event["id"] for event in receiver.events) == sorted(told)
    assert {delivery.state for delivery in post.deliveries()} == {DeliveryState.DELIVERED}


def _dies(original: Any, nth: int, committed: bool) -> Any:
    left = [nth]

    def dying(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            return original(*args, **kwargs)
        with platform_scope():
            original(*args, **kwargs)
            if not committed:
                raise Killed
        raise Killed

    return dying


def test_an_attempt_that_nobody_ended_is_told(post: Post, receiver: WebhookReceiver) -> None:
    post.endpoint(receiver.url)
    post.tell("call_1")
    (message,) = claim(now=timezone.now(), room=1).messages
    post.run()
    assert not receiver.received, "it is somebody's for as long as the lease holds"

    post.run(after=OVER)
    (delivery,) = post.deliveries()
    assert [(one.number, one.problem) for one in post.tries(delivery)] == [(1, DIED), (2, "")]
    assert [request.id for request in receiver.received] == [message.id]


def test_what_comes_too_late_changes_nothing(post: Post, receiver: WebhookReceiver) -> None:
    """Who was away for longer than a lease has lost the delivery to somebody else."""
    from apps.webhooks.services.sending import Outcome

    post.endpoint(receiver.url)
    post.tell("call_1")
    (message,) = claim(now=timezone.now(), room=1).messages
    post.run(after=OVER)
    late = Outcome(message, post.now, 1, 500, "The server answered 500, not 2xx.", {}, {}, "")
    storing.store([late], now=post.now)
    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.status) == (DeliveryState.DELIVERED, 200)


# --- several at once: what they write is committed --------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_hanging_receivers_delay_no_other_tenant(receivers: Any) -> None:
    """Twenty endpoints of one tenant hang; another tenant's events come meanwhile, and its own as well."""
    post, hanging, quick = Post(make_tenant()), receivers(manner="hang"), receivers()
    other = make_tenant("Other")
    for n in range(20):
        post.endpoint(f"{hanging.url}/{n}")
    post.endpoint(quick.url, tenant=other)
    post.tell("call_1")
    with _worker():
        until(lambda: len(hanging.received) == 20, "all of them hang", every_s=0.02)
        (event_id,) = post.tell("call_2", tenant=other)
        deliver()  # a message of the broker, in the same process
        until(lambda: [request.id for request in quick.received] == [event_id], "it came", every_s=0.02)
        assert {delivery.state for delivery in post.deliveries()} >= {DeliveryState.PENDING}
        hanging.__exit__()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_nothing_twice(receiver: WebhookReceiver) -> None:
    receiver.hold_s = 0.005
    post = Post(make_tenant())
    for n in range(6):
        post.endpoint(f"{receiver.url}/{n}")
    told = [event for n in range(10) for event in post.tell(f"call_{n}", 2)]
    runs = [threading.Thread(target=_run_until_idle) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    for _ in range(3):  # on a starved machine a request may fail
        post.run(after=SOON)

    times = Counter((request.path, request.id) for request in receiver.received)
    assert len(times) == 6 * len(told)
    assert sum(times.values()) <= sum(delivery.attempts for delivery in post.deliveries())
    for path in {request.path for request in receiver.received}:
        for n in range(10):
            came = [
                request.event["sequence"]
                for request in receiver.received
                if request.path == path and request.event["key"] == f"call_{n}"
            ]
            assert sorted(came) == came
            assert set(came) == {1, 2}


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_an_endpoint_that_somebody_works_on(receivers: Any) -> None:
    """Deleting one with a million deliveries locks it for a while; results of others are stored meanwhile."""
    post, answers = Post(make_tenant()), {"/a": threading.Event(), "/b": threading.Event()}

    def when_told(request: Received) -> Manner:
        answers[request.path[-2:]].wait(30)
        return "ok"

    receiver = receivers(manner=when_told)
    busy, other = post.endpoint(f"{receiver.url}/a"), post.endpoint(f"{receiver.url}/b")
    post.tell("call_1")
    with _worker():
        until(lambda: len(receiver.received) == 2, "both are under way", every_s=0.02)
        with platform_scope():
            Endpoint.objects.select_for_update(of=("self",)).get(pk=busy.pk)
            for answer in answers.values():
                answer.set()
            until(lambda: _states(post, other) == ["delivered"], "the other is stored", every_s=0.02)
            assert _states(post, busy) == ["pending"]
    assert _states(post, busy) == ["delivered"]
    assert len(receiver.received) == 2


def _states(post: Post, endpoint: Endpoint) -> list[str]:
    return [delivery.state for delivery in post.deliveries(endpoint)]


@contextmanager
def _worker() -> Iterator[None]:
    """A process's run, until what was under way is done."""
    thread = threading.Thread(target=_deliver)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)
        assert not thread.is_alive()


def _deliver() -> None:
    try:
        deliver()
    finally:
        connection.close()


def _run_until_idle() -> None:
    try:
        async_to_sync(Run())()
    finally:
        connection.close()
