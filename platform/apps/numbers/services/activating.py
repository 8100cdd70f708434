"""A number that the carrier has sold becomes the tenant's, and is paid for: one transaction, or nothing."""

from __future__ import annotations

from datetime import datetime

from apps.billing.models import AccountKind, EntryKind
from apps.billing.services import free_hold, settle_hold
from apps.numbers import telling
from apps.numbers.errors import OrderFailed
from apps.numbers.models import BYOC, NumberOrder, OrderState, PhoneNumber, Rental
from apps.numbers.selectors import find_number, get_number
from apps.numbers.services.assigning import insert
from apps.numbers.services.months import month_after, rental_reference
from apps.numbers.services.steps import note

TAKEN = "This number is not to be had: search again and choose another."
CAME_TO_ANOTHER = (
    "The carrier has brought the number, but another workspace has it on a trunk of its own; the operator of "
    "this installation sees it."
)


def activate_number(order: NumberOrder, *, now: datetime) -> PhoneNumber:
    """The number of an order that is `owned`, with its rental; set-up and first month are charged. In the
    tenant's scope, with the row locked. OrderFailed when somebody has the number already."""
    number = _from_ones_own_trunk(order) or _new_number(order)
    order.state, order.number = OrderState.ACTIVE, number
    order.attempts, order.next_at = 0, None
    order.problem = order.problem_code = ""
    note(order, "active", f"{order.e164} is yours.", now)
    order.save()
    _rent(order, number, now)
    _charge(order, number, now)
    return number


def _new_number(order: NumberOrder) -> PhoneNumber:
    number = PhoneNumber(
        e164=order.e164,
        carrier=order.carrier,
        label=order.label,
        purpose=order.purpose,
        agent=order.agent if order.agent and order.agent.archived_at is None else None,
        type=order.type,
        capabilities=order.capabilities,
    )
    if not insert(number):
        raise OrderFailed(TAKEN if order.held else CAME_TO_ANOTHER, code="unavailable")
    return number


def _from_ones_own_trunk(order: NumberOrder) -> PhoneNumber | None:
    """A number that came by the tenant's own trunk, and was brought here, stays what it is to the tenant."""
    present = None if order.held else find_number(order.e164)
    if present is None or present.carrier != BYOC:
        return None
    number = get_number(present.pk, lock=True)
    before = telling.shown(number)
    number.carrier, number.trunk = order.carrier, None
    number.type, number.capabilities = order.type, order.capabilities
    number.save()
    telling.updated(number, before)
    return number


def _rent(order: NumberOrder, number: PhoneNumber, now: datetime) -> None:
    """Paid for a month, unless nothing was held: then the first month is asked for at once."""
    if not order.monthly_micros:
        return
    paid_until = month_after(now, 1) if order.held else now
    Rental.objects.create(
        tenant_id=order.tenant_id,
        number=number,
        monthly_micros=order.monthly_micros,
        currency=order.currency,
        began_at=now,
        paid_until=paid_until,
        next_at=paid_until,
    )


def _charge(order: NumberOrder, number: PhoneNumber, now: datetime) -> None:
    """Last: it locks the wallet."""
    if not order.held:
        return
    if not order.most_micros:
        free_hold(tenant_id=order.tenant_id, subject_id=order.pk)
        return
    what = "set-up and first month" if order.setup_micros else "first month"
    settle_hold(
        tenant_id=order.tenant_id,
        subject_id=order.pk,
        reference=rental_reference(number.pk, now),
        kind=EntryKind.NUMBER,
        account=AccountKind.NUMBERS,
        amount_micros=order.most_micros,
        why=f"Number {order.e164}: {what}",
        subject=number.public_id,
    )
