"""Endpoints are made, changed and disabled."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from standardwebhooks.webhooks import WebhookVerificationError

from apps.webhooks.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Endpoint,
    EndpointSecret,
    EndpointState,
)
from apps.webhooks.services import endpoints, storing
from apps.webhooks.services.replaying import replay
from apps.webhooks.services.sending import GONE, UNREADABLE
from apps.webhooks.services.trying import send_test
from apps.webhooks.targets import check_headers, check_url
from tenants.errors import Conflict, InvalidInput, LimitReached
from tenants.scope import platform_scope, tenant_scope
from tests.apps.webhooks.services.conftest import Post
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.tenancy import make_member


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://hooks.example.com/", "invalid"),
        ("https://", "invalid"),
        ("https://hooks.example.com:0/", "invalid"),
        ("https://hooks.example.com:port/", "invalid"),
        ("https://hooks..example.com/", "invalid"),
        ("https://hooks.example.com/a b", "invalid"),
        ("https://user:password@hooks.example.com/", "credentials"),
        ("https://10.0.0.1/", "private_address"),
        ("https://[::ffff:10.0.0.1]/", "private_address"),
        ("https://[fd00::1]/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://metadata.google.internal/", "private_address"),
        ("https://hooks.example.com/" + "a" * 2000, "invalid"),
    ],
)
def test_addresses_that_cannot_be_used(settings: Settings, url: str, code: str) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(InvalidInput) as error:
        check_url(url)
    assert (error.value.code, error.value.field) == (code, "url")


def test_addresses_that_can(settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    assert check_url(" https://hooks.example.com/a?b=c#d ") == "https://hooks.example.com/a?b=c"
    assert check_url("http://8.8.8.8:8080/") == "http://8.8.8.8:8080/"
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    assert check_url("http://127.0.0.1:1/") == "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"a\nb": "c"}, "headers"),
        ({"": "c"}, "headers"),
        ({"Host": "c"}, "headers.Host"),
        ({"webhook-id": "c"}, "headers.webhook-id"),
        ({"Content-Length": "1"}, "headers.Content-Length"),
        ({"X-One": "a\r\nb: c"}, "headers.X-One"),
        ({"X-One": ""}, "headers.X-One"),
        ({"X-One": "ü"}, "headers.X-One"),
        ({"X-One": "a", "x-one": "b"}, "headers.x-one"),
        ({f"X-{n}": "a" for n in range(200)}, "headers"),
    ],
)
def test_headers_that_cannot_be_used(headers: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        check_headers(headers)
    assert error.value.field == field


def test_what_an_endpoint_listens_to_exists(post: Post) -> None:
    with tenant_scope(post.tenant.pk):
        with pytest.raises(InvalidInput) as error:
            endpoints.create(url="https://hooks.example.com/", event_types=["webhook.*", "call.landed"])
        assert error.value.field == "event_types.1"
        made, _ = endpoints.create(url="https://hooks.example.com/", event_types=["webhook.*", "webhook.*"])
    assert made.event_types == ["webhook.*"]


def test_headers_keep_the_values_that_are_not_given(post: Post) -> None:
    endpoint = post.endpoint("https://hooks.example.com/", headers={"X-Old": "a", "X-Kept": "b"})
    with tenant_scope(post.tenant.pk):
        changed = endpoints.change(endpoint=endpoint, headers={"x-kept": None, "X-New": "c"})
        assert endpoints.headers_of(changed) == {"x-kept": "b", "X-New": "c"}
        with pytest.raises(InvalidInput):
            endpoints.change(endpoint=endpoint, headers={"X-Unknown": None})
    with connection.cursor() as cursor, platform_scope():
        cursor.execute("SELECT headers FROM webhooks_endpoint")
        assert "X-New" not in str(cursor.fetchall())


def test_there_are_so_many_endpoints_and_no_more(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MOST", 1)
    post.endpoint("https://hooks.example.com/")
    with pytest.raises(LimitReached):
        post.endpoint("https://hooks.example.com/")


def test_both_secrets_sign_until_the_old_one_is_over(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    old = post.secrets[receiver.url]
    with tenant_scope(post.tenant.pk):
        new, expires_at = endpoints.rotate(endpoint=endpoint, overlap_hours=1)
    post.tell("call_1")
    post.run()
    receiver.verify(old)
    receiver.verify(new)

    assert expires_at is not None
    post.now = expires_at
    post.tell("call_1")
    receiver.received.clear()
    post.run(after=timedelta(seconds=1))
    receiver.verify(new)
    with pytest.raises(WebhookVerificationError):
        receiver.verify(old)


def test_a_secret_can_be_given_up_at_once(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    with tenant_scope(post.tenant.pk):
        for _ in range(endpoints.MOST_SECRETS - 1):
            endpoints.rotate(endpoint=endpoint)
        with pytest.raises(LimitReached):
            endpoints.rotate(endpoint=endpoint)
        assert endpoints.rotate(endpoint=endpoint, overlap_hours=0)[1] is None
        assert EndpointSecret.objects.count() == 1
        with pytest.raises(InvalidInput):
            endpoints.rotate(endpoint=endpoint, overlap_hours=-1)


def test_secrets_that_nobody_can_read_keep_no_other_waiting(
    post: Post, receiver: WebhookReceiver, settings: Settings
) -> None:
    good = post.endpoint(receiver.url)
    keys = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    bad = post.endpoint(f"{receiver.url}/bad")
    settings.FIELD_ENCRYPTION_KEYS = keys
    post.tell("call_1")
    post.run()

    assert [delivery.state for delivery in post.deliveries(good)] == [DeliveryState.DELIVERED]
    (delivery,) = post.deliveries(bad)
    assert (delivery.state, delivery.problem) == (DeliveryState.PENDING, UNREADABLE)


# --- disabled ---------------------------------------------------------------------------------------


def test_an_endpoint_that_is_gone_is_disabled_and_people_are_told(
    post: Post, receiver: WebhookReceiver, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    owner, _ = make_member(post.tenant), make_member(post.tenant, "developer")
    receiver.manner = lambda request: "gone" if request.path.endswith("secret") else "ok"
    endpoint = post.endpoint(f"{receiver.url}/secret")
    post.endpoint(f"{receiver.url}/other", event_types=["webhook.disabled"])
    post.tell("call_1", 3)
    with (
        mock.patch("celery.current_app.send_task") as send,
        django_capture_on_commit_callbacks(execute=True),
    ):
        post.run()
    post.run(after=timedelta(seconds=1))

    fresh = post.fresh(endpoint)
    assert fresh.state == EndpointState.DISABLED
    assert fresh.disabled_reason == f"{GONE} Nothing more is sent there."
    assert {delivery.state for delivery in post.deliveries(endpoint)} == {DeliveryState.DEAD}
    (told,) = [event for event in receiver.events if event["type"] == "webhook.disabled"]
    assert told["data"]["endpoint"] == endpoint.public_id
    assert told["data"]["reason"] == fresh.disabled_reason
    (mail,) = [call.kwargs["kwargs"] for call in send.call_args_list if call.args[0] == "tenants.send_mail"]
    assert mail["to"] == owner.email
    assert fresh.disabled_reason in mail["text"]
    assert "secret" not in mail["text"]


def test_three_days_without_one_success_disable(post: Post, receiver: WebhookReceiver) -> None:
    receiver.manner = "fail"
    endpoint = post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()
    post.now += storing.DISABLED_AFTER - timedelta(minutes=5)
    post.tell("call_2")
    post.run()
    assert post.fresh(endpoint).state == EndpointState.ACTIVE

    post.tell("call_3")
    post.run(after=timedelta(minutes=10))
    post.run(after=timedelta(minutes=1))
    fresh = post.fresh(endpoint)
    assert fresh.state == EndpointState.DISABLED
    assert fresh.disabled_reason.startswith(
        "Nothing could be delivered for 3 days. The last time: The server"
    )
    assert {delivery.state for delivery in post.deliveries()} == {DeliveryState.DEAD}


def test_one_success_begins_the_days_anew(post: Post, receiver: WebhookReceiver) -> None:
    receiver.manner = "fail"
    endpoint = post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()
    assert post.fresh(endpoint).failing_since is not None
    receiver.manner = "ok"
    post.run(after=timedelta(seconds=10))
    fresh = post.fresh(endpoint)
    assert (fresh.failing_since, fresh.failures, fresh.rest_until) == (None, 0, None)


def test_a_person_disables_and_enables(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    post.tell("call_1")
    with tenant_scope(post.tenant.pk):
        disabled = endpoints.disable(endpoint=endpoint)
        assert (disabled.state, disabled.disabled_reason) == (EndpointState.DISABLED, "")
        with pytest.raises(Conflict):
            send_test(endpoint=disabled)
    post.run()
    assert post.tell("call_1") == [], "nobody listens"
    (delivery,) = post.deliveries()
    assert delivery.state == DeliveryState.DEAD
    with tenant_scope(post.tenant.pk):
        with pytest.raises(Conflict):
            replay(delivery=delivery)
        enabled = endpoints.enable(endpoint=endpoint)
        assert enabled.state == EndpointState.ACTIVE
        replay(delivery=delivery)
    post.run()
    assert len(receiver.received) == 1


def test_a_deleted_endpoint_leaves_nothing(post: Post, receiver: WebhookReceiver) -> None:
    endpoint = post.endpoint(receiver.url)
    post.tell("call_1", 2)
    post.run()
    with tenant_scope(post.tenant.pk):
        endpoints.delete(endpoint=endpoint)
        for model in (Endpoint, EndpointSecret, Delivery, DeliveryAttempt):
            assert not model.objects.exists()


# --- again ------------------------------------------------------------------------------------------
