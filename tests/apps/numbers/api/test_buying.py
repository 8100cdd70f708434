"""Search, order, follow, bring and give back numbers over REST."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.numbers.models import NumberOrder, OrderState, Rental
from apps.numbers.selectors import find_number
from apps.numbers.services.renting import collect_rent
from telephony.carriers.twilio import TwilioCarrier
from tenants.errors import Conflict
from tenants.ids import from_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services.delete_tenant import leave
from tests.apps.numbers.buying import COSTS, E164, MONTHLY, complete
from tests.fakes.twilio_server.server import TwilioServer
from tests.money import set_balance
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db

API = "/api/v1/numbers"
ORDER = {"carrier": "twilio", "e164": E164, "monthly_micros": MONTHLY}
ADDRESS = {
    "label": "Office",
    "customer_name": "Acme",
    "street": "1 High St",
    "city": "Washington",
    "postal_code": "20001",
    "country": "US",
}


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def completed(tenant: Tenant, public_id: str) -> NumberOrder:
    with tenant_scope(tenant.pk):
        order = NumberOrder.objects.get(pk=from_public("ord_", public_id))
    return complete(order)


def test_what_is_for_sale_is_told_with_its_price(client: APIClient, shop: TwilioServer) -> None:
    carriers = client.get(f"{API}/carriers").json()["results"]
    assert [c["name"] for c in carriers] == ["twilio", "sandbox"]

    found = client.get(f"{API}/available", {"country": "us", "area": "202", "carrier": "twilio"}).json()

    assert found["problems"] == []
    (one,) = found["results"]
    assert one == {
        "e164": E164,
        "carrier": "twilio",
        "type": "local",
        "country": "US",
        "locality": "Washington",
        "region": "DC",
        "capabilities": ["mms", "sms", "voice"],
        "monthly_micros": COSTS,
        "setup_micros": 0,
        "currency": "USD",
        "address": "none",
        "requires": [],
        "beta": False,
    }


def test_a_carrier_that_is_down_does_not_hide_the_others(client: APIClient, shop: TwilioServer) -> None:
    shop.trouble("GET", "/AvailablePhoneNumbers/", status=503, times=99)

    found = client.get(f"{API}/available", {"country": "US", "limit": 3}).json()

    assert {one["carrier"] for one in found["results"]} == {"sandbox"}
    (trouble,) = found["problems"]
    assert (trouble["carrier"], trouble["code"]) == ("twilio", "carrier_down")
    assert "Try again" in trouble["detail"]


def test_an_answer_that_nobody_foresaw_does_not_either(
    client: APIClient, shop: TwilioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, wish: object) -> None:
        raise KeyError("phone_number")

    monkeypatch.setattr(TwilioCarrier, "search", broken)

    found = client.get(f"{API}/available", {"country": "US", "limit": 3}).json()

    assert {one["carrier"] for one in found["results"]} == {"sandbox"}
    assert [one["carrier"] for one in found["problems"]] == ["twilio"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "US", "carrier": "nobody"}, "carrier"),
        ({"country": "US", "capabilities": "telepathy"}, "capabilities"),
        ({"country": "US", "contains": "?"}, "contains"),
        ({"country": "US", "limit": 51}, "limit"),
        ({"country": "US", "colour": "red"}, "colour"),
    ],
)
def test_a_bad_search_is_named(client: APIClient, query: dict[str, Any], field: str) -> None:
    answer = client.get(f"{API}/available", query)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_an_order_is_followed_to_its_number(tenant: Tenant, client: APIClient, shop: TwilioServer) -> None:
    made = client.post(f"{API}/orders", ORDER | {"label": "Desk"})
    assert made.status_code == 201
    order = made.json()
    assert (order["state"], order["can_cancel"], order["number"]) == ("pending", True, None)
    assert client.get("/api/v1/billing/wallet").json()["held_micros"] == MONTHLY
    assert client.get(f"{API}/orders", {"open": "true"}).json()["results"] == [order]
    # What is ordered is not for sale any more.
    search = {"country": "US", "carrier": "twilio"}
    assert client.get(f"{API}/available", search).json()["results"] == []

    completed(tenant, order["id"])

    done = client.get(f"{API}/orders/{order['id']}").json()
    assert (done["state"], done["can_cancel"], done["monthly_micros"]) == ("active", False, COSTS)
    assert [s["step"] for s in done["steps"]] == ["ordered", "buying", "owned", "active"]
    assert client.get(f"{API}/orders", {"open": "true"}).json()["results"] == []
    number = client.get(f"{API}/{done['number']}").json()
    assert (number["e164"], number["managed"], number["type"]) == (E164, True, "local")
    rental = number["rental"]
    assert (rental["monthly_micros"], rental["currency"], rental["state"]) == (COSTS, "USD", "active")
    assert (rental["grace_until"], rental["problem"]) == (None, "")
    assert client.get(API).json()["results"] == [number]

    typo = client.delete(f"{API}/{number['id']}?confirm=%2B12025550000")
    assert (typo.status_code, typo.json()["errors"][0]["field"]) == (422, "confirm")
    assert client.delete(f"{API}/{number['id']}").status_code == 204
    assert client.get(f"{API}/orders/{order['id']}").json()["state"] == "releasing"


def test_without_the_money_it_is_said_how_much_is_missing(
    tenant: Tenant, client: APIClient, shop: TwilioServer
) -> None:
    set_balance(tenant, 1_000_000)

    answer = client.post(f"{API}/orders", ORDER)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (402, "not_enough_money")
    assert (problem["needed_micros"], problem["available_micros"]) == (MONTHLY, 1_000_000)
    assert client.get(f"{API}/orders").json()["results"] == []


def test_an_order_is_sent_again_and_made_once(client: APIClient, shop: TwilioServer) -> None:
    first = client.post(f"{API}/orders", ORDER, headers={"Idempotency-Key": "k"}).json()
    again = client.post(f"{API}/orders", ORDER, headers={"Idempotency-Key": "k"}).json()
    assert first == again

    twice = client.post(f"{API}/orders", ORDER)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "duplicate")


def test_an_order_is_cancelled(client: APIClient, shop: TwilioServer) -> None:
    order = client.post(f"{API}/orders", ORDER).json()["id"]
    cancelled = client.post(f"{API}/orders/{order}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert client.post(f"{API}/orders/{order}/cancel").status_code == 409
    assert client.get("/api/v1/billing/wallet").json()["held_micros"] == 0


def test_a_test_key_buys_nothing_real(tenant: Tenant, shop: TwilioServer) -> None:
    client = key_client(make_key(tenant, mode="test"))
    assert client.post(f"{API}/orders", ORDER).status_code == 403
    sandbox = {"carrier": "sandbox", "e164": "+12025557931", "monthly_micros": 1_000_000}
    assert client.post(f"{API}/orders", sandbox).status_code == 201


def test_a_test_key_gives_nothing_real_back(tenant: Tenant, client: APIClient, order: NumberOrder) -> None:
    complete(order)
    with tenant_scope(tenant.pk):
        number = find_number(E164)
    assert number is not None
    tester = key_client(make_key(tenant, mode="test"))

    assert tester.delete(f"{API}/{number.public_id}").status_code == 403
    assert tester.put(f"{API}/{number.public_id}/caller-name", {"caller_name": "A"}).status_code == 403
    assert client.delete(f"{API}/{number.public_id}?confirm={E164}").status_code == 204  # the + is a space


def test_a_managed_number_is_ordered_not_added(client: APIClient, shop: TwilioServer) -> None:
    answer = client.post(API, {"carrier": "twilio", "e164": E164})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "carrier")


def test_what_regulators_ask_for_is_told(client: APIClient) -> None:
    asked = {"carrier": "sandbox", "country": "GB"}
    told = client.get(f"{API}/requirements", asked).json()
    assert (told["address"], told["bundle"]) == ("local", True)
    (wanted,) = told["wanted"]
    assert wanted["accepted"] == [{"name": "utility_bill", "words": "A bill for water, gas or electricity"}]

    papers = {"label": "P", "owner": "Acme", "email": "owner@example.com", **asked}
    address = client.post(f"{API}/addresses", ADDRESS).json()
    papers["papers"] = [{"type": "utility_bill", "attributes": {"address": "x"}, "address": address["id"]}]
    bundle = client.post(f"{API}/bundles", papers).json()
    assert (bundle["state"], bundle["papers"][0]["address"]) == ("submitting", address["id"])
    assert client.get(f"{API}/bundles").json()["results"] == [bundle]
    for path in (f"bundles/{bundle['id']}", f"addresses/{address['id']}"):
        assert client.delete(f"{API}/{path}").status_code == 204
        assert client.delete(f"{API}/{path}").status_code == 404
    assert client.get(f"{API}/addresses").json()["results"] == []


def test_a_number_is_brought_here(tenant: Tenant, client: APIClient) -> None:
    ask = {"carrier": "sandbox", "e164": "+12025557932"}
    told = client.get(f"{API}/portability", ask).json()
    assert (told["portable"], told["monthly_micros"]) == (True, 1_000_000)
    address = client.post(f"{API}/addresses", ADDRESS).json()["id"]
    wish = {
        **ask,
        "monthly_micros": told["monthly_micros"],
        "customer_name": "Acme",
        "address": address,
        "signer": "Office manager",
        "signer_email": "owner@example.com",
        "pin": "0042",
        "bill": "JVBERg==",
    }

    made = client.post(f"{API}/ports", wish)

    assert made.status_code == 201
    port = made.json()
    assert (port["state"], port["can_cancel"], port["number"]) == ("submitting", True, None)
    assert not {"pin", "account_number", "bill"} & set(port)
    assert client.get(f"{API}/ports").json()["results"] == [port]
    cancelled = client.post(f"{API}/ports/{port['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    refused = client.post(f"{API}/ports/{port['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"bill": "?"}, "bill"), ({"address": None}, "address"), ({"wanted_on": "2020-01-01"}, "wanted_on")],
)
def test_a_bad_port_is_named(client: APIClient, changes: dict[str, Any], field: str) -> None:
    wish = {
        "carrier": "sandbox",
        "e164": "+12025557932",
        "monthly_micros": 1_000_000,
        "customer_name": "Acme",
        "address": client.post(f"{API}/addresses", ADDRESS).json()["id"],
        "signer": "Office manager",
        "signer_email": "owner@example.com",
    }
    answer = client.post(f"{API}/ports", wish | changes)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_a_caller_name_is_set(client: APIClient) -> None:
    number = client.post(API, {"carrier": "sandbox"}).json()
    assert (number["caller_name_state"], number["rental"], number["managed"]) == ("", None, False)
    named = client.put(f"{API}/{number['id']}/caller-name", {"caller_name": "ACME"}).json()
    assert (named["caller_name"], named["caller_name_state"]) == ("ACME", "pending")


def test_an_order_in_grace_says_so(tenant: Tenant, client: APIClient, shop: TwilioServer) -> None:
    order = client.post(f"{API}/orders", ORDER).json()["id"]
    assert completed(tenant, order).state == OrderState.ACTIVE
    set_balance(tenant, 0)
    with tenant_scope(tenant.pk):
        paid_until = Rental.objects.get().paid_until
    collect_rent(now=paid_until)

    (number,) = client.get(API).json()["results"]

    assert number["rental"]["state"] == "grace"
    assert number["rental"]["grace_until"] is not None
    assert "add credit" in number["rental"]["problem"]


def test_the_tenant_stays_while_a_carrier_has_numbers_for_it(
    tenant: Tenant, client: APIClient, shop: TwilioServer
) -> None:
    order = client.post(f"{API}/orders", ORDER).json()["id"]
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="0823"):
        leave(tenant=tenant, confirm=tenant.slug)
    client.post(f"{API}/orders/{order}/cancel")
    with tenant_scope(tenant.pk):
        leave(tenant=tenant, confirm=tenant.slug)
