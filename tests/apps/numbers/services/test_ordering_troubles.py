"""What goes wrong while a number is ordered: nothing is paid twice, and the order says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.agents.services import archive_agent, create_agent
from apps.numbers.models import BundleState, NumberBundle, NumberOrder, OrderState, PhoneNumber
from apps.numbers.selectors import find_number
from apps.numbers.services import assign_number, order_number
from apps.numbers.services.addresses import add_address
from apps.numbers.services.completing import due_orders
from apps.numbers.services.steps import GIVE_UP_AFTER
from telephony.carriers.base import CarrierRefused
from telephony.carriers.sandbox import SandboxSeller
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.twilio import numbers as twilio_numbers
from telephony.carriers.values import Owned
from telephony.trunks.services import create_trunk
from tenants.errors import InvalidInput
from tenants.mail import render_mail
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.suspension import suspend
from tests.apps.numbers.buying import (
    COSTS,
    E164,
    MONTHLY,
    about_to_buy,
    again,
    complete,
    due,
    held_for,
    money,
    until_done,
)
from tests.apps.webhooks.listening import heard, listen
from tests.fakes.twilio_server.server import Offer, TwilioServer
from tests.money import ensure_adds_up
from tests.tenancy import make_member, make_tenant, script_config

pytestmark = pytest.mark.django_db


def failed(order: NumberOrder, code: str) -> NumberOrder:
    """It has failed for `code`, its money is free, and nobody has a number."""
    done = again(order)
    assert (done.state, done.problem_code) == (OrderState.FAILED, code), done.problem
    assert money(order) == (5_000_000, 0, [])
    with tenant_scope(order.tenant_id):
        assert not PhoneNumber.objects.exists()
        ensure_adds_up()
    return done


def test_somebody_else_is_faster(tenant: Tenant, shop: TwilioServer, order: NumberOrder) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen("number.*")
    shop.account.for_sale.clear()

    complete(order)

    failed(order, "unavailable")
    with tenant_scope(tenant.pk):
        (told,) = heard(endpoint)
    assert (told.type, told.key, told.data["code"]) == (
        "number.order_failed",
        order.public_id,
        "unavailable",
    )
    assert "choose another" in told.data["problem"]
    # And may be ordered again.
    with tenant_scope(tenant.pk):
        order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)


def test_people_are_told_of_an_order_that_failed(
    tenant: Tenant, shop: TwilioServer, order: NumberOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []

    def send(template: str, *, to: str, context: dict[str, Any]) -> None:
        subject, text, _ = render_mail(template, context)
        sent.append((to, f"{subject}\n{text}"))

    monkeypatch.setattr("apps.numbers.mails.send_mail_template", send)
    owner = make_member(tenant, "owner").email
    make_member(tenant, "analyst")
    shop.account.for_sale.clear()

    complete(order)

    ((to, text),) = sent
    assert to == owner
    assert all(words in text for words in (E164, "choose another", "free again", f"/t/{tenant.slug}/numbers"))


def test_somebody_is_faster_between_the_price_and_the_purchase(
    shop: TwilioServer, order: NumberOrder
) -> None:
    shop.trouble("POST", "/IncomingPhoneNumbers.json", status=400, code=21422)

    until_done(order)

    failed(order, "unavailable")
    assert shop.account.charged == []


def test_it_costs_more_than_agreed(tenant: Tenant, shop: TwilioServer) -> None:
    with tenant_scope(tenant.pk):
        order = order_number(carrier="twilio", e164=E164, monthly_micros=COSTS - 1)

    complete(order)

    assert "new price" in failed(order, "price_changed").problem
    assert shop.account.charged == []


def test_a_suspended_workspace_buys_nothing(tenant: Tenant, shop: TwilioServer, order: NumberOrder) -> None:
    suspend(tenant=tenant, reason="Unpaid.")

    complete(order)

    failed(order, "suspended")
    assert shop.account.charged == []


def test_an_address_is_given_where_one_is_asked_for(tenant: Tenant, twilio: TwilioServer) -> None:
    twilio.sells(Offer(E164, address="any"))
    with tenant_scope(tenant.pk):
        without = order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)
    complete(without)
    assert "address" in failed(without, "address_required").problem

    with tenant_scope(tenant.pk):
        address = add_address(
            label="Office",
            customer_name="Acme",
            street="1 High St",
            city="Leeds",
            postal_code="LS1 1AA",
            country="gb",
        )
        order = order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, address=address)
    assert complete(order).state == OrderState.ACTIVE
    (told,) = twilio.account.all("AD")
    (bought,) = twilio.account.all("PN")
    with tenant_scope(tenant.pk):
        address.refresh_from_db()
    assert bought["address_sid"] == told["sid"] == address.carrier_ids["twilio"]


def test_papers_must_be_accepted_and_the_carriers_own(tenant: Tenant, shop: TwilioServer) -> None:
    with tenant_scope(tenant.pk):
        papers = NumberBundle.objects.create(
            label="P", carrier="twilio", country="US", type="local", owner="Acme", email="o@example.com"
        )
        for carrier, state in (("twilio", BundleState.PENDING), ("sandbox", BundleState.APPROVED)):
            papers.carrier, papers.state = carrier, state
            with pytest.raises(InvalidInput) as refused:
                order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, bundle=papers)
            assert refused.value.field == "bundle"


@pytest.mark.parametrize(("country", "type"), [("GB", "local"), ("US", "mobile")])
def test_papers_of_other_numbers_are_refused_before_anything_is_held(
    tenant: Tenant, shop: TwilioServer, country: str, type: str
) -> None:
    with tenant_scope(tenant.pk):
        papers = NumberBundle.objects.create(
            label="P",
            carrier="twilio",
            country=country,
            type=type,
            owner="Acme",
            email="o@example.com",
            state=BundleState.APPROVED,
        )
        with pytest.raises(InvalidInput, match=country) as refused:
            order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, bundle=papers)
    assert refused.value.field == "bundle"


@pytest.mark.parametrize(
    ("need", "home", "words"), [("local", "GB", "in US"), ("foreign", "US", "outside US")]
)
def test_an_address_elsewhere_than_the_regulator_wants_buys_nothing(
    tenant: Tenant, twilio: TwilioServer, need: str, home: str, words: str
) -> None:
    twilio.sells(Offer(E164, address=need))
    with tenant_scope(tenant.pk):
        place = {"customer_name": "Acme", "street": "1 High St", "city": "L", "postal_code": "1"}
        address = add_address(label="Office", country=home, **place)
        order = order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, address=address)
    complete(order)
    assert words in failed(order, "address_required").problem
    assert twilio.account.charged == []


def test_a_carrier_that_is_down_is_asked_again(shop: TwilioServer, order: NumberOrder) -> None:
    for part in ("/AvailablePhoneNumbers/", "/IncomingPhoneNumbers.json"):
        shop.trouble("GET", part, status=503, times=99)
        waiting = complete(order)
        assert waiting.next_at is not None
        assert waiting.next_at > timezone.now()
        assert (waiting.problem_code, waiting.state in ("pending", "buying")) == ("carrier_down", True)
        shop.troubles.clear()
        assert (order.tenant_id, order.pk) not in due_orders(now=timezone.now())
        due(order)
        assert (order.tenant_id, order.pk) in due_orders(now=timezone.now())
    assert complete(order).state == OrderState.ACTIVE
    assert shop.account.charged == [E164]


def test_a_carrier_that_takes_its_time_is_waited_for(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some sell at once and connect later."""
    e164 = "+12025557902"
    working = Owned("sandbox-1", e164, active=False, problem="The order is being worked on.")
    monkeypatch.setattr(SandboxSeller, "owned", lambda self, e164: working)
    with tenant_scope(tenant.pk):
        order = order_number(carrier="sandbox", e164=e164, monthly_micros=1_000_000)

    waiting = complete(order)
    assert (waiting.state, waiting.problem) == (
        OrderState.OWNED,
        "The order is being worked on. It is tried again.",
    )
    assert (held_for(order), money(order)) == (1_000_000, (5_000_000, 1_000_000, []))

    monkeypatch.undo()
    assert until_done(order).state == OrderState.ACTIVE
    assert money(order) == (4_000_000, 0, [1_000_000])


