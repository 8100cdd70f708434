"""Tenants are told of what agents promise and send."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.calls.models import Call
from apps.followups.services import ask_callback, ask_message, messages, send_due_messages
from apps.webhooks.models import Endpoint, Event
from media_workers.contract.requests import CallbackRequest, MessageRequest
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.webhooks.listening import heard, listen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
KEY = "key-of-one-request"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages.current_app, "send_task", lambda *_, **__: None)


@pytest.fixture
def endpoint(tenant: Tenant) -> Endpoint:
    with tenant_scope(tenant.pk):
        return listen("callback.*", "message.*")


def told(endpoint: Endpoint) -> list[Event]:
    with tenant_scope(endpoint.tenant_id):
        return heard(endpoint)


def test_a_promise_is_told_once_under_the_call(endpoint: Endpoint, node: MediaNode, answered: Call) -> None:
    at = timezone.now() + timedelta(hours=2)
    for _ in range(2):
        wish = CallbackRequest(node=node.name, key=KEY, at=at, note="the order")
        assert ask_callback(node, answered.pk, wish).ok

    (event,) = told(endpoint)
    assert (event.type, event.key) == ("callback.promised", answered.public_id)
    assert (event.data["to_number"], event.data["note"]) == ("+12025550101", "the order")


@pytest.mark.parametrize(
    ("caller", "name", "field"),
    [("+12025550101", "message.sent", "carrier_id"), ("+12125550100", "message.failed", "problem")],
)
def test_a_message_is_told_of_when_it_is_known_what_came_of_it(
    endpoint: Endpoint, node: MediaNode, answered: Call, caller: str, name: str, field: str
) -> None:
    with tenant_scope(answered.tenant_id):
        Call.objects.update(from_number=caller)
    wish: Any = MessageRequest(node=node.name, key=KEY, text="Your code is 7.")
    assert ask_message(node, answered.pk, wish).ok
    assert told(endpoint) == []
    send_due_messages()
    send_due_messages()

    (event,) = told(endpoint)
    assert (event.type, event.key) == (name, answered.public_id)
    assert event.data["text"] == "Your code is 7."
    assert event.data[field]
