"""Payments that take a bank days: they are waited for, and what the bank says in the end is told."""

from __future__ import annotations

import pytest
from django.core import mail

from apps.payments.models import PaymentState
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    fresh,
    hear,
    later,
    open_top_up,
    save_card,
    set_up_recharge,
    stripe_holds,
    wallet_of,
)
from tests.apps.payments.telling import mails
from tests.apps.payments.test_recharging import payments, recharge
from tests.apps.webhooks.listening import listen, names
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("paid", [True, False])
def test_a_page_that_a_bank_pays_days_later(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, paid: bool
) -> None:
    sent = mails(monkeypatch)
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
    payment, url = open_top_up(tenant)
    stripe.pay_at(url, cards.BANK)
    hear(stripe)
    assert fresh(payment).state == PaymentState.PROCESSING
    later(days=1)
    assert fresh(payment).state == PaymentState.PROCESSING
    assert wallet_of(tenant).balance_micros == GIVEN

    stripe.pages.settle(fresh(payment).session_id, paid=paid)
    hear(stripe)
    ended = fresh(payment)
    assert ended.state == (PaymentState.SUCCEEDED if paid else PaymentState.FAILED)
    assert wallet_of(tenant).balance_micros == GIVEN + (20 * USD if paid else 0)
    assert at_stripe(tenant) == stripe_holds(stripe)
    assert ended.next_at is None
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["payment.succeeded" if paid else "payment.failed"]
    assert sent == ([] if paid else ["mail/payment_failed"])
    assert ended.problem == "" if paid else "not enough money" in ended.problem


def test_a_bank_that_refuses_a_recharge_is_tried_again_and_then_not(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    save_card(stripe, tenant, cards.BANK)
    set_up_recharge(tenant)
    later(seconds=0)
    (payment,) = payments(tenant)
    assert payment.state == PaymentState.PROCESSING
    stripe.account.settle(payment.intent_id, paid=False)
    later(hours=2)
    assert fresh(payment).state == PaymentState.FAILING
    assert sent == ["mail/payment_failing"]

    later(hours=4)
    assert fresh(payment).state == PaymentState.PROCESSING
    stripe.account.settle(payment.intent_id, paid=True)
    later(hours=6)
    assert fresh(payment).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert recharge(tenant).paused_at is None
    assert mail.outbox == []
