"""The net below events and messages: whatever waits is found by a look at the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
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
from apps.payments.services.refunds import send_refund
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)


def look(*, now: datetime) -> None:
    """Events, open payments, refunds and balances that are due. Any number at once does no harm; one that
    nobody can do must not keep the others waiting."""
    _alone(look_at_debts)
    if not is_set_up():
        return
    with platform_scope():
        events = due_events(now=now)
    for event_id in events:
        _alone(take, event_id=event_id)
    _alone(recharge_all, now=now)
    look_at_payments(now=now)
    for tenant_id, refund_id in _due_refunds(now=now):
        _alone(send_refund, tenant_id=tenant_id, refund_id=refund_id)


def look_at_payments(*, now: datetime) -> None:
    """The open ones that are due: a recharge goes a step on, of others it is asked what became of them."""
    with platform_scope():
        rows = due_payments(now=now)
    for tenant_id, payment_id, kind in rows:
        if kind == PaymentKind.RECHARGE:
            _alone(push, tenant_id=tenant_id, payment_id=payment_id)
        else:
            _alone(_ask, tenant_id=tenant_id, payment_id=payment_id)


def _ask(*, tenant_id: UUID, payment_id: UUID) -> None:
    put_off(tenant_id=tenant_id, payment_id=payment_id)
    refresh(tenant_id=tenant_id, payment_id=payment_id)


def _due_refunds(*, now: datetime) -> list[tuple[UUID, UUID]]:
    with platform_scope():
        rows = Refund.objects.filter(state=RefundState.PENDING, stripe_id="", next_at__lte=now)
        return list(rows.values_list("tenant_id", "pk")[: recharging.AT_ONCE])


def _alone(work: Callable[..., object], **arguments: object) -> None:
    try:
        work(**arguments)
    except StripeDown:
        log.warning("payment_put_off", work=work.__name__)
    except Exception:
        log.exception("payment_failed", work=work.__name__)
