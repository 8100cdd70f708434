"""What the carrier has, beside what we know of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.numbers.models import NumberOrder, OrderState
from apps.numbers.services.comparing import Compared, compare_with_carriers
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import Owned
from tenants.scope import tenant_scope
from tests.apps.numbers.buying import E164, complete, money, until_done
from tests.fakes.telnyx_server.server import TelnyxServer
from tests.fakes.twilio_server.server import Offer, TwilioServer
from tests.telephony.carriers.conftest import telnyx as telnyx

pytestmark = pytest.mark.django_db


def compared() -> Compared:
    """After what was bought has settled."""
    return compare_with_carriers(now=timezone.now() + timedelta(hours=2))["twilio"]


def test_all_is_well(shop: TwilioServer, order: NumberOrder) -> None:
    assert compared() == Compared()
    complete(order)
    assert compared() == Compared()


def test_what_was_bought_for_an_order_that_ended_goes_back(shop: TwilioServer, order: NumberOrder) -> None:
    TwilioCarrier().buy(e164=E164, key=str(order.pk))
    with tenant_scope(order.tenant_id):
        NumberOrder.objects.update(state=OrderState.CANCELLED, next_at=None)
    assert compare_with_carriers()["twilio"] == Compared()  # it may be on its way into our books

    assert compared() == Compared(returned=[E164])

    assert until_done(order).state == OrderState.CANCELLED
    assert (shop.account.owned, money(order)[2]) == ([], [])


def test_what_nobody_here_has_is_left_to_staff(shop: TwilioServer) -> None:
    shop.sells(Offer("+12025550824"), Offer("+12025550825"))
    TwilioCarrier().buy(e164="+12025550824", key="reception")
    TwilioCarrier().buy(e164="+12025550825", key="0192f0c8a1b27c3d8e4f5a6b7c8d9e0f")

    assert compared() == Compared(unknown=["+12025550824", "+12025550825"])
    assert shop.account.released == []


def test_what_the_carrier_has_no_more_is_told(shop: TwilioServer, order: NumberOrder) -> None:
    TwilioCarrier().release(complete(order).carrier_id)
    assert compared() == Compared(lost=[E164])


def test_one_that_breaks_keeps_no_other_from_being_compared(
    shop: TwilioServer, telnyx: TelnyxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object) -> Iterator[Owned]:
        raise KeyError("sid")

    monkeypatch.setattr(TwilioCarrier, "all_owned", broken)
    assert compare_with_carriers() == {"telnyx": Compared()}


def test_a_carrier_that_is_down_is_compared_another_day(shop: TwilioServer) -> None:
    shop.trouble("GET", "/IncomingPhoneNumbers.json", status=503, times=99)
    assert compare_with_carriers() == {}
