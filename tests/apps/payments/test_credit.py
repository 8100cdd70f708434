"""Credit that Stripe keeps of a plan: it pays the next invoices, whatever they are for, and nothing of it is
lost."""

from __future__ import annotations

import pytest
from django.test.utils import override_settings

from apps.billing.models import AccountKind, Plan, Posting
from apps.billing.services.rates import FIRST_PLAN
from apps.payments.models import Payment, PaymentKind, PaymentState
from apps.payments.selectors import paid_in, refundable
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    hear,
    later,
    set_up_recharge,
    stripe_holds,
    wallet_of,
)
from tests.apps.payments.test_subscriptions import choose, plan, subscribed
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plans(db: None) -> None:
    with platform_scope():
        Plan.objects.get_or_create(code=FIRST_PLAN, defaults={"name": "Pay as you go"})
        for code, dollars in (("team", 20), ("club", 35), ("firm", 50)):
            Plan.objects.create(code=code, name=code.title(), price_micros_month=dollars * USD)


def only(tenant: Tenant, kind: str) -> Payment:
    with tenant_scope(tenant.pk):
        return Payment.objects.filter(kind=kind).order_by("-pk")[0]


def income(tenant: Tenant) -> int:
    with tenant_scope(tenant.pk):
        rows = Posting.objects.filter(account=AccountKind.SUBSCRIPTIONS)
        return sum(rows.values_list("amount_micros", flat=True))


@pytest.mark.parametrize(
    ("before", "after", "charged"), [("firm", "team", 0), ("club", "team", 5 * USD)], ids=["all", "some"]
)
def test_a_recharge_that_credit_pays(
    stripe: StripeServer, tenant: Tenant, before: str, after: str, charged: int
) -> None:
    subscribed(stripe, tenant, before)
    choose(tenant, after)
    hear(stripe)
    assert plan(tenant) == after
    paid = at_stripe(tenant)
    set_up_recharge(tenant)
    later(seconds=0)
    hear(stripe)
    payment = only(tenant, PaymentKind.RECHARGE)
    assert (payment.state, payment.problem) == (PaymentState.SUCCEEDED, "")
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == paid + charged
    assert income(tenant) == paid + charged - 20 * USD
    with tenant_scope(tenant.pk):
        can_go_back = refundable(payment, wallet=wallet_of(tenant), paid_in=paid_in())
    assert can_go_back == charged
    later(hours=1)
    assert only(tenant, PaymentKind.RECHARGE) == payment


def test_a_rest_of_a_plan_is_paid_with_a_recharge(stripe: StripeServer, tenant: Tenant) -> None:
    """Stripe puts off what is too little for a card."""
    subscribed(stripe, tenant)
    stripe.account.all("customer")[0]["balance"] = 30
    set_up_recharge(tenant)
    later(seconds=0)
    assert only(tenant, PaymentKind.RECHARGE).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 40_300_000
    assert income(tenant) == 20_300_000


def test_a_plan_that_credit_nearly_pays_is_booked_with_its_tax(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 21
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        row = subscribed(stripe, tenant)
        stripe.account.all("customer")[0]["balance"] = -2_200
        stripe.account.renew(row.stripe_id)
        hear(stripe)
    payment = only(tenant, PaymentKind.SUBSCRIPTION)
    assert (payment.state, payment.total_micros, payment.tax_micros) == (
        PaymentState.SUCCEEDED,
        2_200_000,
        380_000,
    )
    assert at_stripe(tenant) == stripe_holds(stripe) == 26_400_000


def test_an_invoice_that_was_noted_as_paid_is_told(stripe: StripeServer, tenant: Tenant) -> None:
    """By somebody in Stripe's dashboard: the money is elsewhere."""
    customer = subscribed(stripe, tenant)
    save = stripe.account.get("subscription", customer.stripe_id)["customer"]
    stripe.account.save_card(save, "4000000000009995")
    hear(stripe)
    set_up_recharge(tenant)
    later(seconds=0)
    waiting = only(tenant, PaymentKind.RECHARGE)
    stripe.account.get("invoice", waiting.invoice_id)["status"] = "paid"
    later(hours=2)
    ended = only(tenant, PaymentKind.RECHARGE)
    assert (ended.pk, ended.state) == (waiting.pk, PaymentState.FAILED)
    assert "Ask support" in ended.problem
    assert wallet_of(tenant).balance_micros == GIVEN
