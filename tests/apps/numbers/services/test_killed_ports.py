"""A worker is killed with -9 as it hands a port in: the carrier is asked for the number once, and whoever
cancels it meanwhile does not lose the number."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.numbers.models import PortRequest, PortState
from apps.numbers.selectors import get_port
from apps.numbers.services import porting
from apps.numbers.services.addresses import add_address
from apps.numbers.services.porting import ask_for_port, cancel_port, go_on_with_port
from telephony.carriers.twilio import TwilioCarrier
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.numbers.services.test_killed_orders import Here, Where, after, before
from tests.fakes.twilio_server.server import TwilioServer
from tests.killing import killed_in

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = {
    "before the carrier knows": before(TwilioCarrier, "port_in"),
    "after the carrier knows": after(TwilioCarrier, "port_in"),
    "before it is written down": before(porting, "_note"),
}


@pytest.fixture
def port(tenant: Tenant, shop: TwilioServer) -> PortRequest:
    place = {"customer_name": "Acme", "street": "1 High St", "city": "Seattle", "postal_code": "98101"}
    with tenant_scope(tenant.pk):
        return ask_for_port(
            carrier="twilio",
            e164="+12065550123",
            monthly_micros=2_000_000,
            customer_name="Acme",
            address=add_address(label="Office", region="WA", country="US", **place),
            signer="Office manager",
            signer_email="owner@example.com",
            bill=b"%PDF-1.7 the newest bill",
        )


def _killed(port: PortRequest, where: Where) -> None:
    def work(here: Here) -> None:
        with where(here):
            go_on_with_port(tenant_id=port.tenant_id, port_id=port.pk)

    killed_in(work)


def _open_at_twilio(shop: TwilioServer) -> int:
    return sum(1 for row in shop.account.all("KW") if row["port_in_request_status"] != "Canceled")


@pytest.mark.parametrize("where", STEPS.values(), ids=STEPS)
def test_it_is_asked_for_once(shop: TwilioServer, port: PortRequest, where: Where) -> None:
    _killed(port, where)
    with tenant_scope(port.tenant_id):
        PortRequest.objects.update(next_at=timezone.now())

    go_on_with_port(tenant_id=port.tenant_id, port_id=port.pk)

    with tenant_scope(port.tenant_id):
        followed = get_port(port.pk)
    assert _open_at_twilio(shop) == len(shop.account.all("KW")) == 1
    assert followed.carrier_id == shop.account.all("KW")[0]["port_in_request_sid"]


@pytest.mark.parametrize("where", STEPS.values(), ids=STEPS)
def test_whoever_cancels_it_then_has_it_withdrawn(
    shop: TwilioServer, port: PortRequest, where: Where
) -> None:
    _killed(port, where)

    assert cancel_port(tenant_id=port.tenant_id, port_id=port.pk).state == PortState.CANCELLED

    assert _open_at_twilio(shop) == 0
