"""How many people a plan lets in."""

from __future__ import annotations

from typing import Any

from apps.billing.services.rates import plan_of, seats_taken
from tenants.errors import Conflict
from tenants.models import Tenant


def check_seat(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.seat_wanted`. Conflict when the tenant's plan has no seat left. Who takes
    one at the same time waits until commit."""
    plan = plan_of()
    if plan.seats is None:
        return
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if seats_taken() >= plan.seats:
        raise Conflict(
            f"All {plan.seats} seats of the plan {plan.name} are taken by members and open invitations:"
            " remove or revoke one, or choose a larger plan.",
            code="no_seat_left",
        )
