"""Numbers that are brought here from another carrier: asked for, followed, and taken over when they come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.billing.models import CURRENCY
from apps.billing.services.rates import number_price_micros
from apps.numbers import jobs, telling
from apps.numbers.e164 import parse_e164
from apps.numbers.models import (
    BYOC,
    PORT_ENDED,
    NumberAddress,
    NumberOrder,
    NumberType,
    OrderState,
    PortRequest,
    PortState,
    Purpose,
)
from apps.numbers.selectors import find_number, get_port
from apps.numbers.services import asked_later
from apps.numbers.services.addresses import as_told
from apps.numbers.services.offers import seller
from apps.numbers.services.steps import later, note
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.registry import SELLERS
from telephony.carriers.sandbox import SandboxCarrier
from telephony.carriers.values import Port, PortWish
from tenants.countries import country_of
from tenants.errors import Conflict, InvalidInput, NotAllowed
from tenants.scope import tenant_scope

ASK_AGAIN = timedelta(minutes=30)
"""How often a carrier is asked that has not called back."""

_STILL = (PortState.SUBMITTING, PortState.SUBMITTED, PortState.IN_REVIEW, PortState.ACTION_NEEDED)


def ask_for_port(
    *,
    carrier: str,
    e164: str,
    monthly_micros: int,
    customer_name: str,
    address: NumberAddress,
    signer: str,
    signer_email: str,
    type: str = NumberType.LOCAL,
    business: bool = True,
    account_number: str = "",
    account_telephone_number: str = "",
    pin: str = "",
    bill: bytes = b"",
    bill_type: str = "",
    wanted_on: date | None = None,
    label: str = "",
    agent: Agent | None = None,
    test: bool = False,
) -> PortRequest:
    """Asks for a number that the tenant has elsewhere; a job tells the carrier. `monthly_micros`: what it
    costs at most once it is here. `test`: by a key that reaches the sandbox only. Raises InvalidInput with
    the field, NotAllowed."""
    seller(carrier)
    if test and carrier != SandboxCarrier.name:
        raise NotAllowed("A test key brings numbers to the sandbox only.")
    e164 = parse_e164(e164)
    present = find_number(e164)
    if present is not None and present.carrier != BYOC:
        raise InvalidInput("You have this number already.", field="e164", code="duplicate")
    if wanted_on is not None and wanted_on <= timezone.now().date():
        raise InvalidInput("Give a day to come.", field="wanted_on")
    row = PortRequest(
        carrier=carrier,
        e164=e164,
        country=country_of(e164) or address.country,
        type=type,
        monthly_micros=monthly_micros,
        currency=CURRENCY,
        customer_name=customer_name,
        business=business,
        address=address,
        signer=signer,
        signer_email=signer_email,
        account_number=account_number,
        account_telephone_number=parse_e164(account_telephone_number, field="account_telephone_number")
        if account_telephone_number
        else "",
        pin=pin,
        bill=bill or None,
        bill_type=bill_type,
        wanted_on=wanted_on,
        label=label.strip(),
        agent=agent and get_agent(agent.pk, lock=True),
        next_at=timezone.now(),
    )
    note(row, "asked", "Asked for.", timezone.now())
    _insert(row)
    jobs.enqueue(jobs.PORT, row)
    return row


def can_cancel(port: PortRequest) -> bool:
    """Whether `cancel_port` may do something; the carrier may still say that it is too late."""
    return port.state in _STILL or port.state == PortState.SCHEDULED


def cancel_port(*, tenant_id: UUID, port_id: UUID) -> PortRequest:
    """Withdraws it at the carrier. Outside any transaction. Conflict when it is too late."""
    with tenant_scope(tenant_id):
        row = get_port(port_id)
    if not can_cancel(row):
        raise Conflict(f"This port is {row.state}: nothing is left to cancel.")
    told = Port("", "cancelled")
    if row.carrier_id:
        try:
            told = seller(row.carrier).cancel_port(row.carrier_id)
        except CarrierRefused as error:
            raise Conflict(str(error), code=error.code) from error
    return _note(row, told, again=None if told.state in PORT_ENDED else timezone.now() + ASK_AGAIN)


def look_at_port(*, carrier: str, carrier_id: str) -> None:
    """The carrier called: something is new of its port `carrier_id`. In the platform's scope."""
    rows = PortRequest.objects.filter(carrier=carrier, carrier_id=carrier_id).exclude(state__in=PORT_ENDED)
    for row in rows:
        rows.filter(pk=row.pk).update(next_at=timezone.now())
        jobs.enqueue(jobs.PORT, row)


