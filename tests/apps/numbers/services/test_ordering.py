"""From the wish to the number and back, with Twilio's own library on a socket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.billing.errors import NotEnoughMoney
from apps.numbers.models import NumberOrder, OrderState, Rental
from apps.numbers.selectors import find_number
from apps.numbers.services import cancel_order, order_number, release_number
from telephony.carriers.twilio import TwilioCarrier
from tenants.errors import Conflict, InvalidInput, NotAllowed
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.numbers.buying import (
    COSTS,
    E164,
    MONTHLY,
    about_to_buy,
    again,
    complete,
    held_for,
    money,
    until_done,
)
from tests.apps.webhooks.listening import heard, listen, names
from tests.fakes.twilio_server.server import TwilioServer
from tests.money import ensure_adds_up, set_balance
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db


def test_a_number_is_bought_connected_and_paid(
    tenant: Tenant, shop: TwilioServer, order: NumberOrder
) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen("number.*")
    assert money(order) == (5_000_000, MONTHLY, [])

    done = complete(order)

    assert (done.state, done.problem, done.attempts) == (OrderState.ACTIVE, "", 0)
    assert [step["step"] for step in done.steps] == ["ordered", "buying", "owned", "active"]
    assert (done.monthly_micros, done.cost_micros) == (COSTS, COSTS)
    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])
    (bought,) = shop.account.all("PN")
    (trunk,) = shop.account.all("TK")
    assert (bought["sid"], bought["trunk_sid"]) == (done.carrier_id, trunk["sid"])
    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        assert (number.pk, number.carrier, number.label, number.type) == (
            done.number_id,
            "twilio",
            "Desk",
            "local",
        )
        assert {"voice", "sms"} <= set(number.capabilities)
        rental = Rental.objects.get()
        assert timedelta(days=28) <= rental.paid_until - rental.began_at <= timedelta(days=31)
        assert names(endpoint) == ["number.assigned"]
        ensure_adds_up()


def test_set_up_is_paid_with_the_first_month(tenant: Tenant, shop: TwilioServer) -> None:
    """Twilio asks for none: nothing is charged but what it asks for, whatever was agreed to."""
    with tenant_scope(tenant.pk):
        order = order_number(carrier="twilio", e164=E164, monthly_micros=COSTS, setup_micros=500_000)
    assert held_for(order) == COSTS + 500_000

    complete(order)

    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])


def test_without_the_money_nothing_is_ordered(tenant: Tenant, shop: TwilioServer) -> None:
    set_balance(tenant, MONTHLY - 1)
    with pytest.raises(NotEnoughMoney) as refused, tenant_scope(tenant.pk):
        order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)

    assert refused.value.members == {"needed_micros": MONTHLY, "available_micros": MONTHLY - 1}
    with tenant_scope(tenant.pk):
        assert not NumberOrder.objects.exists()
    assert shop.asked == []


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"carrier": "nobody"}, "carrier"),
        ({"e164": "202"}, "e164"),
        ({"monthly_micros": -1}, "monthly_micros"),
        ({"setup_micros": 10**13}, "setup_micros"),
        ({"country": "USA"}, "country"),
    ],
)
def test_a_bad_wish_is_named(tenant: Tenant, shop: TwilioServer, wish: dict[str, Any], field: str) -> None:
    good = {"carrier": "twilio", "e164": E164, "monthly_micros": MONTHLY}
    with pytest.raises(InvalidInput) as refused, tenant_scope(tenant.pk):
        order_number(**(good | wish))
    assert refused.value.field == field


def test_a_test_key_orders_from_the_sandbox_only(tenant: Tenant, shop: TwilioServer) -> None:
    with tenant_scope(tenant.pk):
        with pytest.raises(NotAllowed):
            order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, test=True)
        order = order_number(carrier="sandbox", e164="+12025557901", monthly_micros=1_000_000, test=True)
    assert complete(order).state == OrderState.ACTIVE
    assert money(order) == (4_000_000, 0, [1_000_000])


def test_a_number_is_ordered_once_on_the_platform(tenant: Tenant, order: NumberOrder) -> None:
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as again_:
        order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)
    other = make_tenant()
    with tenant_scope(other.pk), pytest.raises(InvalidInput) as theirs:
        order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)
    assert (again_.value.code, theirs.value.code) == ("duplicate", "unavailable")
    assert tenant.name not in theirs.value.detail

    with tenant_scope(tenant.pk), pytest.raises(NotAllowed):
        cancel_order(order=order, test=True)
    complete(order)
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as had:
        order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY)
    assert had.value.code == "duplicate"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_order_one_number_one_gets_it(shop: TwilioServer) -> None:
    tenants = [make_tenant(), make_tenant()]

    def want(one: Tenant) -> str:
        try:
            with tenant_scope(one.pk):
                return order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY).e164
        except InvalidInput as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(want, tenants)) == [E164, "unavailable"]


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_buys(tenant: Tenant, shop: TwilioServer, order: NumberOrder) -> None:
    def work(_: int) -> None:
        try:
            complete(order)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))

    assert until_done(order).state == OrderState.ACTIVE
    assert (shop.account.charged, money(order)) == ([E164], (5_000_000 - COSTS, 0, [COSTS]))


def test_an_order_is_cancelled_before_anything_was_asked(shop: TwilioServer, order: NumberOrder) -> None:
    with tenant_scope(order.tenant_id):
        cancelled = cancel_order(order=order)
        assert (cancelled.state, cancelled.next_at) == (OrderState.CANCELLED, None)
        with pytest.raises(Conflict):
            cancel_order(order=order)
    assert (money(order), shop.asked) == ((5_000_000, 0, []), [])
    assert complete(order).state == OrderState.CANCELLED


def test_an_order_is_cancelled_while_the_carrier_sells(shop: TwilioServer, order: NumberOrder) -> None:
    """The purchase went through, but nobody knows: it is found by the order's key, and goes back."""
    about_to_buy(shop, order)
    TwilioCarrier().buy(e164=E164, key=str(order.pk))
    with tenant_scope(order.tenant_id):
        assert cancel_order(order=order).state == OrderState.RELEASING

    done = until_done(order)

    assert (done.state, done.ends_as, shop.account.owned) == (OrderState.CANCELLED, "", [])
    assert money(order) == (5_000_000, 0, [])


def test_a_number_given_back_goes_back_to_the_carrier(
    tenant: Tenant, shop: TwilioServer, order: NumberOrder
) -> None:
    complete(order)
    with tenant_scope(tenant.pk):
        endpoint = listen("number.released")
        number = find_number(E164)
        assert number is not None
        with pytest.raises(Conflict):
            cancel_order(order=again(order))
        release_number(number=number)
        assert find_number(E164) is None
        assert Rental.objects.get().ended_at is not None
        assert heard(endpoint)[0].data["why"] == "given_back"
    assert again(order).state == OrderState.RELEASING

    shop.trouble("DELETE", "/IncomingPhoneNumbers/", status=503, times=9)
    assert complete(order).state == OrderState.RELEASING
    shop.troubles.clear()
    assert until_done(order).state == OrderState.RELEASED
    assert shop.account.released == [E164]
    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])
