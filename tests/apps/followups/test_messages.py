"""Text messages go out once, are tried again, and say why they did not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.calls.models import Call
from apps.followups.models import MessageState, TextMessage
from apps.followups.services import ask_message, messages, send_due_messages, send_message
from apps.numbers.models import PhoneNumber
from media_workers.contract.requests import Done, MessageRequest
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import CARRIERS
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import TenantScopeMissing, current_scope, tenant_scope
from tenants.suspension import suspend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Celery was asked for."""
    sent: list[Any] = []
    monkeypatch.setattr(messages.current_app, "send_task", lambda name, args: sent.append((name, args)))
    return sent


def asked(node: MediaNode, call: Call, key: str = "key-of-one-request") -> Done:
    return ask_message(node, call.pk, MessageRequest(node=node.name, key=key, text="Your code is 7."))


def stored(tenant: Tenant) -> list[TextMessage]:
    with tenant_scope(tenant.pk):
        return list(TextMessage.objects.order_by("pk"))


def carrier_that(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], str]) -> list[dict[str, Any]]:
    """The sandbox carrier answers like this; what it was asked."""
    seen: list[dict[str, Any]] = []

    def send_message(self: object, **told: Any) -> str:
        seen.append(told)
        with pytest.raises(TenantScopeMissing):  # outside any transaction
            current_scope()
        return answer()

    monkeypatch.setattr(type(CARRIERS["sandbox"]), "send_message", send_message)
    return seen


def test_it_is_taken_once_and_sent_once(
    node: MediaNode,
    answered: Call,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    broker: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    seen = carrier_that(monkeypatch, lambda: "carrier-1")
    with django_capture_on_commit_callbacks(execute=True):
        assert asked(node, answered) == asked(node, answered)
    (message,) = stored(tenant)
    assert broker == [(messages.SEND, (str(tenant.pk), str(message.pk)))]

    for _ in range(2):
        send_message(tenant_id=tenant.pk, message_id=message.pk)
    (message,) = stored(tenant)
    assert (message.state, message.carrier_id, message.attempts) == (MessageState.SENT, "carrier-1", 1)
    assert seen == [
        {
            "sender": "+12025551000",
            "to": "+12025550101",
            "text": "Your code is 7.",
            "key": str(message.pk),
            "since": None,
        }
    ]


def test_the_sandbox_reaches_its_own_numbers(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    asked(node, answered)
    send_due_messages()

    assert stored(tenant)[0].state == MessageState.SENT


def test_outside_numbers_are_not_the_sandboxs(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        Call.objects.update(from_number="+12125550100")
    asked(node, answered)
    send_due_messages()

    (message,) = stored(tenant)
    assert message.state == MessageState.FAILED
    assert "+1202555" in message.problem


def test_no_message_goes_where_no_call_may_go_or_from_who_is_suspended(
    node: MediaNode, answered: Call, tenant: Tenant
) -> None:
    with tenant_scope(tenant.pk):
        Call.objects.update(from_number="+442079460000")
    done = asked(node, answered)
    assert (done.ok, "GB" in done.words) == (False, True)
    suspend(tenant=tenant, reason="An unpaid bill")
    assert asked(node, answered).words == "The tenant is suspended."
    assert stored(tenant) == []


def test_a_carrier_that_is_down_is_asked_again_with_the_same_key_and_given_up_in_the_end(
    node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> str:
        raise CarrierDown("503 Service Unavailable")

    seen = carrier_that(monkeypatch, down)
    asked(node, answered)
    assert send_due_messages() == 1
    assert send_due_messages() == 0, "not before its time"
    (message,) = stored(tenant)
    assert (message.state, message.problem) == (MessageState.QUEUED, "503 Service Unavailable")
    for _ in messages.RETRY_AFTER:
        with tenant_scope(tenant.pk):
            TextMessage.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        assert send_due_messages() == 1
    assert stored(tenant)[0].state == MessageState.FAILED
    assert {told["key"] for told in seen} == {str(message.pk)}
    assert [told["since"] for told in seen] == [None, *[message.created_at] * len(messages.RETRY_AFTER)]
    assert len(seen) == 1 + len(messages.RETRY_AFTER)


def test_what_the_carrier_refuses_is_not_tried_again(
    node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> str:
        raise CarrierRefused("The number is a landline.")

    carrier_that(monkeypatch, refuse)
    asked(node, answered)
    send_due_messages()

    (message,) = stored(tenant)
    assert (message.state, message.problem) == (MessageState.FAILED, "The number is a landline.")


def test_a_worker_that_dies_in_it_is_followed_by_another(
    node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> str:
        raise KeyboardInterrupt

    carrier_that(monkeypatch, die)
    asked(node, answered)
    with pytest.raises(KeyboardInterrupt):
        send_due_messages()
    monkeypatch.undo()
    assert send_due_messages() == 0, "it may still be sending"
    assert send_due_messages(now=timezone.now() + messages.LEASE) == 1


def test_a_number_of_an_own_trunk_sends_none(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="T", slug="t", direction="both")
        PhoneNumber.objects.update(carrier="byoc", trunk=trunk)

    done = asked(node, answered)
    assert (done.ok, "own trunk" in done.words) == (False, True)
    assert stored(tenant) == []


def test_a_model_that_writes_on_and_on_is_stopped(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    answers = [asked(node, answered, key=f"another-key-{n}") for n in range(messages.MOST_OF_A_CALL + 1)]

    assert [a.ok for a in answers] == [True] * messages.MOST_OF_A_CALL + [False]


def test_another_node_is_refused(other_node: MediaNode, answered: Call, tenant: Tenant) -> None:
    with pytest.raises(Conflict):
        asked(other_node, answered)
