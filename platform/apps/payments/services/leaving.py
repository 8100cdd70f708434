"""A tenant that leaves pays nothing any more."""

from __future__ import annotations

from typing import Any

from apps.payments import selectors
from apps.payments.models import OPEN, Payment, PaymentKind
from tenants.errors import Conflict
from tenants.models import Tenant


def check_leaving(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_leaving`. Conflict while Stripe would go on charging the card."""
    subscription = selectors.subscription()
    if subscription is not None and not subscription.cancel_at_period_end:
        raise Conflict("End the plan's subscription first, in billing.", code="subscription")
    if Payment.objects.filter(kind=PaymentKind.RECHARGE, state__in=OPEN).exists():
        raise Conflict(
            "A card payment is going on: turn off the automatic recharge first.", code="payment_open"
        )