def due_ports(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Tenant and id of those that a carrier is to be asked about."""
    return asked_later.due(_open, now=now)


def go_on_with_port(*, tenant_id: UUID, port_id: UUID) -> None:
    """Tells the carrier, or asks how far it is, if it is time. Outside any transaction."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        row = asked_later.taken(_open().select_related("address"), port_id, now=now)
    if row is None:
        return
    try:
        told = _ask(row)
    except CarrierRefused as error:
        told = Port(row.carrier_id, "rejected", problem=str(error))
    except CarrierDown as error:
        _wait(row, str(error), later(row.attempts, now))
        return
    _note(row, told, again=None if told.state in PORT_ENDED else now + ASK_AGAIN)


def _open() -> QuerySet[PortRequest]:
    return PortRequest.objects.exclude(state__in=PORT_ENDED)


def _ask(row: PortRequest) -> Port:
    at = SELLERS.get(row.carrier)
    if at is None:
        raise CarrierDown(f"The carrier {row.carrier} is not set up.")
    if row.carrier_id:
        return at.port(row.carrier_id)
    _check_price(row, at)
    return at.port_in(key=str(row.pk), wish=_wish(row))


def _check_price(row: PortRequest, at: NumberCarrier) -> None:
    price = at.number_price(row.country, row.type)  # type: ignore[arg-type]
    with tenant_scope(row.tenant_id):
        monthly = number_price_micros(price.monthly_micros)
    if monthly > row.monthly_micros:
        raise CarrierRefused("It costs more by the month than you agreed to.", code="price_changed")


def _wish(row: PortRequest) -> PortWish:
    return PortWish(
        e164s=(row.e164,),
        customer_name=row.customer_name,
        business=row.business,
        address=as_told(row.address),
        signer=row.signer,
        signer_email=row.signer_email,
        account_number=row.account_number,
        account_telephone_number=row.account_telephone_number,
        pin=row.pin,
        target_date=row.wanted_on,
        bill=bytes(row.bill or b""),
        bill_type=row.bill_type or "application/pdf",
    )


def _insert(row: PortRequest) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "numbers_port_open_once" not in str(error):
            raise
        raise InvalidInput("This number is on its way already.", field="e164", code="unavailable") from error


def _wait(row: PortRequest, problem: str, again: datetime) -> None:
    with tenant_scope(row.tenant_id):
        _open().filter(pk=row.pk).update(problem=problem[:500], next_at=again, updated_at=timezone.now())


def _note(row: PortRequest, told: Port, *, again: datetime | None) -> PortRequest:
    """Writes down what the carrier says; a number that has come becomes the tenant's by an order."""
    now = timezone.now()
    with tenant_scope(row.tenant_id):
        fresh = _open().select_for_update(no_key=True, of=("self",)).filter(pk=row.pk).first()
        if fresh is None:
            return get_port(row.pk)
        before = (fresh.state, fresh.problem, fresh.due_on)
        fresh.carrier_id = told.id or fresh.carrier_id
        fresh.state, fresh.problem, fresh.due_on = PortState(told.state), told.problem[:500], told.due_on
        fresh.next_at, fresh.attempts = again, 0
        fresh.bill = None if fresh.carrier_id else fresh.bill
        if fresh.state == PortState.COMPLETED:
            fresh.order = _order_for(fresh, now)
        if before != (fresh.state, fresh.problem, fresh.due_on):
            note(fresh, str(fresh.state), fresh.problem or fresh.get_state_display(), now)
            telling.port_changed(fresh)
        fresh.save()
    return fresh


def _order_for(port: PortRequest, now: datetime) -> NumberOrder:
    """It is owned already: it is only connected, and its first month is charged as it comes."""
    order = NumberOrder(
        e164=port.e164,
        carrier=port.carrier,
        country=port.country,
        type=port.type,
        label=port.label,
        purpose=Purpose.INBOUND if port.agent_id else Purpose.OUTBOUND,
        agent=port.agent,
        monthly_micros=port.monthly_micros,
        setup_micros=0,
        currency=port.currency,
        capabilities=["voice"],
        state=OrderState.OWNED,
        held=False,
        next_at=now,
    )
    note(order, "owned", "Brought here from another carrier.", now)
    order.save(force_insert=True)
    jobs.enqueue(jobs.COMPLETE, order)
    return order
