"""Our Stripe server has the shapes of Stripe's published fixtures, and its manners."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stripe as library

from tests.fakes.stripe_server import KEY, StripeServer
from tests.fakes.stripe_server_shapes import fields_of, kinds
from tests.fakes.stripe_server_state import API_VERSION

FIXTURES = Path(__file__).parents[4] / "shared/specs/stripe_fixtures3.json"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not FIXTURES.exists():
        pytest.skip("Stripe's published fixtures are not on this machine")
    found: dict[str, Any] = json.loads(FIXTURES.read_text())["resources"]
    return found | {"subscription_item": found["subscription"]["items"]["data"][0]}


@pytest.mark.parametrize("kind", kinds())
def test_objects_have_the_fields_of_the_published_ones(kind: str, published: dict[str, Any]) -> None:
    assert fields_of(kind) == set(published[kind])


def test_what_it_fills_in_has_the_published_types(stripe: StripeServer, published: dict[str, Any]) -> None:
    account = stripe.account
    customer = account.add("customer")
    card = account.save_card(customer["id"])
    invoice = account.new_invoice(customer["id"])
    account.add_item(invoice, 2_000, "Credit")
    account.finalize(invoice)
    account.pay_invoice(invoice, card["id"])
    charge = account.all("charge")[0]
    account.refund(charge["id"], 500)
    price = account.add("price", unit_amount=900, recurring={"interval": "month"})
    account.new_subscription(customer["id"], price, {}, taxed=False)
    account.dispute(charge["id"])

    for made in account.objects.values():
        for name, value in made.items():
            theirs = published[made["object"]].get(name)
            if value is not None and theirs is not None:
                assert type(value) is type(theirs), (made["object"], name)


def client(stripe: StripeServer, **options: Any) -> library.StripeClient:
    return library.StripeClient(
        options.pop("key", KEY), base_addresses={"api": stripe.url}, max_network_retries=0, **options
    )


def test_a_key_does_a_thing_once_and_nothing_else(stripe: StripeServer) -> None:
    customers = client(stripe).v1.customers
    made = customers.create(params={"name": "Acme"}, options={"idempotency_key": "a"})
    again = customers.create(params={"name": "Acme"}, options={"idempotency_key": "a"})
    assert made.id == again.id
    with pytest.raises(library.IdempotencyError):
        customers.create(params={"name": "Other"}, options={"idempotency_key": "a"})


def test_it_takes_only_its_own_key_and_version(stripe: StripeServer) -> None:
    with pytest.raises(library.AuthenticationError):
        client(stripe, key="sk_test_other").v1.customers.list()
    with pytest.raises(library.InvalidRequestError, match="version"):
        client(stripe, stripe_version="2020-08-27").v1.customers.list()
    assert library.api_version in (None, API_VERSION)


def test_what_it_does_not_know_it_refuses(stripe: StripeServer) -> None:
    with pytest.raises(library.InvalidRequestError, match="unknown parameter"):
        client(stripe).v1.customers.create(params={"nmae": "Acme"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(library.InvalidRequestError, match="No such customer"):
        client(stripe).v1.customers.retrieve("cus_none")
    with pytest.raises(library.InvalidRequestError, match="Unrecognized request URL"):
        client(stripe).v1.payouts.list()


def test_pages_go_on_after_the_last_row(stripe: StripeServer) -> None:
    for cents in range(1, 8):
        stripe.account.book("charge", cents, "ch_x")
    rows = client(stripe).v1.balance_transactions.list(params={"limit": 3})
    assert [row.amount for row in rows.auto_paging_iter()] == [7, 6, 5, 4, 3, 2, 1]
