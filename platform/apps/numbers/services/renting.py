"""The monthly rental of numbers: taken from the wallet month by month; what is not paid goes, with
warning."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from apps.billing.errors import NotEnoughMoney
from apps.billing.models import AccountKind, EntryKind
from apps.billing.services import charge
from apps.numbers import telling
from apps.numbers.jobs import AT_ONCE
from apps.numbers.mails import tell_of_grace, tell_of_loss
from apps.numbers.models import PhoneNumber, Rental
from apps.numbers.services.months import next_month, rental_reference
from apps.numbers.services.releasing import release_number
from telephony.carriers.keeping import lost_numbers
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(hours=1)
"""Within the grace period: whoever tops up keeps the number at once."""

LAST_WARNING = timedelta(days=1)
"""Before the end."""


def collect_rent(*, now: datetime | None = None) -> int:
    """Charges every month that has begun and is not paid; how many rentals were looked at. Twice at once does
    no harm: the ledger has each month once. Nobody pays for a number that its carrier has no more (it may
    have been taken elsewhere): staff sees it."""
    now = now or timezone.now()
    with platform_scope():
        rows = Rental.objects.filter(ended_at=None, next_at__lte=now).order_by("next_at")
        due = list(rows.values_list("tenant_id", "pk")[:AT_ONCE])
    lost = lost_numbers() if due else set()
    for tenant_id, rental_id in due:
        try:
            _collect(tenant_id, rental_id, now, lost)
        except Exception:  # one that cannot be charged must not keep the others waiting
            log.exception("rent_failed", rental=str(rental_id))
            _put_off(tenant_id, rental_id, now)
    return len(due)


def _put_off(tenant_id: UUID, rental_id: UUID, now: datetime) -> None:
    """Behind those that can be charged: a look takes the first ones."""
    with tenant_scope(tenant_id):
        Rental.objects.filter(pk=rental_id, ended_at=None).update(next_at=now + ASK_AGAIN)


def _collect(tenant_id: UUID, rental_id: UUID, now: datetime, lost: Set[tuple[str, str]]) -> None:
    with tenant_scope(tenant_id):
        rental = _locked(rental_id, now)
        if rental is not None and (rental.number.carrier, rental.number.e164) in lost:
            rental.next_at = now + ASK_AGAIN
            rental.save(update_fields=["next_at", "updated_at"])
            return
        while rental is not None and rental.paid_until <= now:
            if not _pay(rental, now):
                _in_arrears(rental, now)
                return


def _locked(rental_id: UUID, now: datetime) -> Rental | None:
    """The number first, like whoever gives one back."""
    rental = Rental.objects.filter(pk=rental_id, ended_at=None, next_at__lte=now).first()
    if rental is None:
        return None
    PhoneNumber.objects.select_for_update(no_key=True).get(pk=rental.number_id)
    rows = Rental.objects.select_for_update(no_key=True, of=("self",)).select_related("number")
    return rows.filter(pk=rental_id, ended_at=None, next_at__lte=now).first()


def _pay(rental: Rental, now: datetime) -> bool:
    """Whether the wallet had the money for the month that begins at `paid_until`."""
    until = next_month(rental.began_at, rental.paid_until)
    try:
        charge(
            tenant_id=rental.tenant_id,
            reference=rental_reference(rental.number_id, rental.paid_until),
            kind=EntryKind.RENTAL,
            account=AccountKind.NUMBERS,
            amount_micros=rental.monthly_micros,
            why=f"Number {rental.number.e164}: {rental.paid_until:%d %b %Y} to {until:%d %b %Y}",
            subject=rental.number.public_id,
        )
    except NotEnoughMoney:
        return False
    rental.paid_until = rental.next_at = until
    rental.grace_until, rental.warned = None, 0
    rental.save()
    return True


def _in_arrears(rental: Rental, now: datetime) -> None:
    if rental.grace_until is None:
        rental.grace_until = now + timedelta(days=settings.NUMBER_GRACE_DAYS)
        telling.grace_began(rental)
    elif rental.grace_until <= now and rental.warned >= _warnings():
        tell_of_loss(rental)
        release_number(number=rental.number, why="unpaid")
        return
    elif rental.grace_until <= now:  # nobody looked while it was time to warn: nothing goes without that
        rental.grace_until = now + LAST_WARNING
    if rental.warned < _warnings_due(rental, now):
        rental.warned += 1
        tell_of_grace(rental)
    rental.next_at = min(now + ASK_AGAIN, max(rental.grace_until, now + timedelta(minutes=1)))
    rental.save()


def _warnings_due(rental: Rental, now: datetime) -> int:
    """One as the grace begins, one a day before its end, if it is longer."""
    assert rental.grace_until is not None  # noqa: S101  (set before)
    return 1 if rental.grace_until - now > LAST_WARNING else _warnings()


def _warnings() -> int:
    return 1 if timedelta(days=settings.NUMBER_GRACE_DAYS) <= LAST_WARNING else 2
