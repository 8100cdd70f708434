"""The net below events and messages: whatever waits is found by a look at the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from apps.payments.errors import StripeDown
from apps.payments.gateway.client import is_set_up
from apps.payments.models import PaymentKind, Refund, RefundState
from apps.payments.services import recharging
from apps.payments.services.debts import look_at_debts
from apps.payments.services.events import due_events, take
from apps.payments.services.recharging import due_payments, push, recharge_all
from apps.payments.services.refreshing import put_off, refresh
from apps.payments.services.refunds import ask_about_refund, send_refund
from apps.payments.services.subscriptions import ask_about_subscription, due_subscriptions, push_plan
from tenants.scope import platform_scope

Work = Callable[..., object]

log = structlog.get_logger(__name__)


def look(*, now: datetime) -> None:
    """Events, open payments, refunds and balances that are due. Any number at once does no harm; one that
    nobody can do must not keep the others waiting."""
    _alone(look_at_debts)
    if not is_set_up():
        return
    with platform_scope():
        events, plans = due_events(now=now), due_subscriptions(now=now)
    _alone(recharge_all, now=now)
    work: list[Work] = [partial(take, event_id=event_id) for event_id in events]
    work += _payments(now=now)
    work += _refunds(now=now)
    work += [partial(ask_about_subscription, tenant_id=t, stripe_id=stripe_id) for t, stripe_id in plans]
    for each in work:
        if not _alone(each):
            return  # Stripe is down: the others are for the next look


def _payments(*, now: datetime) -> list[Work]:
    """The open ones that are due: a recharge goes a step on, of others it is asked what became of them."""
    with platform_scope():
        rows = due_payments(now=now)
    works = {PaymentKind.RECHARGE: push, PaymentKind.SUBSCRIPTION: _ask_of_plan}
    return [
        partial(works.get(PaymentKind(kind), _ask), tenant_id=tenant_id, payment_id=payment_id)
        for tenant_id, payment_id, kind in rows
    ]


def _ask(*, tenant_id: UUID, payment_id: UUID) -> None:
    put_off(tenant_id=tenant_id, payment_id=payment_id)
    refresh(tenant_id=tenant_id, payment_id=payment_id)


def _ask_of_plan(*, tenant_id: UUID, payment_id: UUID) -> None:
    put_off(tenant_id=tenant_id, payment_id=payment_id)
    push_plan(tenant_id=tenant_id, payment_id=payment_id)


def _refunds(*, now: datetime) -> list[Work]:
    """Those that Stripe has not got are sent there; of others it is asked what became of them."""
    with platform_scope():
        due = Refund.objects.filter(state=RefundState.PENDING, next_at__lte=now).order_by("next_at")
        rows = list(due.values_list("tenant_id", "pk", "stripe_id")[: recharging.AT_ONCE])
    return [
        partial(ask_about_refund if stripe_id else send_refund, tenant_id=tenant_id, refund_id=refund_id)
        for tenant_id, refund_id, stripe_id in rows
    ]


def _alone(work: Callable[..., object], **arguments: object) -> bool:
    """False when Stripe cannot be asked at all."""
    try:
        return work(**arguments) is not False
    except StripeDown:
        log.warning("payment_put_off")
        return False
    except Exception:
        log.exception("payment_failed")
        return True
