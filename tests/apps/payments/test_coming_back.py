"""Refunds and disputes: what goes back leaves the wallet, and what the wallet has not got is owed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test.utils import override_settings
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.billing.selectors import get_wallet, outbound_stopped
from apps.billing.services import credit, hold_many
from apps.payments.errors import StripeDown
from apps.payments.models import Dispute, Payment, Refund, RefundState
from apps.payments.selectors import paid_in, refundable
from apps.payments.services.refunds import ask_refund, send_refund
from tenants.errors import Conflict, InvalidInput
from tenants.ids import new_id
from tenants.mail import render_mail
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    fresh,
    hear,
    later,
    paid_top_up,
    save_card,
    set_up_recharge,
    stripe_holds,
    wallet_of,
)
from tests.apps.payments.telling import contexts
from tests.apps.webhooks.listening import listen, names
from tests.fakes.stripe_server import StripeServer
from tests.money import charge_call, holds
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db


def refund(payment: Payment, amount: int) -> Refund:
    """Asked for, and not yet sent."""
    with tenant_scope(payment.tenant_id):
        ask_refund(payment_id=payment.pk, amount_micros=amount, why="Unused")
        return Refund.objects.order_by("-pk")[0]


def sent(row: Refund) -> Refund:
    send_refund(tenant_id=row.tenant_id, refund_id=row.pk)
    with tenant_scope(row.tenant_id):
        return Refund.objects.get(pk=row.pk)


def most(payment: Payment) -> int:
    with tenant_scope(payment.tenant_id):
        return refundable(Payment.objects.get(pk=payment.pk), wallet=get_wallet(), paid_in=paid_in())


def test_a_part_goes_back_to_the_card(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
    row = refund(payment, 5 * USD)
    assert wallet_of(tenant).balance_micros == GIVEN + 15 * USD
    assert at_stripe(tenant) == 20 * USD
    row = sent(sent(row))
    hear(stripe)
    assert (row.state, row.asked_here) == (RefundState.SUCCEEDED, True)
    assert fresh(payment).refunded_micros == 5 * USD
    assert wallet_of(tenant).balance_micros == GIVEN + 15 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 15 * USD
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["payment.refunded"]


def test_tax_goes_back_with_it(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 21
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        payment = paid_top_up(stripe, tenant)
    sent(refund(payment, 3_330_000))
    assert at_stripe(tenant) == stripe_holds(stripe) == 24_200_000 - 3_330_000 - 690_000
    stripe.account.refund(payment.charge_id)  # the rest, in the dashboard
    hear(stripe)
    assert at_stripe(tenant) == stripe_holds(stripe) == 0
    assert fresh(payment).refunded_micros == 20 * USD
    assert wallet_of(tenant).balance_micros == GIVEN


def test_parts_leave_no_tax_behind(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 7
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        payment = paid_top_up(stripe, tenant)
    for amount in (3_330_000, 3_330_000, 13_340_000):
        sent(refund(payment, amount))
    assert at_stripe(tenant) == stripe_holds(stripe) == 0
    assert wallet_of(tenant).balance_micros == GIVEN


def test_what_was_given_is_no_money_to_send(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    assert most(payment) == 20 * USD
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 3 * USD)
    assert most(payment) == 20 * USD  # of what was given
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 4 * USD)
        assert hold_many(holds={new_id(): holds(8 * USD)})
    assert most(payment) == 10 * USD
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput, match=r"At most 10\.00 USD"):
        ask_refund(payment_id=payment.pk, amount_micros=11 * USD, why="")


def test_no_more_goes_back_than_was_paid(stripe: StripeServer, tenant: Tenant) -> None:
    first, second = paid_top_up(stripe, tenant), paid_top_up(stripe, tenant, 10 * USD)
    refund(first, 20 * USD)
    assert (most(first), most(second)) == (0, 10 * USD)
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput, match="Nothing of this payment"):
        ask_refund(payment_id=first.pk, amount_micros=USD, why="")
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput, match="whole cents"):
        ask_refund(payment_id=second.pk, amount_micros=1, why="")


def test_what_stripe_refuses_is_in_the_balance_again(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    stripe.account.get("charge", payment.charge_id)["disputed"] = True
    row = sent(refund(payment, 5 * USD))
    assert row.state == RefundState.FAILED
    assert "charged back" in row.problem
    assert "in your balance again" in row.problem
    assert fresh(payment).refunded_micros == 0
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe)


@pytest.mark.parametrize("days", [0.1, 2])
def test_a_lost_answer_sends_it_once(stripe: StripeServer, tenant: Tenant, days: float) -> None:
    payment = paid_top_up(stripe, tenant)
    row = refund(payment, 5 * USD)
    stripe.trouble, stripe.trouble_at, stripe.trouble_for = "lost", "/v1/refunds", 1
    with pytest.raises(StripeDown):
        send_refund(tenant_id=tenant.pk, refund_id=row.pk)
    if days > 1:
        stripe._answers.clear()  # Stripe knows no keys any more
    later(days=days)
    with tenant_scope(tenant.pk):
        assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert len(stripe.account.all("refund")) == 1
    assert at_stripe(tenant) == stripe_holds(stripe) == 15 * USD


def test_a_refund_that_the_bank_sends_back(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    row = sent(refund(payment, 5 * USD))
    stripe.account.fail_refund(row.stripe_id)
    hear(stripe)
    with tenant_scope(tenant.pk):
        assert Refund.objects.get().state == RefundState.FAILED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD
    assert fresh(payment).refunded_micros == 0


def test_the_dashboard_sends_back_what_waits_here(stripe: StripeServer, tenant: Tenant) -> None:
    """Sent back once, and taken out of the wallet once."""
    payment = paid_top_up(stripe, tenant)
    row = refund(payment, 20 * USD)
    stripe.account.refund(payment.charge_id)
    hear(stripe)
    row = sent(row)
    assert (row.state, row.stripe_id) == (RefundState.FAILED, "")
    assert "sent back at the payment provider" in row.problem
    assert wallet_of(tenant).balance_micros == GIVEN
    assert at_stripe(tenant) == stripe_holds(stripe) == 0
    assert fresh(payment).refunded_micros == 20 * USD


def test_a_refund_that_stripe_has_not_finished_is_asked_about(stripe: StripeServer, tenant: Tenant) -> None:
    """Nobody tells of what becomes of it."""
    payment = paid_top_up(stripe, tenant)
    stripe.account.refunds_wait = True
    row = sent(refund(payment, 5 * USD))
    assert row.state == RefundState.PENDING
    later(hours=2)
    stripe.account.fail_refund(row.stripe_id)
    later(days=1.1)
    with tenant_scope(tenant.pk):
        assert Refund.objects.get().state == RefundState.FAILED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD


def test_a_refund_of_the_dashboards_is_not_charged_again(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    save_card(stripe, tenant)
    row = set_up_recharge(tenant)
    stripe.account.refund(payment.charge_id)
    hear(stripe)
    later(minutes=1)
    assert len(stripe.account.all("charge")) == 1
    with tenant_scope(tenant.pk):
        row.refresh_from_db()
    assert "Turn this on again" in row.problem


def test_the_dashboard_may_take_more_than_there_is(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 15 * USD)
    stripe.account.refund(payment.charge_id)
    hear(stripe)
    wallet = wallet_of(tenant)
    assert (wallet.balance_micros, wallet.debt_micros) == (0, 10 * USD)
    with tenant_scope(tenant.pk):
        assert "You owe 10.00 USD" in outbound_stopped()
    assert at_stripe(tenant) == stripe_holds(stripe) == 0

    paid_top_up(stripe, tenant)
    wallet = wallet_of(tenant)
    assert (wallet.balance_micros, wallet.debt_micros) == (10 * USD, 0)
    with tenant_scope(tenant.pk):
        assert outbound_stopped() == ""


def test_a_debt_that_staff_pay_lets_calls_go_on(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 25 * USD)
    stripe.account.refund(payment.charge_id)
    hear(stripe)
    credit(tenant=tenant, amount_micros=20 * USD, why="Goodwill")
    later(seconds=0)
    with tenant_scope(tenant.pk):
        assert outbound_stopped() == ""


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_takes_the_money_until_it_is_won(stripe: StripeServer, tenant: Tenant, won: bool) -> None:
    payment = paid_top_up(stripe, tenant)
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
        charge_call(new_id(), 10 * USD)
    disputed = stripe.account.dispute(payment.charge_id)
    hear(stripe)
    wallet = wallet_of(tenant)
    assert (wallet.balance_micros, wallet.debt_micros) == (0, 5 * USD)
    assert fresh(payment).disputed_micros == 20 * USD
    later(seconds=0)
    assert len(stripe.account.all("charge")) == 1  # the card is not charged again by itself

    stripe.account.close_dispute(disputed["id"], won=won)
    hear(stripe)
    wallet = wallet_of(tenant)
    assert (wallet.balance_micros, wallet.debt_micros) == ((15 * USD, 0) if won else (0, 5 * USD))
    assert at_stripe(tenant) == stripe_holds(stripe) == (20 * USD if won else 0)
    with tenant_scope(tenant.pk):
        assert Dispute.objects.get().state == ("won" if won else "lost")
        assert set(names(endpoint)) == {"payment.disputed"}


def test_an_inquiry_moves_no_money_until_it_is_a_dispute(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = contexts(monkeypatch)
    payment = paid_top_up(stripe, tenant)
    asked = stripe.account.dispute(payment.charge_id, withdraws=False)
    hear(stripe)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert fresh(payment).disputed_micros == 0
    assert "No money has been taken" in render_mail("mail/payment_disputed", told[-1])[1]

    stripe.account.escalate(asked["id"])
    hear(stripe)
    assert wallet_of(tenant).balance_micros == GIVEN
    assert [context["taken"] for context in told] == [False, True]
    assert "the money is not in the balance" in render_mail("mail/payment_disputed", told[-1])[1]


def test_a_dispute_in_an_account_that_settles_in_another_currency(
    stripe: StripeServer, tenant: Tenant
) -> None:
    payment = paid_top_up(stripe, tenant)
    stripe.account.settles_in, stripe.account.per_hundred = "eur", 80
    disputed = stripe.account.dispute(payment.charge_id)
    hear(stripe)
    assert wallet_of(tenant).balance_micros == GIVEN
    stripe.account.close_dispute(disputed["id"], won=True)
    hear(stripe)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_a_refund_that_would_charge_the_card_again_is_refused(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="Turn off the automatic recharge"):
        ask_refund(payment_id=payment.pk, amount_micros=20 * USD, why="")


def test_a_card_that_pays_and_disputes_at_once(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant, card="4000000000000259")
    assert payment.disputed_micros == 20 * USD
    assert wallet_of(tenant).balance_micros == GIVEN
    assert at_stripe(tenant) == stripe_holds(stripe) == 0


def test_an_old_refund_waits_its_turn(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    row = refund(payment, 5 * USD)
    stripe.trouble = "down"
    later(minutes=1)
    stripe.trouble = ""
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        send_refund(tenant_id=tenant.pk, refund_id=row.pk)  # somebody else has it still
    assert stripe.account.all("refund") == []
    later(minutes=5)
    assert len(stripe.account.all("refund")) == 1


def test_money_that_calls_have_taken_meanwhile(stripe: StripeServer) -> None:
    with override_settings(FREE_CREDIT_MICROS=0):
        poor = make_tenant()
    payment = paid_top_up(stripe, poor)
    with tenant_scope(poor.pk):
        charge_call(new_id(), 18 * USD)
        with pytest.raises((InvalidInput, NotEnoughMoney)):
            ask_refund(payment_id=payment.pk, amount_micros=3 * USD, why="")
