"""What carriers tell of messages that they took."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.billing.models import AccountKind, EntryKind, Wallet
from apps.billing.services import charge
from apps.calls.models import Call
from apps.followups import telling
from apps.followups.models import MessageState, TextMessage
from apps.followups.services import send_message
from apps.numbers.signals import message_told
from telephony.carriers.sandbox import SandboxCarrier
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import ensure_adds_up, set_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
WHY = "The telephone was off or out of reach."


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that the tenant was told of."""
    problems: list[str] = []
    monkeypatch.setattr(telling, "message_failed", lambda message: problems.append(message.problem))
    return problems


def _message(
    tenant: Tenant, call: Call, state: MessageState = MessageState.SENT, attempts: int = 0
) -> TextMessage:
    with tenant_scope(tenant.pk):
        return TextMessage.objects.create(
            call=call,
            key="key-1",
            from_number="+12065550123",
            to_number="+12065550177",
            text="Your table is booked.",
            state=state,
            carrier_id="SM1",
            attempts=attempts,
            next_at=timezone.now(),
        )


def _hear(message: TextMessage, problem: str, *, billed: bool = True) -> tuple[Any, str]:
    message_told.send(None, key=str(message.pk), problem=problem, billed=billed)
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


def test_news_that_is_faster_than_the_answer_is_kept(
    tenant: Tenant, answered: Call, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = _message(tenant, answered, MessageState.QUEUED)

    def sent(self: object, **_: object) -> str:
        message_told.send(None, key=str(message.pk), problem=WHY, billed=True)
        return "SM1"

    monkeypatch.setattr(SandboxCarrier, "send_message", sent)
    send_message(tenant_id=tenant.pk, message_id=message.pk)

    with tenant_scope(tenant.pk):
        message.refresh_from_db()
    assert (message.state, message.problem, told) == (MessageState.FAILED, WHY, [WHY])


@pytest.mark.parametrize(
    ("billed", "balance"),
    [(True, 992_000), (False, 1_000_000)],
)
def test_what_the_carrier_does_not_bill_is_paid_back_once(
    tenant: Tenant, answered: Call, told: list[str], billed: bool, balance: int
) -> None:
    set_balance(tenant, 1_000_000)
    message = _message(tenant, answered)
    with tenant_scope(tenant.pk):
        charge(
            tenant_id=tenant.pk,
            reference=f"message:{message.pk}",
            kind=EntryKind.MESSAGE,
            account=AccountKind.MESSAGES,
            amount_micros=8_000,
            why="Text message",
            subject=message.public_id,
        )

    for _ in range(2):  # carriers tell things twice
        _hear(message, WHY, billed=billed)

    with tenant_scope(tenant.pk):
        assert Wallet.objects.get().balance_micros == balance
        ensure_adds_up()


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED])
def test_one_that_was_not_sent_is_left_alone(
    tenant: Tenant, answered: Call, told: list[str], state: MessageState
) -> None:
    assert _hear(_message(tenant, answered, state), WHY) == (state, "")
    assert told == []


@pytest.mark.parametrize("key", ["", "no-id", str(UUID(int=7))])
def test_a_key_that_nobody_has(db: None, told: list[str], key: str) -> None:
    message_told.send(None, key=key, problem=WHY, billed=True)

    assert told == []
