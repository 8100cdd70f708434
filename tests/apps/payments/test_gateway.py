"""Stripe asked through its own library, over a real socket: what comes back, and what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test.utils import override_settings

from apps.payments.errors import CardRefused, PaymentsNotSetUp, StripeDown, StripeKeyRefused, StripeRefused
from apps.payments.gateway import balance, checkout, customers, invoices, payments, subscriptions
from apps.payments.gateway.checkout import Back
from apps.payments.gateway.client import API_VERSION, in_test_mode, stripe_client
from apps.payments.gateway.facts import CustomerFacts, SessionFacts
from tenants.models import Tenant
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer

BACK = Back(done_url="http://127.0.0.1/done", left_url="http://127.0.0.1/left")
PAYMENT = "pay_" + "0" * 32


@pytest.fixture
def customer(stripe: StripeServer) -> str:
    return customers.make_customer(Tenant(name="Acme"), email="owner@example.com")


def top_up(customer: str, *, cents: int = 2_000, save_card: bool = True) -> SessionFacts:
    return checkout.top_up(
        payment=PAYMENT,
        customer_id=customer,
        cents=cents,
        product="Balance",
        save_card=save_card,
        until=datetime(2034, 1, 1, tzinfo=UTC),
        back=BACK,
    )


def invoice_over(customer: str, cents: int = 2_000) -> str:
    made = invoices.draft(payment=PAYMENT, customer_id=customer, description="Balance", ask_first=False)
    invoices.finalize(made, payment=PAYMENT, customer_id=customer, cents=cents, description="Balance")
    return made


def test_the_version_is_pinned_and_every_post_has_a_key_of_ours(stripe: StripeServer, customer: str) -> None:
    page = top_up(customer)
    checkout.expire(page.id)
    invoices.withdraw(invoice_over(customer))
    posts = [key for method, _, key in stripe.asked if method == "POST"]
    assert len(posts) == 7
    assert all("pay_" in key or "cs_" in key or "in_" in key or "customer-" in key for key in posts)
    assert stripe_client()._requestor.stripe_version == API_VERSION == cards.API_VERSION
    assert in_test_mode()


def test_a_customer_is_made_once(stripe: StripeServer) -> None:
    tenant = Tenant(name="Acme")
    made = {customers.make_customer(tenant, email="owner@example.com") for _ in range(2)}
    assert len(made) == 1
    assert len(stripe.account.all("customer")) == 1


def test_a_page_is_paid(stripe: StripeServer, customer: str) -> None:
    page = top_up(customer)
    assert (page.state, page.mode, page.ours, page.intent_id) == ("open", "payment", PAYMENT, "")
    assert stripe.pay_at(page.url) == BACK.done_url

    done = checkout.session(page.id)
    found = payments.intent(done.intent_id)
    assert (done.state, found.succeeded, found.received_cents, found.ours) == (
        "complete",
        True,
        2_000,
        PAYMENT,
    )
    assert (found.card_brand, found.card_last4, found.decline) == ("visa", "4242", "")
    assert found.charge_id.startswith("ch_")
    assert found.receipt_url.startswith(stripe.url)
    assert invoices.invoice(done.invoice_id).ours == PAYMENT
    assert invoices.intent_of(done.invoice_id) == done.intent_id
    assert customers.method_of(done.intent_id).startswith("pm_")
    with pytest.raises(StripeRefused):
        checkout.expire(page.id)


def test_a_card_that_is_not_to_be_saved_is_not(stripe: StripeServer, customer: str) -> None:
    page = top_up(customer, save_card=False)
    stripe.pay_at(page.url)
    assert customers.method_of(checkout.session(page.id).intent_id) == ""


def test_tax_is_added_to_what_is_paid(stripe: StripeServer, customer: str) -> None:
    stripe.account.tax_percent = 21
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        page = top_up(customer)
        stripe.pay_at(page.url)  # which asks for the address
        invoice = invoice_over(customer)
    done = checkout.session(page.id)
    assert (done.tax_cents, payments.intent(done.intent_id).received_cents) == (420, 2_420)
    found = invoices.invoice(invoice)
    assert (found.net_cents, found.due_cents, found.tax_cents) == (2_000, 2_420, 420)


@pytest.mark.parametrize("number", cards.DECLINES)
def test_a_declined_card_says_why(stripe: StripeServer, customer: str, number: str) -> None:
    card = stripe.account.save_card(customer, number)
    invoice = invoice_over(customer)
    with pytest.raises(CardRefused):
        invoices.pay(invoice, card_id=card["id"], name="once")
    found = payments.intent(invoices.intent_of(invoice))
    assert (found.succeeded, found.decline) == (False, cards.DECLINES[number][1])
    assert invoices.invoice(invoice).state == "open"


def test_a_card_whose_bank_asks_wants_a_person(stripe: StripeServer, customer: str) -> None:
    card = stripe.account.save_card(customer, cards.ASKS_ALWAYS)
    invoice = invoice_over(customer)
    with pytest.raises(CardRefused):
        invoices.pay(invoice, card_id=card["id"], name="once")
    assert payments.intent(invoices.intent_of(invoice)).wants_a_person
    stripe.pay_invoice_at(invoices.invoice(invoice).page_url, cards.ASKS_ALWAYS)
    assert invoices.invoice(invoice).state == "paid"


def test_an_invoice_is_made_once_whatever_is_forgotten(stripe: StripeServer, customer: str) -> None:
    made = invoice_over(customer)
    assert invoice_over(customer) == made
    stripe._answers.clear()  # a day later Stripe knows no keys any more
    found = invoices.draft(payment=PAYMENT, customer_id=customer, description="Balance", ask_first=True)
    assert found == made
    assert len(stripe.account.all("invoice")) == 1
    assert len(stripe.account.all("invoiceitem")) == 1


def test_a_draft_is_deleted_and_an_open_invoice_is_void(stripe: StripeServer, customer: str) -> None:
    draft = invoices.draft(payment=PAYMENT, customer_id=customer, description="Balance", ask_first=False)
    for _ in range(2):
        invoices.withdraw(draft)
        assert invoices.invoice(draft).state == "deleted"
    stripe._answers.clear()
    done = invoice_over(customer)
    for _ in range(2):
        invoices.withdraw(done)
        assert invoices.invoice(done).state == "void"


def test_a_deleted_customer_is_gone(stripe: StripeServer, customer: str) -> None:
    stripe.account.save_card(customer)
    assert not customers.customer(customer).gone
    customers.delete_customer(customer)
    assert customers.customer(customer) == CustomerFacts(gone=True, card=None)
    with pytest.raises(StripeRefused, match="No such customer"):
        top_up(customer)


def test_a_saved_card_is_chosen_and_forgotten(stripe: StripeServer, customer: str) -> None:
    page = checkout.save_card(name="v", customer_id=customer, back=BACK)
    stripe.pay_at(page.url)
    card_id = customers.saved_by(checkout.session(page.id).setup_intent_id)
    assert customers.customer(customer).card is None
    customers.choose_card(customer, card_id, name="v")
    card = customers.customer(customer).card
    assert card is not None
    assert (card.id, card.brand, card.last4, card.exp_month, card.exp_year) == (
        card_id,
        "visa",
        "4242",
        12,
        2034,
    )
    customers.forget_card(card_id)
    assert customers.customer(customer).card is None


def test_what_came_back_is_read(stripe: StripeServer, customer: str) -> None:
    page = top_up(customer)
    stripe.pay_at(page.url)
    intent_id = checkout.session(page.id).intent_id
    charge = payments.intent(intent_id).charge_id
    payments.give_back(intent_id, refund="ref_1", cents=500)
    payments.give_back(intent_id, refund="ref_1", cents=500)
    stripe.account.refund(charge, 300)
    ours, theirs = payments.refunds_of(intent_id)
    assert (ours.ours, ours.cents, theirs.ours, theirs.cents) == ("ref_1", 500, "", 300)

    disputed = stripe.account.dispute(charge)
    stripe.account.close_dispute(disputed["id"], won=True)
    (found,) = payments.disputes_of(intent_id)
    assert (found.state, found.reason, [cents for _, cents in found.moved]) == (
        "won",
        "fraudulent",
        [-2_000, 2_000],
    )
    assert {payments.intent_behind(each) for each in (charge, ours.id, found.id, "po_1")} == {intent_id, ""}


def test_a_subscription_is_read_and_changed(stripe: StripeServer, customer: str) -> None:
    prices = {
        cents: subscriptions.price_of_plan(code="team", name="Team", cents=cents) for cents in (2_000, 5_000)
    }
    assert subscriptions.price_of_plan(code="team", name="Team", cents=2_000) == prices[2_000]
    page = checkout.subscribe(name="v", customer_id=customer, price_id=prices[2_000], plan="team", back=BACK)
    stripe.pay_at(page.url)
    found = subscriptions.subscription(checkout.session(page.id).subscription_id)
    assert (found.state, found.plan, found.customer_id) == ("active", "team", customer)
    assert found.period_end is not None
    assert found.period_end > datetime.now(UTC) + timedelta(days=27)
    first = invoices.invoice(found.latest_invoice_id)
    assert (first.subscription_id, first.plan, first.due_cents, first.state) == (
        found.id,
        "team",
        2_000,
        "paid",
    )

    subscriptions.change(found, price_id=prices[5_000], plan="firm", name="n")
    subscriptions.end_with_period(found.id, ends=True, name="n")
    changed = subscriptions.subscription(found.id)
    assert (changed.plan, changed.cancel_at_period_end) == ("firm", True)
    assert changed.latest_invoice_id != found.latest_invoice_id
    subscriptions.cancel(found.id, paid=True)
    assert subscriptions.subscription(found.id).state == "canceled"


def test_movements_of_a_time_are_read(stripe: StripeServer, customer: str) -> None:
    page = top_up(customer)
    stripe.pay_at(page.url)
    now = datetime.now(UTC)
    (found,) = balance.movements(since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    assert (found.cents, found.kind, found.source[:3]) == (2_000, "charge", "ch_")
    assert list(balance.movements(since=now + timedelta(hours=1), until=now + timedelta(hours=2))) == []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [("down", StripeDown), ("limited", StripeDown), ("lost", StripeDown), ("refused", StripeKeyRefused)],
)
def test_trouble_is_told_as_ours(stripe: StripeServer, trouble: str, error: type[Exception]) -> None:
    stripe.trouble = trouble
    with pytest.raises(error, match="payment provider"):
        customers.make_customer(Tenant(name="Acme"), email="")


def test_a_lost_answer_is_asked_for_again(stripe: StripeServer) -> None:
    stripe.trouble, stripe.trouble_for = "lost", 1
    with override_settings(STRIPE_MAX_RETRIES=1):
        customers.make_customer(Tenant(name="Acme"), email="")
    assert len(stripe.account.all("customer")) == 1


def test_nobody_listens(stripe: StripeServer) -> None:
    with override_settings(STRIPE_API_BASE="http://127.0.0.1:9"), pytest.raises(StripeDown):
        customers.customer("cus_1")


def test_without_a_key_nothing_is_asked() -> None:
    with override_settings(STRIPE_SECRET_KEY=""), pytest.raises(PaymentsNotSetUp):
        stripe_client()
