"""Plans that cost something by the month: paid, changed, not paid, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.billing.models import AccountKind, Plan, Posting
from apps.billing.services.rates import FIRST_PLAN, plan_of
from apps.payments.errors import CardRefused
from apps.payments.models import (
    GIVEN_UP,
    Payment,
    PaymentState,
    StripeEvent,
    Subscription,
    SubscriptionState,
)
from apps.payments.services.customers import forget_card
from apps.payments.services.events import try_again
from apps.payments.services.leaving import check_leaving
from apps.payments.services.subscriptions import (
    change_plan,
    end_subscription,
    plan_to_choose,
    refresh_subscription,
)
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    hear,
    later,
    save_card,
    stripe_holds,
    take_all,
    wallet_of,
)
from tests.apps.payments.telling import mails
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_server_state import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plans(db: None) -> None:
    with platform_scope():
        Plan.objects.get_or_create(code=FIRST_PLAN, defaults={"name": "Pay as you go"})
        Plan.objects.create(code="team", name="Team", price_micros_month=20 * USD, included_minutes=100)
        Plan.objects.create(code="firm", name="Firm", price_micros_month=50 * USD)


def choose(tenant: Tenant, code: str) -> str:
    with tenant_scope(tenant.pk):
        plan = plan_to_choose(code)
    return change_plan(tenant_id=tenant.pk, plan=plan)


def plan(tenant: Tenant) -> str:
    with tenant_scope(tenant.pk):
        return plan_of().code


def subscription(tenant: Tenant) -> Subscription:
    with tenant_scope(tenant.pk):
        return Subscription.objects.get()


def subscribed(
    stripe: StripeServer, tenant: Tenant, code: str = "team", card: str = cards.GOOD
) -> Subscription:
    stripe.pay_at(choose(tenant, code), card)
    hear(stripe)
    return subscription(tenant)


def payments(tenant: Tenant) -> list[Payment]:
    with tenant_scope(tenant.pk):
        return list(Payment.objects.order_by("pk"))


def test_a_plan_is_paid_on_a_page_and_holds(stripe: StripeServer, tenant: Tenant) -> None:
    url = choose(tenant, "team")
    assert plan(tenant) == FIRST_PLAN
    stripe.pay_at(url)
    hear(stripe)
    assert plan(tenant) == "team"
    (payment,) = payments(tenant)
    assert (payment.kind, payment.state, payment.amount_micros) == (
        "subscription",
        PaymentState.SUCCEEDED,
        20 * USD,
    )
    assert wallet_of(tenant).balance_micros == GIVEN
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD
    with tenant_scope(tenant.pk):
        posting = Posting.objects.get(account=AccountKind.SUBSCRIPTIONS)
        assert posting.entry.why == "Plan Team: 20.00 USD by card ending in 4242"
        assert (posting.amount_micros, posting.entry.reference) == (
            20 * USD,
            f"subscription:{payment.charge_id}",
        )


def test_nobody_has_to_tell_us(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.pay_at(choose(tenant, "team"))
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        later(seconds=0)
        assert plan(tenant) == "team"
    with platform_scope():
        assert not StripeEvent.objects.filter(done_at=None).exists()


def test_a_page_that_nobody_uses_is_over_one_day(stripe: StripeServer, tenant: Tenant) -> None:
    choose(tenant, "team")
    later(minutes=1)
    with platform_scope():
        assert StripeEvent.objects.filter(done_at=None).count() == 1
    stripe.api.do(
        "POST", f"/v1/checkout/sessions/{stripe.account.all('checkout.session')[0]['id']}/expire", {}
    )
    later(days=1)
    with platform_scope():
        assert not StripeEvent.objects.filter(done_at=None).exists()
    assert plan(tenant) == FIRST_PLAN


def test_a_month_later_it_is_paid_again(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    stripe.account.renew(row.stripe_id)
    hear(stripe)
    assert [p.state for p in payments(tenant)] == [PaymentState.SUCCEEDED] * 2
    assert at_stripe(tenant) == stripe_holds(stripe) == 40 * USD
    assert subscription(tenant).period_end > row.period_end  # type: ignore[operator]


def test_a_dearer_plan_holds_at_once_and_a_free_one_later(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    assert choose(tenant, "firm") == ""
    hear(stripe)
    assert plan(tenant) == "firm"
    assert at_stripe(tenant) == stripe_holds(stripe) == 50 * USD

    assert choose(tenant, FIRST_PLAN) == ""
    assert (plan(tenant), subscription(tenant).cancel_at_period_end) == ("firm", True)
    stripe.account.renew(row.stripe_id)
    hear(stripe)
    assert (plan(tenant), subscription(tenant).state) == (FIRST_PLAN, SubscriptionState.CANCELLED)
    assert subscribed(stripe, tenant).stripe_id != row.stripe_id
    assert plan(tenant) == "team"


def test_a_card_that_does_not_pay_the_difference_changes_nothing(
    stripe: StripeServer, tenant: Tenant
) -> None:
    subscribed(stripe, tenant)
    save_card(stripe, tenant, "4000000000009995")
    with pytest.raises(CardRefused, match="not enough money on the card"):
        choose(tenant, "firm")
    hear(stripe)
    assert plan(tenant) == "team"
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD


def test_a_plan_that_is_not_paid_stays_while_stripe_tries(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    row = subscribed(stripe, tenant)
    stripe.account.save_card(
        stripe.account.get("subscription", row.stripe_id)["customer"], "4000000000009995"
    )
    stripe.account.renew(row.stripe_id)
    hear(stripe)
    unpaid = subscription(tenant)
    assert (plan(tenant), unpaid.state) == ("team", SubscriptionState.PAST_DUE)
    assert unpaid.pay_url.startswith(stripe.url)
    assert "save another card" in unpaid.problem
    assert (payments(tenant)[-1].state, sent) == (PaymentState.FAILING, ["mail/payment_failing"])

    stripe.pay_invoice_at(unpaid.pay_url)
    hear(stripe)
    assert (subscription(tenant).state, subscription(tenant).pay_url) == (SubscriptionState.ACTIVE, "")
    assert payments(tenant)[-1].state == PaymentState.SUCCEEDED


def test_a_plan_that_is_never_paid_ends(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    stripe.account.end_subscription(stripe.account.get("subscription", row.stripe_id))
    hear(stripe)
    assert (plan(tenant), subscription(tenant).state) == (FIRST_PLAN, SubscriptionState.CANCELLED)


def test_a_declined_first_payment_gives_no_plan(stripe: StripeServer, tenant: Tenant) -> None:
    url = choose(tenant, "team")
    with pytest.raises(Refusal):
        stripe.pay_at(url, "4000000000000002")
    hear(stripe)
    assert plan(tenant) == FIRST_PLAN
    assert wallet_of(tenant).balance_micros == GIVEN


def test_a_plan_that_was_archived_before_it_was_paid_is_given(stripe: StripeServer, tenant: Tenant) -> None:
    url = choose(tenant, "team")
    with platform_scope():
        Plan.objects.filter(code="team").update(archived_at=timezone.now())
    stripe.pay_at(url)
    hear(stripe)
    assert (plan(tenant), subscription(tenant).problem) == ("team", "")
    stripe.account.renew(subscription(tenant).stripe_id)
    hear(stripe)
    assert plan(tenant) == "team"


def test_what_is_paid_for_no_plan_is_told_to_staff(stripe: StripeServer, tenant: Tenant) -> None:
    url = choose(tenant, "team")
    stripe.account.behind[url.rpartition("/")[2]]["metadata"] = {"plan": "gone"}
    stripe.pay_at(url)
    hear(stripe)
    assert plan(tenant) == FIRST_PLAN
    assert "ask them for the plan, or for the money" in subscription(tenant).problem
    with platform_scope():
        given_up = StripeEvent.objects.filter(GIVEN_UP)
        assert "pays for the plan 'gone'" in given_up[0].problem
        ids = list(given_up.values_list("pk", flat=True))

    stripe.account.all("subscription")[0]["metadata"]["plan"] = "team"
    with platform_scope():
        assert try_again(event_ids=ids) == len(ids)
    take_all()
    assert (plan(tenant), subscription(tenant).problem) == ("team", "")
    with platform_scope():
        assert not StripeEvent.objects.filter(GIVEN_UP).exists()


def test_a_card_whose_bank_asks_says_what_to_do(stripe: StripeServer, tenant: Tenant) -> None:
    subscribed(stripe, tenant)
    save_card(stripe, tenant, cards.ASKS_ALWAYS)
    with pytest.raises(CardRefused, match="save the card again"):
        choose(tenant, "firm")
    assert plan(tenant) == "team"


def test_the_cards_of_a_plan_may_change_to_and_fro(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    found = stripe.account.get("subscription", row.stripe_id)
    cards_of = [stripe.account.save_card(found["customer"], default=False)["id"] for _ in range(2)]
    for card in (*cards_of, *cards_of):  # in the portal
        found["default_payment_method"] = card
        refresh_subscription(row.stripe_id)
        assert stripe.account.default_card(found["customer"]) == card
        assert found["default_payment_method"] is None


def test_a_card_that_declines_on_the_page_and_one_that_pays_pay_once(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    url = choose(tenant, "team")
    with pytest.raises(Refusal):
        stripe.pay_at(url, "4000000000000002")
    hear(stripe)
    stripe.pay_at(url)
    hear(stripe)
    later(seconds=1)
    later(hours=25)
    hear(stripe)
    assert (plan(tenant), subscription(tenant).state) == ("team", SubscriptionState.ACTIVE)
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD
    assert [s["status"] for s in stripe.account.all("subscription")] == ["active", "canceled"]
    assert [i["status"] for i in stripe.account.all("invoice")] == ["paid", "void"]
    assert ([p.state for p in payments(tenant)], sent) == ([PaymentState.SUCCEEDED], [])


def test_of_two_paid_pages_one_stays(stripe: StripeServer, tenant: Tenant) -> None:
    first, second = choose(tenant, "team"), choose(tenant, "firm")
    stripe.pay_at(first)
    hear(stripe)
    stripe.pay_at(second)
    hear(stripe)
    assert (plan(tenant), subscription(tenant).state) == ("firm", SubscriptionState.ACTIVE)
    assert [s["status"] for s in stripe.account.all("subscription")] == ["active", "canceled"]


def test_of_two_the_later_one_stays_whatever_is_told_last(stripe: StripeServer, tenant: Tenant) -> None:
    first, second = choose(tenant, "team"), choose(tenant, "firm")
    stripe.pay_at(first)
    stripe.pay_at(second)
    later_one, earlier_one = stripe.account.all("subscription")
    earlier_one["created"] -= 60
    refresh_subscription(later_one["id"])
    refresh_subscription(earlier_one["id"])
    hear(stripe)
    assert (plan(tenant), subscription(tenant).stripe_id) == ("firm", later_one["id"])
    assert [s["status"] for s in (later_one, earlier_one)] == ["active", "canceled"]


def test_a_plan_that_stripe_has_given_up_is_followed_by_one_that_is_paid(
    stripe: StripeServer, tenant: Tenant
) -> None:
    """Stripe may keep the one that is not paid, and make invoices of it for ever."""
    given_up = stripe.account.get("subscription", subscribed(stripe, tenant).stripe_id)
    given_up["status"] = "unpaid"
    stripe.account.tell("customer.subscription.updated", given_up)
    hear(stripe)
    assert plan(tenant) == FIRST_PLAN
    row = subscribed(stripe, tenant, "firm")
    assert (plan(tenant), row.state) == ("firm", SubscriptionState.ACTIVE)
    assert [s["status"] for s in stripe.account.all("subscription")] == ["active", "canceled"]
    assert stripe.account.all("customer")[0]["balance"] == 0


def test_nobody_tells_of_a_plan_and_it_is_asked_about(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    stripe.account.renew(row.stripe_id)
    later(hours=25)
    assert subscription(tenant).period_end > row.period_end  # type: ignore[operator]
    assert [p.state for p in payments(tenant)] == [PaymentState.SUCCEEDED] * 2
    assert at_stripe(tenant) == stripe_holds(stripe) == 40 * USD
    asked = len(stripe.asked)
    later(hours=26)
    assert len(stripe.asked) == asked

    stripe.account.end_subscription(stripe.account.get("subscription", row.stripe_id))
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        later(seconds=0)
        assert (plan(tenant), subscription(tenant).state) == (FIRST_PLAN, SubscriptionState.CANCELLED)


def test_another_card_pays_the_plan_that_the_one_before_did_not(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    save_card(stripe, tenant, "4000000000009995")
    stripe.account.renew(row.stripe_id)
    hear(stripe)
    assert payments(tenant)[-1].state == PaymentState.FAILING
    save_card(stripe, tenant)
    later(seconds=1)
    hear(stripe)
    assert payments(tenant)[-1].state == PaymentState.SUCCEEDED
    assert subscription(tenant).state == SubscriptionState.ACTIVE


def test_the_card_that_pays_a_plan_is_not_forgotten(stripe: StripeServer, tenant: Tenant) -> None:
    row = subscribed(stripe, tenant)
    assert stripe.account.get("subscription", row.stripe_id)["default_payment_method"] is None
    with pytest.raises(Conflict, match="save another one"):
        forget_card(tenant_id=tenant.pk)
    end_subscription(tenant_id=tenant.pk)
    forget_card(tenant_id=tenant.pk)
    assert stripe.account.default_card(stripe.account.all("customer")[0]["id"]) is None


def test_an_end_can_be_asked_for(stripe: StripeServer, tenant: Tenant) -> None:
    with pytest.raises(NotFound):
        end_subscription(tenant_id=tenant.pk)
    subscribed(stripe, tenant)
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="End the plan's subscription"):
        check_leaving(tenant=tenant)
    end_subscription(tenant_id=tenant.pk)
    assert subscription(tenant).cancel_at_period_end
    with tenant_scope(tenant.pk):
        check_leaving(tenant=tenant)


def test_only_plans_that_there_are(stripe: StripeServer, tenant: Tenant) -> None:
    with platform_scope():
        Plan.objects.create(code="odd", name="Odd", price_micros_month=1)
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput, match="no such plan"):
        plan_to_choose("none")
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="whole cents"):
        plan_to_choose("odd")
