from __future__ import annotations

import pytest

from apps.numbers.models import NumberOrder
from apps.numbers.services import order_number
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.numbers.buying import E164, MONTHLY
from tests.fakes.twilio_server.server import Offer, TwilioServer
from tests.money import set_balance
from tests.telephony.carriers.conftest import no_waiting as no_waiting
from tests.telephony.carriers.conftest import twilio as twilio
from tests.tenancy import make_tenant


@pytest.fixture
def tenant() -> Tenant:
    made = make_tenant()
    set_balance(made, 5_000_000)
    return made


@pytest.fixture
def shop(twilio: TwilioServer) -> TwilioServer:
    """Twilio, with one number for sale."""
    twilio.sells(Offer(E164, locality="Washington", region="DC"))
    return twilio


@pytest.fixture
def order(tenant: Tenant, shop: TwilioServer) -> NumberOrder:
    with tenant_scope(tenant.pk):
        return order_number(carrier="twilio", e164=E164, monthly_micros=MONTHLY, label="Desk")
