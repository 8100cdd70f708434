"""Stripe's books beside ours: what nobody told of is found, what differs is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.billing.models import AccountKind, EntryKind, Plan
from apps.billing.services import post
from apps.payments.models import DifferenceKind, PaymentState, StripeDifference, StripeReconciliation
from apps.payments.services.reconciling import reconcile, reconcile_due
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import GIVEN, USD, fresh, hear, open_top_up, paid_top_up, wallet_of
from tests.apps.payments.test_subscriptions import choose
from tests.fakes.stripe_server import StripeServer

pytestmark = pytest.mark.django_db


def today() -> date:
    return datetime.now(UTC).date()


def differences() -> list[tuple[str, str]]:
    with platform_scope():
        return [(row.kind, row.words) for row in StripeDifference.objects.all()]


def test_books_that_agree(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 21
    payment = paid_top_up(stripe, tenant)
    stripe.account.refund(payment.charge_id, 500)
    stripe.account.fail_refund(stripe.account.refund(payment.charge_id, 300)["id"])
    disputed = stripe.account.dispute(paid_top_up(stripe, tenant).charge_id)
    stripe.account.close_dispute(disputed["id"], won=True)
    stripe.account.book("payout", -1_000, "po_1")
    stripe.account.book("stripe_fee", -30, "")
    hear(stripe)
    row = reconcile(day=today())
    assert differences() == []
    assert (row.checked, row.passed_over, row.differences) == (7, 2, 0)
    assert row.finished_at is not None


def test_what_nobody_told_of_is_credited(stripe: StripeServer, tenant: Tenant) -> None:
    payment, url = open_top_up(tenant)
    stripe.pay_at(url)
    reconcile(day=today())
    assert fresh(payment).state == PaymentState.SUCCEEDED
    assert differences() == []


def test_what_comes_to_what_is_known_is_credited(stripe: StripeServer, tenant: Tenant) -> None:
    """A dispute that was won, a refund that the bank sent back: nobody told of that."""
    won, back = paid_top_up(stripe, tenant), paid_top_up(stripe, tenant)
    disputed = stripe.account.dispute(won.charge_id)
    sent = stripe.account.refund(back.charge_id, 500)
    hear(stripe)
    assert wallet_of(tenant).balance_micros == GIVEN + 15 * USD
    stripe.account.close_dispute(disputed["id"], won=True)
    stripe.account.fail_refund(sent["id"])
    row = reconcile(day=today())
    assert wallet_of(tenant).balance_micros == GIVEN + 40 * USD
    assert (row.differences, differences()) == (0, [])


def test_a_plans_month_that_nobody_told_of_is_booked(stripe: StripeServer, tenant: Tenant) -> None:
    with platform_scope():
        Plan.objects.create(code="team", name="Team", price_micros_month=20 * USD)
    stripe.pay_at(choose(tenant, "team"))
    stripe.account.renew(stripe.account.all("subscription")[0]["id"])
    row = reconcile(day=today())
    assert (row.checked, differences()) == (2, [])


def test_the_platforms_own_movements_are_summed_up(stripe: StripeServer, tenant: Tenant) -> None:
    paid_top_up(stripe, tenant)
    stripe.account.book("payout", -1_000, "po_1")
    stripe.account.book("payout_failure", 400, "po_1")
    stripe.account.book("stripe_fee", -70, "")
    stripe.account.book("topup", 900, "tu_1")
    row = reconcile(day=today())
    assert (row.fees_micros, row.payouts_micros, row.others_micros) == (-USD, -6 * USD, 9 * USD)


def test_an_account_that_settles_in_another_currency_agrees(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.settles_in, stripe.account.per_hundred = "eur", 80
    payment = paid_top_up(stripe, tenant)
    stripe.account.refund(payment.charge_id, 500)
    hear(stripe)
    row = reconcile(day=today())
    assert (row.checked, differences()) == (2, [])


def test_what_differs_is_told(stripe: StripeServer, tenant: Tenant) -> None:
    right = paid_top_up(stripe, tenant)
    wrong = paid_top_up(stripe, tenant)
    stripe.account.book("charge", 700, "ch_of_nobody")
    for row in stripe.account.all("balance_transaction", source=wrong.charge_id):
        row["amount"] = 1_500
    with tenant_scope(tenant.pk):
        post(
            tenant_id=tenant.pk,
            reference="stripe:ch_invented",
            kind=EntryKind.TOP_UP,
            why="Invented",
            postings={AccountKind.WALLET: USD, AccountKind.STRIPE: -USD},
        )
    reconcile(day=today())
    again = reconcile(day=today())
    kinds = sorted(kind for kind, _ in differences())
    assert kinds == [DifferenceKind.AMOUNT, DifferenceKind.MISSING_AT_STRIPE, DifferenceKind.MISSING_HERE]
    assert again.differences == 3
    told = " ".join(words for _, words in differences())
    assert "ch_of_nobody" in told
    assert "stripe:ch_invented" in told
    assert f"({wrong.charge_id}) is 20.00 USD in the tenant's ledger" in told
    assert right.charge_id not in told


def test_days_that_are_over_are_compared_once(stripe: StripeServer, tenant: Tenant) -> None:
    paid_top_up(stripe, tenant)
    reconcile_due(now=timezone.now())
    with platform_scope():
        assert not StripeReconciliation.objects.exists()
    for _ in range(2):
        with time_machine.travel(timezone.now() + timedelta(days=3)):
            reconcile_due(now=timezone.now())
    with platform_scope():
        assert StripeReconciliation.objects.filter(finished_at__isnull=False).count() in (2, 3)
        assert StripeReconciliation.objects.get(day=today()).checked == 1


def test_while_stripe_is_down_a_day_waits(stripe: StripeServer, tenant: Tenant) -> None:
    paid_top_up(stripe, tenant)
    stripe.trouble = "down"
    row = reconcile(day=today())
    assert (row.finished_at, "cannot be reached" in row.problem) == (None, True)
    stripe.trouble = ""
    assert reconcile(day=today()).problem == ""
