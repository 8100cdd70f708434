"""A tenant that leaves pays nothing any more, and Stripe forgets it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog
from django.utils import timezone

from apps.payments import selectors
from apps.payments.errors import StripeRefused
from apps.payments.gateway import customers
from apps.payments.gateway.client import is_set_up
from apps.payments.models import OPEN, Customer, Payment, PaymentKind, PaymentState, Refund, RefundState
from apps.payments.services.top_ups import cancel_page
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


def check_leaving(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_leaving`. Conflict while Stripe would go on charging the card, and
    while money is on its way."""
    subscription = selectors.subscription()
    if subscription is not None and not subscription.cancel_at_period_end:
        raise Conflict("End the plan's subscription first, in billing.", code="subscription")
    if Payment.objects.filter(kind=PaymentKind.RECHARGE, state__in=OPEN).exists():
        raise Conflict(
            "A card payment is going on: turn off the automatic recharge first.", code="payment_open"
        )
    if Payment.objects.filter(state=PaymentState.PROCESSING).exists():
        raise Conflict(
            "A payment is on its way from a bank: wait until it has arrived, which takes days.",
            code="payment_open",
        )
    if Refund.objects.filter(state=RefundState.PENDING, stripe_id="").exists():
        raise Conflict("A refund is being sent to the card: try again in a minute.", code="refund_open")


def forget_tenant(*, tenant: Tenant, **_: Any) -> None:
    """Receiver of `tenants.signals.tenant_going`. Closes the pages that are open and deletes the customer at
    Stripe, with its cards. Raises StripeDown."""
    with tenant_scope(tenant.pk):
        found = Customer.objects.filter(gone_at=None).first()
        pages = Payment.objects.filter(state__in=OPEN).exclude(session_id="")
        sessions = list(pages.values_list("session_id", flat=True))
    if found is None:
        return
    if not is_set_up():  # somebody has to do it in Stripe's dashboard
        log.error("stripe_customer_left", tenant_id=str(tenant.pk), customer=found.stripe_id)
        return
    for session_id in sessions:
        cancel_page(session_id)
    with suppress(StripeRefused):  # it is gone already
        customers.delete_customer(found.stripe_id)
    with tenant_scope(tenant.pk):
        Customer.objects.update(gone_at=timezone.now())
