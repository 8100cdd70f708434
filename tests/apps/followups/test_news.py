"""What carriers tell of messages that they took."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.calls.models import Call
from apps.followups import telling
from apps.followups.models import MessageState, TextMessage
from apps.numbers.signals import message_told
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
WHY = "The telephone was off or out of reach."


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that the tenant was told of."""
    problems: list[str] = []
    monkeypatch.setattr(telling, "message_failed", lambda message: problems.append(message.problem))
    return problems


def _message(tenant: Tenant, call: Call, state: MessageState = MessageState.SENT) -> TextMessage:
    with tenant_scope(tenant.pk):
        return TextMessage.objects.create(
            call=call,
            key="key-1",
            from_number="+12065550123",
            to_number="+12065550177",
            text="Your table is booked.",
            state=state,
            carrier_id="SM1",
            next_at=timezone.now(),
        )


def _hear(message: TextMessage, problem: str) -> tuple[Any, str]:
    message_told.send(None, key=str(message.pk), problem=problem)
    with tenant_scope(message.tenant_id):
        message.refresh_from_db()
    return message.state, message.problem


def test_one_that_did_not_arrive_has_failed(tenant: Tenant, answered: Call, told: list[str]) -> None:
    message = _message(tenant, answered)

    assert _hear(message, WHY) == (MessageState.FAILED, WHY)
    assert _hear(message, "Told again.") == (MessageState.FAILED, WHY)
    assert told == [WHY]


def test_one_that_arrived_stays_sent(tenant: Tenant, answered: Call, told: list[str]) -> None:
    assert _hear(_message(tenant, answered), "") == (MessageState.SENT, "")
    assert told == []


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED])
def test_one_that_was_not_sent_is_left_alone(
    tenant: Tenant, answered: Call, told: list[str], state: MessageState
) -> None:
    assert _hear(_message(tenant, answered, state), WHY) == (state, "")
    assert told == []


@pytest.mark.parametrize("key", ["", "no-id", str(UUID(int=7))])
def test_a_key_that_nobody_has(db: None, told: list[str], key: str) -> None:
    message_told.send(None, key=key, problem=WHY)

    assert told == []
