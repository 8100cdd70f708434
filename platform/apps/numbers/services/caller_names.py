"""The name that is shown beside a number when it calls (CNAM): the number's carrier is told, and asked again
until it has decided."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from apps.numbers import jobs
from apps.numbers.models import CallerNameState, PhoneNumber
from apps.numbers.selectors import get_number
from apps.numbers.services import asked_later
from apps.numbers.services.reach import ensure_in_reach
from apps.numbers.services.steps import UNEXPECTED, waiting
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CallerName
from tenants.errors import Conflict, InvalidInput
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 .,&'-]{0,14}")
ASK_AGAIN = timedelta(hours=1)
"""While the carrier looks at a name."""

TRY_AGAIN = timedelta(minutes=1)
_STATES = {
    "active": CallerNameState.ACTIVE,
    "pending": CallerNameState.PENDING,
    "off": CallerNameState.NONE,
    "failed": CallerNameState.FAILED,
}


def set_caller_name(*, number: PhoneNumber, caller_name: str, test: bool = False) -> PhoneNumber:
    """Asks the number's carrier to show `caller_name`; "" takes it away. InvalidInput for what cannot be
    shown, Conflict for a number that no carrier of ours sold. `test`: by a key that reaches the sandbox
    only."""
    fresh = get_number(number.pk, lock=True)
    ensure_in_reach(fresh.carrier, test=test)
    if fresh.carrier not in SELLERS:
        raise Conflict("The carrier of this number shows no names that we could set.", code="not_managed")
    name = " ".join(caller_name.split())
    if name and not _NAME.fullmatch(name):
        raise InvalidInput(
            "At most 15 letters, digits, spaces and . , & ' -, beginning with a letter.", field="caller_name"
        )
    fresh.caller_name, fresh.caller_name_state = name, CallerNameState.PENDING
    fresh.caller_name_problem, fresh.caller_name_next_at = "", timezone.now()
    fresh.save()
    jobs.enqueue(jobs.CALLER_NAME, fresh)
    return fresh


def due_caller_names(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Tenant and number of those whose carrier is to be asked."""
    return asked_later.due(_waiting, now=now, field="caller_name_next_at")


def tell_caller_name(*, tenant_id: UUID, number_id: UUID) -> None:
    """Tells the carrier the name, if it is due. Outside any transaction."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        number = asked_later.taken(_waiting(), number_id, now=now, field="caller_name_next_at")
    if number is None:
        return
    try:
        told = _tell(number)
    except CarrierRefused as error:
        told = CallerName(number.caller_name, "failed", str(error))
    except CarrierDown as error:
        _note(number, CallerNameState.PENDING, waiting(str(error)), now + TRY_AGAIN)
        return
    except Exception:
        log.exception("caller_name_stuck", number=str(number.pk))
        _note(number, CallerNameState.PENDING, waiting(UNEXPECTED), now + ASK_AGAIN)
        return
    again = now + ASK_AGAIN if told.state == "pending" else None
    _note(number, _STATES[told.state], told.problem, again)


def _waiting() -> QuerySet[PhoneNumber]:
    return PhoneNumber.objects.filter(archived_at=None, caller_name_next_at__isnull=False)


def _tell(number: PhoneNumber) -> CallerName:
    seller = SELLERS.get(number.carrier)
    if seller is None:
        raise CarrierDown(f"The carrier {number.carrier} is not set up.")
    owned = seller.owned(number.e164)
    if owned is None:
        raise CarrierRefused("The carrier does not have this number.")
    return seller.set_caller_name(owned, number.caller_name)


def _note(number: PhoneNumber, state: str, problem: str, again: datetime | None) -> None:
    """Nothing, when another name was given meanwhile."""
    with tenant_scope(number.tenant_id):
        rows = PhoneNumber.objects.filter(pk=number.pk, caller_name=number.caller_name)
        rows.filter(caller_name_next_at=number.caller_name_next_at).update(
            caller_name_state=state,
            caller_name_problem=problem[:500],
            caller_name_next_at=again,
            updated_at=timezone.now(),
        )
