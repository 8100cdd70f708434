"""The balance fills itself: once, within its limits, and not for long with a card that does not pay."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test.utils import override_settings
from django.utils import timezone

from apps.payments.errors import StripeDown
from apps.payments.gateway.checkout import Back
from apps.payments.models import Payment, PaymentState, Recharge
from apps.payments.services.customers import refresh_card, save_card_url
from apps.payments.services.recharging import begin, push, recharge_all, set_recharge
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import (
    GIVEN,
    USD,
    at_stripe,
    fresh,
    hear,
    later,
    save_card,
    set_up_recharge,
    stripe_holds,
    wallet_of,
)
from tests.apps.payments.telling import mails
from tests.apps.webhooks.listening import listen, names
from tests.fakes import stripe_server_state as cards
from tests.fakes.stripe_server import StripeServer
from tests.money import set_balance
from tests.tenancy import make_member

pytestmark = pytest.mark.django_db


def payments(tenant: Tenant) -> list[Payment]:
    with tenant_scope(tenant.pk):
        return list(Payment.objects.order_by("pk"))


def recharge(tenant: Tenant) -> Recharge:
    with tenant_scope(tenant.pk):
        return Recharge.objects.get()


def test_a_low_balance_fills_itself_once(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
    later(seconds=0)
    later(seconds=20)
    (payment,) = payments(tenant)
    assert (payment.kind, payment.state) == ("recharge", PaymentState.SUCCEEDED)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD
    assert at_stripe(tenant) == stripe_holds(stripe) == 20 * USD
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["payment.succeeded"]


def test_enough_is_left_alone(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    set_balance(tenant, 10 * USD)
    later(seconds=0)
    assert payments(tenant) == []


def test_two_at_once_charge_once(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    now = timezone.now()
    first = begin(tenant_id=tenant.pk, now=now)
    assert first is not None
    assert begin(tenant_id=tenant.pk, now=now) is None
    push(tenant_id=tenant.pk, payment_id=first)
    push(tenant_id=tenant.pk, payment_id=first)
    assert len(stripe.account.all("charge")) == 1


def test_limits_of_a_day_and_a_month_hold(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant, day_limit_micros=30 * USD, month_limit_micros=50 * USD)
    with time_machine.travel("2027-03-10T10:00:00Z") as clock:
        for day, charged in ((10, 1), (11, 2), (12, 2)):
            clock.move_to(f"2027-03-{day}T10:00:00Z")
            for _ in range(3):
                set_balance(tenant, 0)
                later(seconds=0)
            assert len(stripe.account.all("charge")) == charged
        assert "The limit of 50.00 USD a month is reached" in recharge(tenant).problem
        clock.move_to("2027-04-01T10:00:00Z")
        later(seconds=0)
    assert len(stripe.account.all("charge")) == 3
    assert recharge(tenant).problem == ""


def test_without_a_card_it_says_so(stripe: StripeServer, tenant: Tenant) -> None:
    set_up_recharge(tenant)
    assert recharge_all(now=timezone.now()) == 0
    assert "no saved card" in recharge(tenant).problem


def test_a_bank_that_asks_gets_a_person(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    save_card(stripe, tenant, cards.ASKS_ALWAYS)
    set_up_recharge(tenant)
    later(seconds=0)
    later(hours=2)
    (waiting,) = payments(tenant)
    assert (waiting.state, sent) == (PaymentState.ACTION_NEEDED, ["mail/payment_action_needed"])
    assert "confirm" in waiting.problem
    assert waiting.pay_url.startswith(f"{stripe.url}/i/in_")

    stripe.pay_invoice_at(waiting.pay_url, cards.ASKS_ALWAYS)
    hear(stripe)
    assert fresh(waiting).state == PaymentState.SUCCEEDED
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_nobody_confirms_and_it_pauses(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    save_card(stripe, tenant, cards.ASKS_ALWAYS)
    set_up_recharge(tenant)
    later(seconds=0)
    later(days=4)
    (payment,) = payments(tenant)
    assert payment.state == PaymentState.FAILED
    assert stripe.account.all("invoice")[0]["status"] == "void"
    assert recharge(tenant).paused_at is not None
    assert "Nobody confirmed" in recharge(tenant).problem
    assert "save another card" in recharge(tenant).problem
    assert sent[-1] == "mail/recharge_paused"
    later(days=5)
    assert len(payments(tenant)) == 1


def test_a_declined_card_is_tried_again_and_then_not(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    with tenant_scope(tenant.pk):
        endpoint = listen("payment.*")
    with time_machine.travel(timezone.now()) as clock:
        for state, attempts, hours in (
            (PaymentState.FAILING, 1, 0.5),
            (PaymentState.FAILING, 1, 1),
            (PaymentState.FAILING, 2, 7),
            (PaymentState.FAILING, 3, 25),
            (PaymentState.FAILING, 4, 49),
            (PaymentState.FAILED, 5, 1),
        ):
            later(seconds=0)
            (payment,) = payments(tenant)
            assert (payment.state, payment.attempts) == (state, attempts)
            clock.shift(timedelta(hours=hours))
    assert sent == ["mail/payment_failing", "mail/recharge_paused"]
    assert "not enough money on the card" in recharge(tenant).problem
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["payment.failed"]
    assert wallet_of(tenant).balance_micros == GIVEN


def test_a_lost_card_is_not_tried_twice_and_another_one_goes_on(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant, "4000000000009987")
    set_up_recharge(tenant)
    later(seconds=0)
    assert payments(tenant)[0].state == PaymentState.FAILED
    assert recharge(tenant).paused_at is not None
    save_card(stripe, tenant)
    assert recharge(tenant).paused_at is None
    later(seconds=0)
    assert [p.state for p in payments(tenant)] == [PaymentState.FAILED, PaymentState.SUCCEEDED]


def test_another_card_pays_what_the_one_before_did_not(stripe: StripeServer, tenant: Tenant) -> None:
    customer = save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    later(seconds=0)
    assert payments(tenant)[0].state == PaymentState.FAILING
    stripe.account.save_card(customer.stripe_id)  # in the portal
    hear(stripe)
    later(seconds=1)
    (payment,) = payments(tenant)
    assert (payment.state, payment.card_last4) == (PaymentState.SUCCEEDED, "4242")


def test_somebody_pays_it_with_another_card(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    later(seconds=0)
    stripe.pay_invoice_at(payments(tenant)[0].pay_url, "5555555555554444")
    later(hours=2)
    (payment,) = payments(tenant)
    assert (payment.state, payment.card_last4) == (PaymentState.SUCCEEDED, "4444")
    assert len([c for c in stripe.account.all("charge") if c["paid"]]) == 1


def test_turned_off_it_takes_back_what_is_open(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    later(seconds=0)
    with tenant_scope(tenant.pk):
        set_recharge(
            enabled=False,
            threshold_micros=0,
            amount_micros=20 * USD,
            day_limit_micros=None,
            month_limit_micros=None,
        )
    later(seconds=1)
    assert payments(tenant)[0].state == PaymentState.FAILED
    assert stripe.account.all("invoice")[0]["status"] == "void"


def test_turned_off_before_the_invoice_is_finished(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    stripe.trouble, stripe.trouble_at = "down", "/finalize"
    later(seconds=0)
    stripe.trouble = ""
    with tenant_scope(tenant.pk):
        Recharge.objects.update(enabled=False)
    later(hours=1)
    assert payments(tenant)[0].state == PaymentState.FAILED
    assert stripe.account.all("invoice") == []  # a draft is deleted
    assert stripe.account.all("charge") == []


def test_what_stripe_refuses_pauses_it_in_words(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tax, and nobody knows where the customer is."""
    sent = mails(monkeypatch)
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        later(seconds=0)
        later(hours=1)
    (payment,) = payments(tenant)
    assert (payment.state, sent) == (PaymentState.FAILED, ["mail/recharge_paused"])
    assert "location isn't recognized" in recharge(tenant).problem
    assert "address" in recharge(tenant).problem
    assert "payment portal" in recharge(tenant).problem
    assert stripe.account.all("invoice") == []


