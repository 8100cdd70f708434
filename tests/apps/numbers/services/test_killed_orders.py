"""A worker is killed with -9 at each step of an order: the next one ends it. The number is paid once, here
and at the carrier, and nobody ever has one that is not paid."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest

from apps.numbers.models import NumberOrder, OrderState, PhoneNumber
from apps.numbers.selectors import find_number
from apps.numbers.services import activating, cancel_order, completing, release_number
from telephony.carriers.twilio import TwilioCarrier
from tenants.scope import tenant_scope
from tests.apps.numbers.buying import COSTS, E164, again, complete, money, until_done
from tests.fakes.twilio_server.server import TwilioServer
from tests.killing import killed_in
from tests.money import ensure_adds_up

pytestmark = pytest.mark.django_db(transaction=True)

Here = Callable[[], None]
Where = Callable[[Here], AbstractContextManager[Any]]


def before(owner: object, name: str) -> Where:
    """As `name` is called."""
    return lambda here: mock.patch.object(owner, name, side_effect=lambda *_, **__: here())


def after(owner: object, name: str) -> Where:
    """As `name` has returned, with whatever it did."""
    real = getattr(owner, name)

    def patched(here: Here) -> AbstractContextManager[Any]:
        def call(*args: object, **named: object) -> None:
            real(*args, **named)
            here()

        return mock.patch.object(owner, name, autospec=True, side_effect=call)

    return patched


STEPS = {
    "before the price is asked": before(TwilioCarrier, "search"),
    "before the price is written": before(completing, "_moved"),
    "before the purchase": before(TwilioCarrier, "buy"),
    "after the purchase": after(TwilioCarrier, "buy"),
    "before it is connected": before(TwilioCarrier, "attach"),
    "after it was connected": after(TwilioCarrier, "attach"),
    "before it is paid": before(activating, "settle_hold"),
    "before the payment is committed": after(activating, "settle_hold"),
}


def kill(order: NumberOrder, where: Where) -> None:
    def work(here: Here) -> None:
        with where(here):
            complete(order)

    killed_in(work)


def nobody_has_it_unpaid(order: NumberOrder) -> None:
    with tenant_scope(order.tenant_id):
        assert PhoneNumber.objects.count() == len(money(order)[2])
        ensure_adds_up()


@pytest.mark.parametrize("where", STEPS.values(), ids=STEPS)
def test_an_order_is_fulfilled(shop: TwilioServer, order: NumberOrder, where: Where) -> None:
    kill(order, where)
    nobody_has_it_unpaid(order)
    assert money(order)[1] == 2_000_000  # promised all the while

    done = until_done(order)

    assert done.state == OrderState.ACTIVE
    assert (shop.account.charged, shop.account.owned) == ([E164], [E164])
    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])
    nobody_has_it_unpaid(order)


def test_an_order_that_is_fulfilled_stays_so(shop: TwilioServer, order: NumberOrder) -> None:
    """Killed right after the last commit."""
    own = completing._STEPS[OrderState.OWNED]

    def last(here: Here) -> Any:
        def step(*given: Any) -> None:
            own(*given)
            here()

        return mock.patch.dict(completing._STEPS, {OrderState.OWNED: step})

    kill(order, last)

    assert again(order).state == OrderState.ACTIVE
    complete(order)
    assert (shop.account.charged, money(order)) == ([E164], (5_000_000 - COSTS, 0, [COSTS]))


@pytest.mark.parametrize("where", ["before the purchase", "after the purchase"])
def test_a_cancelled_order_leaves_nothing_at_the_carrier(
    shop: TwilioServer, order: NumberOrder, where: str
) -> None:
    kill(order, STEPS[where])
    with tenant_scope(order.tenant_id):
        cancel_order(order=again(order))

    assert until_done(order).state == OrderState.CANCELLED
    assert shop.account.owned == []
    assert money(order) == (5_000_000, 0, [])


@pytest.mark.parametrize(
    "where", [before(TwilioCarrier, "release"), after(TwilioCarrier, "release")], ids=["before", "after"]
)
def test_a_number_given_back_is_given_back(shop: TwilioServer, order: NumberOrder, where: Where) -> None:
    complete(order)
    with tenant_scope(order.tenant_id):
        number = find_number(E164)
        assert number is not None
        release_number(number=number)
    kill(order, where)

    assert until_done(order).state == OrderState.RELEASED
    assert (shop.account.owned, shop.account.released) == ([], [E164])
    assert money(order) == (5_000_000 - COSTS, 0, [COSTS])
