"""Numbers that are brought here from another carrier: asked for, followed, and taken over when they come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.billing.models import CURRENCY
from apps.billing.services.rates import number_price_micros
from apps.numbers import jobs, mails, telling
from apps.numbers.e164 import fits_type, parse_e164
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
from apps.numbers.selectors import find_number, get_port, had_already
from apps.numbers.services import asked_later
from apps.numbers.services.addresses import as_told
from apps.numbers.services.offers import DOWN, seller
from apps.numbers.services.reach import ensure_in_reach
from apps.numbers.services.steps import OURS, UNEXPECTED, later, note, waiting
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import Port, PortWish
from tenants.countries import country_of
from tenants.errors import Conflict, InvalidInput, Unavailable
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(minutes=30)
"""How often a carrier is asked that has not called back."""

HERE = "This number is here already. If it is yours, tell the operator of this installation."
TOO_LATE = "It was handed in already, and the carrier does not withdraw it any more."
NOT_CONNECTED = (
    "The carrier has brought the number, but an order of it is still open here; the operator of this "
    "installation sees it."
)

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
    ensure_in_reach(carrier, test=test)
    e164 = parse_e164(e164)
    _ensure_not_here(e164)
    if not fits_type(e164, type):  # its price is by its type
        raise InvalidInput("This number is of another type.", field="type")
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


def _ensure_not_here(e164: str) -> None:
    """One's own trunk may have brought it until now; nobody else, and no carrier of ours."""
    present = find_number(e164)
    if present is not None and present.carrier != BYOC:
        raise InvalidInput("You have this number already.", field="e164", code="duplicate")
    if present is None and had_already({e164}):
        raise InvalidInput(HERE, field="e164", code="unavailable")


def can_cancel(port: PortRequest) -> bool:
    """Whether `cancel_port` may do something; the carrier may still say that it is too late."""
    return port.state in _STILL or port.state == PortState.SCHEDULED


def cancel_port(*, tenant_id: UUID, port_id: UUID, test: bool = False) -> PortRequest:
    """Withdraws it at the carrier. Outside any transaction. Conflict when it is too late, Unavailable when
    the carrier cannot be asked."""
    with tenant_scope(tenant_id):
        row = get_port(port_id)
    ensure_in_reach(row.carrier, test=test)
    if not can_cancel(row):
        raise Conflict(f"This port is {row.state}: nothing is left to cancel.")
    try:
        told = _withdrawn(row)
    except CarrierRefused as error:
        raise Conflict(str(error), code=error.code) from error
    except CarrierDown as error:
        raise Unavailable(DOWN.format(label=row.carrier.capitalize()), code="carrier_down") from error
    return _note(row, told, again=None if told.state in PORT_ENDED else timezone.now() + ASK_AGAIN)


def _withdrawn(row: PortRequest) -> Port:
    """What the carrier was asked for already may be there without our knowing its id: an answer got lost."""
    if not row.carrier_id and not row.attempts:
        return Port("", "cancelled")
    at = _carrier_of(row)
    carrier_id = row.carrier_id
    if not carrier_id:
        found = at.find_port(key=str(row.pk), e164=row.e164)
        if found is None:
            return Port("", "cancelled")
        carrier_id = found.id
    return at.cancel_port(carrier_id)


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
        if error.code == "account":
            log.error("carrier_account", carrier=row.carrier, port=str(row.pk), words=str(error))
            _wait(row, OURS, later(row.attempts, now))
            return
        told = Port(row.carrier_id, "rejected", problem=str(error))
    except CarrierDown as error:
        _wait(row, str(error), later(row.attempts, now))
        return
    except Exception:
        log.exception("port_stuck", port=str(row.pk))
        _wait(row, UNEXPECTED, later(row.attempts, now))
        return
    noted = _note(row, told, again=None if told.state in PORT_ENDED else now + ASK_AGAIN)
    if noted.state == PortState.CANCELLED and told.id and not row.carrier_id:
        _withdraw_late(noted, told)


def _withdraw_late(row: PortRequest, told: Port) -> None:
    """It was cancelled while it was being handed in: it is withdrawn, or followed all the same, since the
    number comes."""
    if told.state in ("rejected", "cancelled"):
        return
    try:
        if told.state != "completed" and _carrier_of(row).cancel_port(told.id).state == "cancelled":
            return
    except (CarrierRefused, CarrierDown) as error:
        log.warning("port_not_withdrawn", port=str(row.pk), why=str(error))
    _follow_again(row, told)


def _follow_again(row: PortRequest, told: Port) -> None:
    now = timezone.now()
    with tenant_scope(row.tenant_id):
        fresh = PortRequest.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        fresh.carrier_id, fresh.state = told.id, PortState.SUBMITTED
        fresh.problem, fresh.next_at = TOO_LATE, now
        note(fresh, str(fresh.state), TOO_LATE, now)
        try:
            with transaction.atomic():
                fresh.save()
        except IntegrityError:  # it was asked for anew meanwhile: that one finds it at the carrier
            log.error("port_needs_staff", port=str(row.pk), carrier_id=told.id)
            return
        telling.port_changed(fresh)


def _open() -> QuerySet[PortRequest]:
    return PortRequest.objects.exclude(state__in=PORT_ENDED)


def _carrier_of(row: PortRequest) -> NumberCarrier:
    at = SELLERS.get(row.carrier)
    if at is None:
        raise CarrierDown(f"The carrier {row.carrier} is not set up.")
    return at


def _ask(row: PortRequest) -> Port:
    at = _carrier_of(row)
    if row.carrier_id:
        return at.port(row.carrier_id)
    _agree_to_price(row, at)
    return at.port_in(key=str(row.pk), wish=_wish(row))


def _agree_to_price(row: PortRequest, at: NumberCarrier) -> None:
    """What is paid is what it costs as it is asked for, not the most that was agreed to."""
    price = at.number_price(row.country, row.type)  # type: ignore[arg-type]
    with tenant_scope(row.tenant_id):
        monthly = number_price_micros(price.monthly_micros)
        if monthly > row.monthly_micros:
            raise CarrierRefused(
                "It costs more by the month than you agreed to.",
                code="price_changed",
                to_do="Look at its price, and ask for it again.",
            )
        _open().filter(pk=row.pk).update(monthly_micros=monthly, updated_at=timezone.now())


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
        _open().filter(pk=row.pk).update(problem=waiting(problem), next_at=again, updated_at=timezone.now())


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
        if fresh.carrier_id:
            fresh.bill = None
        if fresh.state == PortState.COMPLETED and not _take_over(fresh, row, now):
            return fresh
        if fresh.state in PORT_ENDED:  # nobody needs them any more
            fresh.bill, fresh.pin, fresh.account_number = None, "", ""
        if before != (fresh.state, fresh.problem, fresh.due_on):
            note(fresh, str(fresh.state), fresh.problem or fresh.get_state_display(), now)
            telling.port_changed(fresh)
            mails.tell_of_port(fresh)
        fresh.save()
    return fresh


def _take_over(fresh: PortRequest, row: PortRequest, now: datetime) -> bool:
    """Whether its order is made. It is not while another one of the number is open, which nobody foresaw:
    then it is tried again."""
    try:
        with transaction.atomic():
            fresh.order = _order_for(fresh, now)
    except IntegrityError as error:
        if "numbers_order_open_once" not in str(error):
            raise
        log.error("port_needs_staff", port=str(fresh.pk))
        _open().filter(pk=fresh.pk).update(
            problem=NOT_CONNECTED, next_at=later(row.attempts, now), updated_at=now
        )
        return False
    return True


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