def test_what_was_only_ordered_there_and_came_to_nothing_fails_at_once(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's money is held for two days for it."""
    e164 = "+12025557904"
    monkeypatch.setattr(SandboxSeller, "owned", lambda self, e164: None)
    monkeypatch.setattr(
        SandboxSeller, "buy", lambda self, *, e164, key, **_: Owned("", e164, key, active=False)
    )
    with tenant_scope(tenant.pk):
        order = order_number(carrier="sandbox", e164=e164, monthly_micros=1_000_000)
    assert complete(order).state == OrderState.OWNED

    def taken(self: object, **_: object) -> Owned:
        raise CarrierRefused("Somebody else has taken this number.", code="unavailable")

    monkeypatch.setattr(SandboxSeller, "buy", taken)
    until_done(order)

    failed(order, "unavailable")


@pytest.mark.parametrize("part", ["/IncomingPhoneNumbers.json", "/IncomingPhoneNumbers/"])
def test_an_answer_that_gets_lost_buys_nothing_twice(
    shop: TwilioServer, order: NumberOrder, part: str
) -> None:
    """Of the purchase, and of the connection to the trunk."""
    shop.trouble("POST", part, when="after")

    assert until_done(order).state == OrderState.ACTIVE
    assert (shop.account.charged, shop.account.owned) == ([E164], [E164])
    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])


