"""A number is ordered: the wish and its money are written down; a job does what is left to do."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.billing.models import CURRENCY, HoldSubject
from apps.billing.services import hold_amount
from apps.numbers import jobs
from apps.numbers.e164 import parse_e164
from apps.numbers.models import (
    BundleState,
    NumberAddress,
    NumberBundle,
    NumberOrder,
    NumberType,
    OrderState,
    Purpose,
)
from apps.numbers.selectors import find_number, get_order, had_already, on_its_way
from apps.numbers.services.offers import seller
from apps.numbers.services.reach import ensure_in_reach
from apps.numbers.services.steps import note
from apps.numbers.services.stopping import stop_order
from tenants.countries import country_of
from tenants.errors import Conflict, InvalidInput
from tenants.scope import current_tenant_id

MOST_MICROS = 10**12
"""A million by the month: more is a slip of the hand."""

TAKEN = "This number is not to be had: search again and choose another."


def order_number(
    *,
    carrier: str,
    e164: str,
    monthly_micros: int,
    setup_micros: int = 0,
    type: str = NumberType.LOCAL,
    country: str = "",
    label: str = "",
    agent: Agent | None = None,
    purpose: str = "",
    address: NumberAddress | None = None,
    bundle: NumberBundle | None = None,
    test: bool = False,
) -> NumberOrder:
    """Orders `e164` for at most these prices: what set-up and first month cost is held until it is there.

    `test`: asked for by a key that reaches the sandbox only. Raises InvalidInput with the field, Conflict,
    NotAllowed, NotEnoughMoney.
    """
    seller(carrier)
    ensure_in_reach(carrier, test=test)
    e164 = parse_e164(e164)
    order = NumberOrder(
        e164=e164,
        carrier=carrier,
        type=type,
        country=_country(country, e164),
        label=label.strip(),
        agent=agent and get_agent(agent.pk, lock=True),
        purpose=purpose or (Purpose.INBOUND if agent else Purpose.OUTBOUND),
        address=address,
        bundle=bundle,
        monthly_micros=monthly_micros,
        setup_micros=setup_micros,
        currency=CURRENCY,
        next_at=timezone.now(),
    )
    _check_prices(order)
    _check_papers(order)
    _write(order)
    jobs.enqueue(jobs.COMPLETE, order)
    return order


def cancel_order(*, order: NumberOrder, test: bool = False) -> NumberOrder:
    """Ends an order whose number is not there yet; its money is free again, and what the carrier may have
    sold already goes back. Conflict when it is too late. `test`: by a key that reaches the sandbox only."""
    ensure_in_reach(order.carrier, test=test)
    fresh = get_order(order.pk, lock=True)
    if not can_cancel(fresh):
        raise Conflict(f"This order is {fresh.get_state_display().lower()}: nothing is left to cancel.")
    return stop_order(fresh, ends_as=OrderState.CANCELLED, words="Cancelled.", now=timezone.now())


def can_cancel(order: NumberOrder) -> bool:
    """Whether `cancel_order` does something: not once the number is the tenant's, or on its way out."""
    return order.held and order.state in (OrderState.PENDING, OrderState.BUYING, OrderState.OWNED)


def _write(order: NumberOrder) -> None:
    """The row and its hold. The index of open orders sees all tenants."""
    if find_number(order.e164) is not None:
        raise InvalidInput("You have this number already.", field="e164", code="duplicate")
    if NumberOrder.objects.filter(e164=order.e164, state__in=_WAITING).exists():
        raise InvalidInput("You have ordered this number already.", field="e164", code="duplicate")
    if on_its_way(order.e164) or had_already({order.e164}):
        raise InvalidInput(TAKEN, field="e164", code="unavailable")
    note(order, "ordered", "Ordered; the money is held.", timezone.now())
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        if "numbers_order_open_once" not in str(error):
            raise
        raise InvalidInput(TAKEN, field="e164", code="unavailable") from error
    if order.most_micros:
        hold_amount(
            tenant_id=current_tenant_id(),
            subject=HoldSubject.NUMBER_ORDER,
            subject_id=order.pk,
            amount_micros=order.most_micros,
        )


_WAITING = (OrderState.PENDING, OrderState.BUYING, OrderState.OWNED)


def _country(given: str, e164: str) -> str:
    country = given.strip().upper() or country_of(e164)
    if len(country) != 2:
        raise InvalidInput("Give the country as two letters (ISO 3166), like US.", field="country")
    return country


def _check_papers(order: NumberOrder) -> None:
    bundle = order.bundle
    if bundle is None:
        return
    if bundle.carrier != order.carrier:
        raise InvalidInput(f"These papers are at the carrier {bundle.carrier}.", field="bundle")
    if (bundle.country, bundle.type) != (order.country, order.type):
        kind = bundle.get_type_display().lower()
        raise InvalidInput(f"These papers are for {kind} numbers of {bundle.country}.", field="bundle")
    if bundle.state != BundleState.APPROVED:
        raise InvalidInput(
            "The carrier has not accepted these papers (yet): see their state.", field="bundle"
        )


def _check_prices(order: NumberOrder) -> None:
    for name in ("monthly_micros", "setup_micros"):
        if not 0 <= getattr(order, name) <= MOST_MICROS:
            raise InvalidInput("Give the price as the search showed it.", field=name)
