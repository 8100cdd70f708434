from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from telephony.trunks.services import create_trunk
from telephony.trunks.values import GatewayValues
from tenants.errors import InvalidFields
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant


@pytest.mark.django_db(transaction=True)
def test_of_two_tenants_who_name_a_gateway_at_once_one_has_it() -> None:
    both = Barrier(2)

    def name(tenant: Tenant) -> bool:
        try:
            with tenant_scope(tenant.pk):
                both.wait(30)
                create_trunk(name="T", direction="outbound", gateways=[GatewayValues("sip.carrier.example")])
            return True
        except InvalidFields:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(name, [make_tenant(), make_tenant()])) == [False, True]
