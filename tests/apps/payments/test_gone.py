"""Customers that Stripe has deleted, and tenants that leave: nobody is stuck, and nothing stays."""

from __future__ import annotations

import pytest
from django.test.utils import override_settings

from apps.billing.models import Plan
from apps.billing.services.rates import FIRST_PLAN
from apps.payments.gateway.checkout import Back
from apps.payments.models import Customer, PaymentState, Subscription, SubscriptionState
from apps.payments.services.customers import portal_url, refresh_card, save_card_url
from apps.payments.services.leaving import check_leaving
from apps.payments.services.refunds import ask_refund
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services.delete_tenant import delete_left, leave
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    fresh,
    hear,
    later,
    open_top_up,
    paid_top_up,
    save_card,
    set_up_recharge,
    wallet_of,
)
from tests.apps.payments.test_subscriptions import plan, subscribed
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.django_db
BACK = Back(done_url="http://127.0.0.1/done", left_url="http://127.0.0.1/left")


def customer(tenant: Tenant) -> Customer:
    with tenant_scope(tenant.pk):
        return Customer.objects.get()


@pytest.mark.parametrize("told", [True, False])
def test_a_deleted_customer_is_made_anew(stripe: StripeServer, tenant: Tenant, told: bool) -> None:
    paid_top_up(stripe, tenant, save_card=True)
    first = customer(tenant)
    stripe.account.delete_customer(first.stripe_id)
    if told:
        hear(stripe)
        assert customer(tenant).card_id == ""
    payment = paid_top_up(stripe, tenant)
    assert payment.state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 40 * USD
    again = customer(tenant)
    assert (again.pk, again.stripe_id != first.stripe_id, again.gone_at) == (first.pk, True, None)
    assert portal_url(tenant_id=tenant.pk, back_url="http://127.0.0.1/").startswith(stripe.url)


def test_a_card_is_saved_with_a_customer_that_is_there(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.delete_customer(save_card(stripe, tenant).stripe_id)
    stripe.pay_at(save_card_url(tenant_id=tenant.pk, back=BACK))
    hear(stripe)
    assert customer(tenant).card_last4 == "4242"


def test_what_is_told_of_a_deleted_customer_makes_no_other(stripe: StripeServer, tenant: Tenant) -> None:
    found = save_card(stripe, tenant)
    stripe.account.delete_customer(found.stripe_id)
    for _ in range(2):
        stripe.account.tell("customer.updated", stripe.account.objects[found.stripe_id])
    hear(stripe)
    assert refresh_card(tenant.pk) is None
    assert [method for method, path, _ in stripe.asked if path == "/v1/customers"] == ["POST"]


def test_a_recharge_of_a_deleted_customer_says_that_there_is_no_card(
    stripe: StripeServer, tenant: Tenant
) -> None:
    stripe.account.delete_customer(save_card(stripe, tenant).stripe_id)
    row = set_up_recharge(tenant)
    later(seconds=0)
    later(hours=1)
    with tenant_scope(tenant.pk):
        row.refresh_from_db()
    assert (row.paused_at is None, customer(tenant).card_id) == (False, "")
    assert "portal" in row.problem


def test_the_plan_of_a_deleted_customer_ends(stripe: StripeServer, tenant: Tenant) -> None:
    with platform_scope():
        Plan.objects.get_or_create(code=FIRST_PLAN, defaults={"name": "Pay as you go"})
        Plan.objects.create(code="team", name="Team", price_micros_month=20 * USD)
    subscribed(stripe, tenant)
    stripe.account.delete_customer(customer(tenant).stripe_id)
    open_top_up(tenant)  # another customer takes its place before anybody has told us
    hear(stripe)
    assert plan(tenant) == FIRST_PLAN
    with tenant_scope(tenant.pk):
        assert Subscription.objects.get().state == SubscriptionState.CANCELLED


def left(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        leave(tenant=tenant, confirm=tenant.slug)


@pytest.mark.django_db(transaction=True)
def test_stripe_forgets_a_tenant_that_leaves(stripe: StripeServer, tenant: Tenant) -> None:
    found = save_card(stripe, tenant)
    payment, _ = open_top_up(tenant)
    page = fresh(payment).session_id
    left(tenant)
    stripe.trouble = "down"
    assert delete_left() == 0
    stripe.trouble = ""
    assert delete_left() == 1
    assert stripe.account.objects[found.stripe_id].get("deleted")
    assert stripe.account.get("checkout.session", page)["status"] == "expired"
    with platform_scope():
        assert not Tenant.objects.filter(pk=tenant.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_customer_that_is_gone_holds_nobody_up(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.delete_customer(save_card(stripe, tenant).stripe_id)
    left(tenant)
    assert delete_left() == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_key_a_tenant_leaves_all_the_same(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    left(tenant)
    with override_settings(STRIPE_SECRET_KEY=""):
        assert delete_left() == 1


def test_money_on_its_way_is_waited_for(stripe: StripeServer, tenant: Tenant) -> None:
    payment = paid_top_up(stripe, tenant)
    _, url = open_top_up(tenant)
    stripe.pay_at(url, cards.BANK)
    hear(stripe)
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="on its way from a bank"):
        check_leaving(tenant=tenant)
    stripe.pages.settle(url.rpartition("/")[2], paid=True)
    hear(stripe)
    with tenant_scope(tenant.pk):
        ask_refund(payment_id=payment.pk, amount_micros=USD, why="")
        with pytest.raises(Conflict, match="refund is being sent"):
            check_leaving(tenant=tenant)
    later(minutes=1)
    with tenant_scope(tenant.pk):
        check_leaving(tenant=tenant)
