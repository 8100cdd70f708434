"""A top-up: paid once, credited once, however its events come."""

from __future__ import annotations

import itertools

import pytest
from django.test import Client
from django.test.utils import override_settings

from apps.billing.models import AccountKind, Entry, Posting
from apps.payments.errors import PaymentsNotSetUp, StripeDown
from apps.payments.models import Customer, PaymentState, StripeEvent
from apps.payments.services.refreshing import refresh
from apps.payments.services.top_ups import begin_top_up, top_up_url
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    fresh,
    hear,
    later,
    open_top_up,
    paid_top_up,
    save_card,
    stripe_holds,
    take_all,
    tell,
    wallet_of,
)
from tests.apps.webhooks.listening import listen, names
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_server_state import Refusal

pytestmark = pytest.mark.django_db


def test_a_paid_page_is_in_the_balance(stripe: StripeServer, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
    payment = paid_top_up(stripe, tenant)

    assert (payment.state, payment.card_last4, payment.problem) == (PaymentState.SUCCEEDED, "4242", "")
    assert payment.receipt_url.startswith(stripe.url)
    assert payment.invoice_url.startswith(stripe.url)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD
    with tenant_scope(tenant.pk):
        entry = Entry.objects.get(reference=f"stripe:{payment.charge_id}")
        assert (entry.subject, entry.why) == (payment.public_id, "Top-up by card ending in 4242")
        assert names(endpoint) == ["payment.succeeded"]


def test_events_may_come_in_any_order_and_twice(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    stripe.account.refund(stripe.account.all("charge")[0]["id"], 500)
    told = list(stripe.account.events)
    for number, order in enumerate(itertools.islice(itertools.permutations(told), 0, 400, 80)):
        for event in order:
            assert tell(stripe, event | {"id": f"{event['id']}{number}"}) == 204
            take_all()
    assert fresh(payment).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 15 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 15 * USD


def test_an_event_is_taken_once(stripe: StripeServer, tenant: Tenant) -> None:
    paid_top_up(stripe, tenant)
    asked = len(stripe.asked)
    for event in stripe.account.events:
        assert tell(stripe, event) == 204
    take_all()
    assert len(stripe.asked) == asked
    with platform_scope():
        assert StripeEvent.objects.count() == len(stripe.account.events)


def test_nobody_has_to_tell_us(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    later(minutes=1)
    assert fresh(payment).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_tax_is_the_states(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 21
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        payment = paid_top_up(stripe, tenant)
    assert (payment.amount_micros, payment.tax_micros) == (20 * USD, 4_200_000)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 24_200_000
    with tenant_scope(tenant.pk):
        assert Posting.objects.get(account=AccountKind.TAXES).amount_micros == 4_200_000


@pytest.mark.parametrize("number", [cards.GOOD, cards.ASKS_ALWAYS])
def test_a_card_that_declines_may_be_followed_by_one_that_pays(
    stripe: StripeServer, tenant: Tenant, number: str
) -> None:
    payment, url = open_top_up(tenant)
    with pytest.raises(Refusal):
        stripe.pay_at(url, "4000000000009995")
    hear(stripe)
    declined = fresh(payment)
    assert (declined.state, declined.problem_code) == (PaymentState.PENDING, "insufficient_funds")
    assert "not enough money on the card" in declined.problem

    stripe.pay_at(url, number)
    hear(stripe)
    assert (fresh(payment).state, fresh(payment).problem) == (PaymentState.SUCCEEDED, "")
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_a_holder_who_does_not_authenticate_has_not_paid(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    with pytest.raises(Refusal):
        stripe.pay_at(url, cards.ASKS_ALWAYS, authenticated=False)
    hear(stripe)
    assert fresh(payment).is_open
    assert wallet_of(tenant).balance_micros == GIVEN


def test_a_page_that_is_left_expires(stripe: StripeServer, tenant: Tenant) -> None:
    payment, _ = open_top_up(tenant)
    stripe.api.do("POST", f"/v1/checkout/sessions/{fresh(payment).session_id}/expire", {})
    later(minutes=1)
    left = fresh(payment)
    assert (left.state, left.next_at) == (PaymentState.CANCELLED, None)
    assert "Begin again" in left.problem


def test_a_saved_card_is_the_one_that_is_charged_from_then_on(stripe: StripeServer, tenant: Tenant) -> None:
    paid_top_up(stripe, tenant, save_card=True)
    with tenant_scope(tenant.pk):
        assert Customer.objects.get().card_last4 == "4242"


def test_an_older_card_of_which_is_told_late_is_not_chosen(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant, save_card=True)
    stripe.pay_at(url, "5555555555554444")
    stripe.account.all("payment_method")[0]["created"] -= 60
    save_card(stripe, tenant)
    hear(stripe)
    assert fresh(payment).card_last4 == "4444"
    with tenant_scope(tenant.pk):
        assert Customer.objects.get().card_last4 == "4242"


def test_the_page_of_a_payment_is_one(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    assert top_up_url(tenant_id=tenant.pk, payment_id=payment.pk) == url
    assert len(stripe.account.all("checkout.session")) == 1
    assert len(stripe.account.all("customer")) == 1


def test_a_lost_answer_loses_no_money(stripe: StripeServer, tenant: Tenant) -> None:
    """The page is made, and nobody hears of it: it is closed, and nothing was paid."""
    with tenant_scope(tenant.pk):
        payment = begin_top_up(amount_micros=20 * USD, save_card=True)
    stripe.trouble, stripe.trouble_at, stripe.trouble_for = "lost", "/v1/checkout/sessions", 1
    with pytest.raises(StripeDown):
        top_up_url(tenant_id=tenant.pk, payment_id=payment.pk)
    later(minutes=10)
    assert fresh(payment).state == PaymentState.CANCELLED
    (page,) = stripe.account.all("checkout.session")
    assert page["status"] == "expired"


def test_while_stripe_is_down_an_event_waits(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    stripe.trouble = "down"
    hear(stripe)
    with platform_scope():
        assert not StripeEvent.objects.exclude(done_at=None).exists()
    assert fresh(payment).state == PaymentState.PENDING
    stripe.trouble = ""
    later(hours=2)
    assert fresh(payment).state == PaymentState.SUCCEEDED
    with platform_scope():
        assert not StripeEvent.objects.filter(done_at=None).exists()


@pytest.mark.parametrize("amount", [1, 4_990_000, 5_000_000_010_000, 5_000_001])
def test_an_amount_that_cannot_be_paid_is_refused(stripe: StripeServer, tenant: Tenant, amount: int) -> None:
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput, match="Give an amount"):
        begin_top_up(amount_micros=amount, save_card=False)


def test_without_a_key_nobody_pays(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk), override_settings(STRIPE_SECRET_KEY=""), pytest.raises(PaymentsNotSetUp):
        begin_top_up(amount_micros=20 * USD, save_card=False)


def test_another_currency_is_not_credited_by_guess(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    stripe.account.all("payment_intent")[0]["currency"] = "eur"
    refresh(tenant_id=tenant.pk, payment_id=payment.pk)
    assert fresh(payment).state == PaymentState.PENDING
    assert "Ask support" in fresh(payment).problem
    assert wallet_of(tenant).balance_micros == GIVEN


def test_only_what_stripe_has_signed_is_taken(stripe: StripeServer, tenant: Tenant) -> None:
    event = stripe.account.tell("customer.updated", stripe.account.add("customer"))
    assert tell(stripe, event, secret="whsec_of_somebody") == 400
    assert tell(stripe, event, at=1_700_000_000) == 400
    assert Client().post("/webhooks-in/stripe", b"{}", content_type="application/json").status_code == 400
    assert Client().get("/webhooks-in/stripe").status_code == 405
    with override_settings(STRIPE_WEBHOOK_SECRETS=["whsec_new", *stripe.settings["STRIPE_WEBHOOK_SECRETS"]]):
        assert tell(stripe, event) == 204
    with override_settings(STRIPE_SECRET_KEY=""):
        assert tell(stripe, event) == 404
    assert tell(stripe, event | {"id": "evt_2", "account": "acct_1"}) == 204  # of a connected account
    with platform_scope():
        assert not StripeEvent.objects.filter(event_id="evt_2").exists()
    assert tell(stripe, {"id": "evt_1", "object": "event", "type": "x", "data": {}}) == 400


def test_events_about_what_is_not_ours_mean_nothing(stripe: StripeServer, tenant: Tenant) -> None:
    account = stripe.account
    account.add("payment_intent", status="requires_payment_method")
    stranger = account.add("customer")
    for kind in ("customer.updated", "product.created"):
        account.tell(kind, stranger if kind.startswith("customer") else account.add("product"))
    account.tell("payment_intent.created", account.all("payment_intent")[0])
    account.tell("invoice.paid", account.new_invoice(stranger["id"]))
    account.tell(
        "checkout.session.completed", account.add("checkout.session", mode="payment", customer="cus_x")
    )
    account.tell("charge.updated", account.add("charge"))
    account.tell("payment_intent.created", {"object": "payment_intent", "id": "pi_gone"})
    hear(stripe)
    with platform_scope():
        assert not StripeEvent.objects.filter(done_at=None).exists()
        assert StripeEvent.objects.exclude(problem="").get().object_id == "pi_gone"
