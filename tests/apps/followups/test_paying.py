"""A text message is paid once before it goes, and paid back when it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.billing.models import Entry, EntryKind, Rate, RateOf, Wallet
from apps.calls.models import Call
from apps.followups.models import MessageState, TextMessage
from apps.followups.services import messages, paying, send_message
from apps.numbers.models import PhoneNumber
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.followups.test_messages import asked, carrier_that, stored
from tests.money import ensure_adds_up, set_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
PRICE = 8_000


@pytest.fixture(autouse=True)
def sold(monkeypatch: pytest.MonkeyPatch, tenant: Tenant) -> None:
    """The sandbox's messages cost like those of a carrier that sells."""
    monkeypatch.setattr(paying, "GIVERS", {})
    monkeypatch.setattr(messages.current_app, "send_task", lambda *_, **__: None)
    with platform_scope():
        Rate.objects.create(
            carrier="sandbox",
            direction=RateOf.MESSAGE,
            prefix="1",
            micros_per_minute=PRICE,
            effective_from=timezone.now() - timedelta(days=1),
        )
    set_balance(tenant, 1_000_000)


@pytest.fixture
def message(node: MediaNode, answered: Call, tenant: Tenant) -> TextMessage:
    asked(node, answered)
    (row,) = stored(tenant)
    return row


def send(row: TextMessage) -> TextMessage:
    with tenant_scope(row.tenant_id):
        TextMessage.objects.update(next_at=timezone.now())
    send_message(tenant_id=row.tenant_id, message_id=row.pk)
    (fresh,) = stored(Tenant(pk=row.tenant_id))
    return fresh


def money(row: TextMessage) -> tuple[int, list[str]]:
    """What its tenant has, and the entries about messages."""
    with tenant_scope(row.tenant_id):
        ensure_adds_up()
        about = Entry.objects.filter(reference__startswith="message:").order_by("pk")
        return Wallet.objects.get().balance_micros, list(about.values_list("kind", flat=True))


def test_a_message_is_paid_before_it_goes(message: TextMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    paid: list[int] = []

    def sent() -> str:
        paid.append(money(message)[0])
        return "carrier-1"

    carrier_that(monkeypatch, sent)

    assert send(message).state == MessageState.SENT
    assert paid == [1_000_000 - PRICE]
    assert money(message) == (1_000_000 - PRICE, [EntryKind.MESSAGE])
    with tenant_scope(message.tenant_id):
        (entry,) = Entry.objects.filter(kind=EntryKind.MESSAGE)
        assert message.to_number not in entry.why


def test_each_part_is_paid(message: TextMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier_that(monkeypatch, lambda: "carrier-1")
    with tenant_scope(message.tenant_id):
        TextMessage.objects.update(text="a" * 161)
    send(message)
    assert money(message)[0] == 1_000_000 - 2 * PRICE


def test_it_is_paid_once_however_often_it_is_tried(
    message: TextMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [CarrierDown("Busy."), CarrierDown("Busy."), "carrier-1"]

    def answer() -> str:
        one = answers.pop(0)
        if isinstance(one, Exception):
            raise one
        return str(one)

    carrier_that(monkeypatch, answer)
    for _ in range(3):
        last = send(message)

    assert last.state == MessageState.SENT
    assert money(message) == (1_000_000 - PRICE, [EntryKind.MESSAGE])


def test_one_that_is_refused_is_paid_back(message: TextMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> str:
        raise CarrierRefused("A landline.")

    carrier_that(monkeypatch, refuse)

    assert send(message).state == MessageState.FAILED
    assert money(message) == (1_000_000, [EntryKind.MESSAGE, EntryKind.REFUND])


def test_a_number_that_was_given_back_sends_nothing(
    message: TextMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be another tenant's by now."""
    seen = carrier_that(monkeypatch, lambda: "carrier-1")
    with tenant_scope(message.tenant_id):
        PhoneNumber.objects.update(archived_at=timezone.now())

    failed = send(message)

    assert (failed.state, "given back" in failed.problem, seen) == (MessageState.FAILED, True, [])
    assert money(message)[0] == 1_000_000


def test_without_money_or_a_price_none_goes(
    tenant: Tenant, message: TextMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = carrier_that(monkeypatch, lambda: "carrier-1")
    set_balance(tenant, PRICE - 1)

    failed = send(message)

    assert (failed.state, seen) == (MessageState.FAILED, [])
    assert "top it up" in failed.problem
    assert money(message) == (PRICE - 1, [])

    with platform_scope():
        Rate.objects.update(prefix="44")
    with tenant_scope(message.tenant_id):
        TextMessage.objects.update(state=MessageState.QUEUED)
    assert "no price" in send(message).problem
    assert seen == []
