"""What numbers have to do with the end of a tenant: what a carrier still has for it would be paid on and
on."""

from __future__ import annotations

from apps.numbers.models import ENDED, PORT_ENDED, NumberOrder, PortRequest
from tenants.errors import Conflict
from tenants.models import Tenant


def keep_while_numbers_cost(sender: object, tenant: Tenant, **_: object) -> None:
    """Receiver of `tenant_leaving`. Conflict while a carrier has a number for the tenant, or is about to."""
    orders = NumberOrder.objects.filter(tenant=tenant).exclude(state__in=ENDED)
    ports = PortRequest.objects.filter(tenant=tenant).exclude(state__in=PORT_ENDED)
    left = [*orders.values_list("e164", flat=True)[:3], *ports.values_list("e164", flat=True)[:3]]
    if left:
        some = ", ".join(left)
        raise Conflict(
            f"Carriers still have numbers for this tenant: {some}. Give them back first.", code="numbers_left"
        )