def test_a_card_that_is_saved_where_tax_is_due_pays_it(stripe: StripeServer, tenant: Tenant) -> None:
    stripe.account.tax_percent = 21
    with override_settings(STRIPE_AUTOMATIC_TAX=True):
        back = Back(done_url="http://127.0.0.1/done", left_url="http://127.0.0.1/left")
        stripe.pay_at(save_card_url(tenant_id=tenant.pk, back=back))
        hear(stripe)
        set_up_recharge(tenant)
        later(seconds=0)
    (payment,) = payments(tenant)
    assert (payment.state, payment.tax_micros) == (PaymentState.SUCCEEDED, 4_200_000)
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_a_limit_that_keeps_it_is_mailed_once(
    stripe: StripeServer, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = mails(monkeypatch)
    save_card(stripe, tenant)
    set_up_recharge(tenant, day_limit_micros=20 * USD)
    for _ in range(3):
        set_balance(tenant, 0)
        later(seconds=0)
    assert sent == ["mail/recharge_kept"]
    assert len(stripe.account.all("charge")) == 1


def test_a_suspended_workspaces_card_is_left_alone(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    later(seconds=0)
    with platform_scope():
        Tenant.objects.filter(pk=tenant.pk).update(suspended_at=timezone.now())
    later(hours=2)
    (payment,) = payments(tenant)
    assert payment.state == PaymentState.FAILED
    assert len(stripe.account.all("charge")) == 1
    assert stripe.account.all("invoice")[0]["status"] == "void"


def test_hours_of_trouble_use_no_attempts_up(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    stripe.trouble, stripe.trouble_at = "down", "/pay"
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(8):
            later(seconds=0)
            clock.shift(timedelta(minutes=10))
        stripe.trouble = ""
        later(seconds=0)
    (payment,) = payments(tenant)
    assert (payment.state, payment.attempts) == (PaymentState.FAILING, 1)


@pytest.mark.parametrize("at", ["/v1/invoices", "/v1/invoiceitems", "/finalize", "/pay"])
def test_a_lost_answer_charges_once(stripe: StripeServer, tenant: Tenant, at: str) -> None:
    """Done at Stripe, and nobody has heard of it: whoever comes next finds it."""
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    stripe.lose_answer_of(at)
    later(seconds=0)
    assert payments(tenant)[0].is_open
    later(hours=1)
    (payment,) = payments(tenant)
    assert payment.state == PaymentState.SUCCEEDED
    assert len(stripe.account.all("charge")) == 1
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD


def test_while_stripe_is_down_nothing_is_lost(stripe: StripeServer, tenant: Tenant) -> None:
    save_card(stripe, tenant)
    set_up_recharge(tenant)
    stripe.trouble = "down"
    later(seconds=0)
    (payment,) = payments(tenant)
    with pytest.raises(StripeDown), time_machine.travel(timezone.now() + timedelta(hours=1)):
        push(tenant_id=tenant.pk, payment_id=payment.pk)
    stripe.trouble = ""
    later(hours=2)
    assert fresh(payment).state == PaymentState.SUCCEEDED


def test_it_begins_only_with_a_card_and_sensible_amounts(stripe: StripeServer, tenant: Tenant) -> None:
    make_member(tenant)
    good = {
        "enabled": True,
        "threshold_micros": 10 * USD,
        "amount_micros": 20 * USD,
        "day_limit_micros": None,
        "month_limit_micros": None,
    }
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="Save a card first"):
        set_recharge(**good)  # type: ignore[arg-type]
    save_card(stripe, tenant)
    for wrong in (
        {"amount_micros": 1},
        {"threshold_micros": -1},
        {"threshold_micros": 5},
        {"day_limit_micros": 1},
        {"month_limit_micros": 19 * USD},
    ):
        with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as refused:
            set_recharge(**good | wrong)  # type: ignore[arg-type]
        assert refused.value.field == next(iter(wrong))
    with tenant_scope(tenant.pk):
        assert set_recharge(**good).enabled  # type: ignore[arg-type]
    assert mail.outbox == []


def test_a_card_that_is_taken_away_in_the_portal(stripe: StripeServer, tenant: Tenant) -> None:
    customer = save_card(stripe, tenant)
    stripe.account.detach(stripe.account.default_card(customer.stripe_id) or "")
    hear(stripe)
    set_up_recharge(tenant)
    later(seconds=0)
    assert payments(tenant) == []
    assert "no saved card" in recharge(tenant).problem


def test_a_card_that_is_gone_charges_nothing(stripe: StripeServer, tenant: Tenant) -> None:
    customer = save_card(stripe, tenant, "4000000000009995")
    set_up_recharge(tenant)
    later(seconds=0)
    stripe.account.detach(stripe.account.default_card(customer.stripe_id) or "")
    refresh_card(tenant.pk)
    later(hours=2)
    assert payments(tenant)[0].state == PaymentState.FAILED
    later(hours=3)
    assert "no saved card" in recharge(tenant).problem
    assert len(payments(tenant)) == 1