def test_the_platforms_own_trouble_at_the_carrier_is_no_fault_of_the_order(
    settings: Settings, shop: TwilioServer, order: NumberOrder
) -> None:
    settings.CARRIER_SIP_URIS, settings.EDGE_PUBLIC_ADDRESS = [], ""

    waiting = complete(order)

    assert (waiting.state, waiting.problem_code) == (OrderState.PENDING, "carrier_trunk")
    assert "EDGE_PUBLIC_ADDRESS" not in waiting.problem
    assert "operator" in waiting.problem
    assert shop.account.charged == []


@pytest.mark.parametrize("bought", [False, True])
def test_a_trunk_that_the_carrier_refuses_is_no_fault_of_the_order(
    shop: TwilioServer, order: NumberOrder, bought: bool
) -> None:
    """It waits, and nothing that was bought goes back."""
    if bought:
        shop.trouble("POST", "/IncomingPhoneNumbers/", status=503, times=1)
        complete(order)
        due(order)
        (trunk,) = shop.account.all("TK")
        trunk["secure"] = False
    shop.trouble("POST", "/v1/Trunks", status=400, code=21999, times=9)

    waiting = complete(order)

    assert waiting.problem_code == "carrier_trunk"
    assert waiting.state == (OrderState.OWNED if bought else OrderState.PENDING)
    assert "It is tried again." in waiting.problem
    assert held_for(order) is not None
    shop.troubles.clear()
    assert until_done(order).state == OrderState.ACTIVE
    assert (shop.account.charged, shop.account.released) == ([E164], [])


def test_an_account_that_is_suspended_is_no_fault_of_the_order(
    shop: TwilioServer, order: NumberOrder
) -> None:
    shop.trouble("GET", "/AvailablePhoneNumbers/", status=401, code=20005, times=9)

    waiting = complete(order)

    assert (waiting.state, waiting.problem_code) == (OrderState.PENDING, "carrier_account")


def test_what_waited_for_days_is_not_bought_at_another_price(shop: TwilioServer, order: NumberOrder) -> None:
    about_to_buy(shop, order)
    shop.sells(Offer(E164, locality="Washington", region="DC"), month="9.50")
    twilio_numbers._prices.clear()  # a minute later

    until_done(order)

    failed(order, "price_changed")
    assert shop.account.charged == []


def test_a_carrier_that_stays_down_is_given_up(shop: TwilioServer, order: NumberOrder) -> None:
    about_to_buy(shop, order)
    TwilioCarrier().buy(e164=E164, key=str(order.pk))  # and its answer was never heard
    shop.trouble("GET", "/IncomingPhoneNumbers.json", status=503, times=99)
    with tenant_scope(order.tenant_id):
        NumberOrder.objects.update(created_at=timezone.now() - GIVE_UP_AFTER - timedelta(hours=1))
    due(order)
    assert complete(order).state == OrderState.RELEASING
    assert held_for(order) is None

    shop.troubles.clear()
    until_done(order)

    assert "It was tried for 48 hours." in failed(order, "carrier_down").problem
    assert shop.account.owned == []


def test_a_number_that_cannot_be_connected_goes_back(shop: TwilioServer, order: NumberOrder) -> None:
    shop.trouble("POST", "/IncomingPhoneNumbers/", status=400, code=21450)

    until_done(order)

    failed(order, "refused")
    assert (shop.account.charged, shop.account.owned, shop.account.released) == ([E164], [], [E164])


def test_a_number_that_somebody_has_by_another_carrier_goes_back(
    shop: TwilioServer, order: NumberOrder
) -> None:
    with tenant_scope(make_tenant().pk):
        trunk = create_trunk(name="T", direction="inbound", allowed_addresses=["203.0.113.7"])
        with pytest.raises(InvalidInput, match="not available"):
            assign_number(carrier="byoc", e164=E164, trunk=trunk)
        PhoneNumber.objects.create(carrier="byoc", e164=E164, trunk=trunk)  # at the same moment

    until_done(order)

    failed(order, "unavailable")
    assert (shop.account.owned, shop.account.released) == ([], [E164])


def test_a_number_of_another_order_at_the_carrier_is_not_ours(shop: TwilioServer, order: NumberOrder) -> None:
    about_to_buy(shop, order)
    TwilioCarrier().buy(e164=E164, key="somebody")

    until_done(order)

    failed(order, "unavailable")
    assert shop.account.released == []


def test_an_agent_that_went_meanwhile_leaves_the_number_without_one(
    tenant: Tenant, shop: TwilioServer
) -> None:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        order = order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, agent=agent)
        archive_agent(agent=agent)

    complete(order)

    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        assert (number.agent, number.purpose) == (None, "inbound")
