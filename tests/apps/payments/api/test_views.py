"""Payments over the API: what people read and do, and what they are told when it cannot be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import override_settings
from rest_framework.test import APIClient

from apps.billing.models import Plan
from apps.billing.services.rates import FIRST_PLAN
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.payments.paying import GIVEN, USD, hear, later, paid_top_up, save_card, wallet_of
from tests.fakes.stripe_server import StripeServer
from tests.money import charge_call
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db
API = "/api/v1/billing"


@pytest.fixture
def owner(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def get(client: APIClient, path: str) -> Any:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_top_up_from_the_page_to_the_balance(
    stripe: StripeServer, tenant: Tenant, owner: APIClient
) -> None:
    made = owner.post(f"{API}/top-ups", {"amount_micros": 20 * USD})
    assert made.status_code == 201
    body = made.json()
    assert (body["payment"]["state"], body["payment"]["pay_url"]) == ("pending", body["url"])
    back = stripe.pay_at(body["url"])
    assert back.endswith(f"/t/{tenant.slug}/billing?tab=balance&paid=1")
    hear(stripe)

    (listed,) = get(owner, "payments")["results"]
    assert listed == get(owner, f"payments/{body['payment']['id']}")
    assert {name: listed[name] for name in ("kind", "state", "card", "pay_url", "problem", "dispute")} == {
        "kind": "top_up",
        "state": "succeeded",
        "card": {"brand": "visa", "last4": "4242"},
        "pay_url": None,
        "problem": "",
        "dispute": None,
    }
    assert (listed["amount_micros"], listed["refundable_micros"]) == (20 * USD, 20 * USD)
    settings = get(owner, "payment-settings")
    assert settings["card"] == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}
    assert (settings["configured"], settings["test_mode"], settings["problem"]) == (True, True, "")
    assert get(owner, "payments?state=failed")["results"] == []
    assert get(owner, "payments?kind=top_up")["results"] == [listed]


def test_a_refund_is_shown_with_its_payment(stripe: StripeServer, tenant: Tenant, owner: APIClient) -> None:
    payment = paid_top_up(stripe, tenant)
    path = f"{API}/payments/{payment.public_id}/refund"
    answer = owner.post(path, {"amount_micros": 5 * USD, "why": "Unused"})
    assert answer.status_code == 202
    later(minutes=1)
    shown = get(owner, f"payments/{payment.public_id}")
    (refund,) = shown["refunds"]
    assert (refund["state"], refund["amount_micros"], refund["why"]) == ("succeeded", 5 * USD, "Unused")
    assert (shown["refunded_micros"], shown["refundable_micros"]) == (5 * USD, 15 * USD)

    too_much = owner.post(path, {"amount_micros": 50 * USD})
    assert (too_much.status_code, too_much.json()["errors"][0]["field"]) == (422, "amount_micros")
    billing = key_client(make_key(tenant, scopes=["billing.read", "billing.write"]))
    assert billing.post(path, {"amount_micros": USD}).status_code == 403


def test_a_debt_is_told(stripe: StripeServer, tenant: Tenant, owner: APIClient) -> None:
    payment = paid_top_up(stripe, tenant)
    with tenant_scope(tenant.pk):
        charge_call(new_id(), 15 * USD)
    stripe.account.dispute(payment.charge_id)
    hear(stripe)
    settings = get(owner, "payment-settings")
    assert (settings["debt_micros"], settings["problem"][:18]) == (10 * USD, "You owe 10.00 USD:")
    assert get(owner, f"payments/{payment.public_id}")["dispute"]["state"] == "needs_response"


def test_a_recharge_is_set_and_shown(stripe: StripeServer, tenant: Tenant, owner: APIClient) -> None:
    wanted = {"enabled": True, "threshold_micros": 10 * USD, "amount_micros": 20 * USD}
    refused = owner.put(f"{API}/recharge", wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_card")
    assert get(owner, "recharge")["state"] == "off"

    page = owner.post(f"{API}/card").json()["url"]
    assert stripe.pay_at(page).endswith("tab=balance&card=1")
    hear(stripe)
    assert owner.put(f"{API}/recharge", wanted | {"day_limit_micros": 40 * USD}).json()["state"] == "on"
    later(seconds=0)
    shown = get(owner, "recharge")
    assert (shown["today_micros"], shown["month_micros"], shown["problem"]) == (20 * USD, 20 * USD, "")
    assert wallet_of(tenant).balance_micros == GIVEN + 20 * USD

    assert owner.delete(f"{API}/card").status_code == 204
    assert (get(owner, "recharge")["state"], get(owner, "payment-settings")["card"]) == ("no_card", None)
    wrong = owner.put(f"{API}/recharge", wanted | {"day_limit_micros": USD})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "day_limit_micros")


def test_a_saved_card_is_found_without_an_event(
    stripe: StripeServer, tenant: Tenant, owner: APIClient
) -> None:
    stripe.pay_at(owner.post(f"{API}/card").json()["url"])
    later(minutes=1)
    assert get(owner, "payment-settings")["card"]["last4"] == "4242"


def test_the_portal_is_opened(stripe: StripeServer, tenant: Tenant, owner: APIClient) -> None:
    answer = owner.post(f"{API}/portal")
    assert answer.status_code == 201
    assert answer.json()["url"].startswith(f"{stripe.url}/p/session/")


def test_a_plan_is_chosen(stripe: StripeServer, tenant: Tenant, owner: APIClient) -> None:
    with platform_scope():
        Plan.objects.get_or_create(code=FIRST_PLAN, defaults={"name": "Pay as you go"})
        Plan.objects.create(code="team", name="Team", price_micros_month=20 * USD)
        Plan.objects.create(code="firm", name="Firm", price_micros_month=50 * USD)
    nothing = {"plan": FIRST_PLAN, "state": "none", "period_end": None, "cancel_at_period_end": False}
    assert nothing.items() <= get(owner, "subscription").items()
    assert owner.delete(f"{API}/subscription").status_code == 404

    asked = owner.post(f"{API}/subscription", {"plan": "team"}).json()
    stripe.pay_at(asked["url"])
    hear(stripe)
    changed = owner.post(f"{API}/subscription", {"plan": "firm"}).json()
    assert (changed["url"], changed["subscription"]["plan"], changed["subscription"]["state"]) == (
        None,
        "firm",
        "active",
    )
    assert owner.delete(f"{API}/subscription").json()["cancel_at_period_end"] is True
    unknown = owner.post(f"{API}/subscription", {"plan": "none"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "plan")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "top-ups", {"amount_micros": 20 * USD}),
        ("post", "card", {}),
        ("delete", "card", {}),
        ("post", "portal", {}),
        ("delete", "subscription", {}),
    ],
)
def test_without_a_provider_it_is_told(
    tenant: Tenant, owner: APIClient, method: str, path: str, body: Any
) -> None:
    with override_settings(STRIPE_SECRET_KEY=""):
        answer = getattr(owner, method)(f"{API}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "payments_not_set_up")
        assert get(owner, "payment-settings")["configured"] is False


@pytest.mark.parametrize("path", ["top-ups", "card", "portal"])
def test_while_the_provider_is_down_it_is_told(
    stripe: StripeServer, tenant: Tenant, owner: APIClient, path: str
) -> None:
    stripe.trouble = "down"
    answer = owner.post(f"{API}/{path}", {"amount_micros": 20 * USD} if path == "top-ups" else None)
    assert (answer.status_code, answer.json()["code"]) == (503, "stripe_down")
    assert answer["Retry-After"] == "30"
    assert "Try again" in answer.json()["detail"]


def test_a_refused_page_leaves_no_open_payment(
    stripe: StripeServer, tenant: Tenant, owner: APIClient
) -> None:
    stripe.account.tax_percent = 0
    with override_settings(TOP_UP_LEAST_MICROS=10_000):
        answer = owner.post(f"{API}/top-ups", {"amount_micros": 100_000})
    assert (answer.status_code, answer.json()["code"]) == (409, "stripe_refused")
    (payment,) = get(owner, "payments")["results"]
    assert payment["state"] == "cancelled"
    assert "at least 50 cents" in payment["problem"]


def test_nothing_of_the_card_or_the_key_is_told(
    stripe: StripeServer, tenant: Tenant, owner: APIClient
) -> None:
    save_card(stripe, tenant)
    paid_top_up(stripe, tenant)
    told = "".join(
        owner.get(f"{API}/{path}").content.decode()
        for path in ("payment-settings", "payments", "recharge", "subscription")
    )
    assert not any(secret in told for secret in ("pm_", "cus_", "sk_test", "whsec", "4242424242424242"))
