"""An order that ends without a number, or whose number goes back to the carrier."""

from __future__ import annotations

from datetime import datetime

from apps.billing.services import free_hold
from apps.numbers import jobs, mails, telling
from apps.numbers.models import NumberOrder, OrderState
from apps.numbers.services.steps import note


def stop_order(
    order: NumberOrder, *, ends_as: OrderState, words: str, code: str = "", now: datetime
) -> NumberOrder:
    """Frees the order's money and ends it as `ends_as`; the carrier is told first where it may have sold the
    number. In the tenant's scope, with the row locked. `words` and `code` say why."""
    asked = order.state != OrderState.PENDING
    order.state = OrderState.RELEASING if asked else ends_as
    order.ends_as = ends_as if asked else ""
    order.attempts, order.next_at = 0, _when(order, now) if asked else None
    if ends_as == OrderState.FAILED:
        order.problem, order.problem_code = words[:500], code[:50]
    note(order, str(ends_as), words, now)
    order.save()
    free_hold(tenant_id=order.tenant_id, subject_id=order.pk)
    if ends_as == OrderState.FAILED:
        telling.order_failed(order)
        mails.tell_of_failed_order(order)
    if asked:
        jobs.enqueue(jobs.COMPLETE, order)
    return order


def _when(order: NumberOrder, now: datetime) -> datetime:
    """Not while a worker may be buying: it has the order until then."""
    return max(now, order.next_at) if order.next_at else now
