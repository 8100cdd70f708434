"""Setting spend limits."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.billing.limit_scopes import name_of, prefix_of
from apps.billing.models import LimitScope, Spend, SpendLimit
from apps.billing.selectors import lock_wallet
from apps.billing.services.posting import MOST_MICROS
from tenants.errors import Conflict, InvalidInput, LimitReached, NotFound
from tenants.ids import from_public

MOST_LIMITS = 100
"""Of a tenant: all are looked at with each call."""


def add_limit(*, scope: str, scope_id: str, period: str, amount_micros: int) -> SpendLimit:
    """A limit from now on; what was spent in the period counts. `scope_id` as people see it, empty for the
    tenant's own. InvalidInput names the field; Conflict when there is one; LimitReached for too many."""
    row_id = _scope_id(scope, scope_id)
    _check_amount(amount_micros)
    if SpendLimit.objects.count() >= MOST_LIMITS:
        raise LimitReached(f"There are {MOST_LIMITS} limits already: delete one first.")
    try:
        with transaction.atomic():
            return SpendLimit.objects.create(
                scope=scope, scope_id=row_id, period=period, amount_micros=amount_micros
            )
    except IntegrityError as error:
        if "billing_limit_once" not in str(error):
            raise
        raise Conflict("There is such a limit already: change that one.", code="limit_exists") from error


def change_limit(*, limit_id: UUID, amount_micros: int) -> SpendLimit:
    """Another amount from now on; below what is spent already no more calls begin. NotFound, InvalidInput."""
    _check_amount(amount_micros)
    # Whoever counts holds the wallet, and writes what was counted: not beside us.
    lock_wallet()
    limit = _limit(limit_id)
    limit.amount_micros = amount_micros
    limit.save(update_fields=["amount_micros", "updated_at"])
    Spend.objects.filter(limit=limit).update(warned_at=None)
    return limit


def delete_limit(*, limit_id: UUID) -> None:
    """NotFound when there is none. Whoever counts is waited for."""
    lock_wallet()
    _limit(limit_id).delete()


def _limit(limit_id: UUID) -> SpendLimit:
    limit = SpendLimit.objects.select_for_update(no_key=True).filter(pk=limit_id).first()
    if limit is None:
        raise NotFound("There is no such limit.")
    return limit


def _check_amount(amount_micros: int) -> None:
    if not 0 <= amount_micros <= MOST_MICROS:
        raise InvalidInput("Give an amount from zero to a billion.", field="amount_micros")


def _scope_id(scope: str, text: str) -> UUID | None:
    if scope == LimitScope.TENANT:
        if text:
            raise InvalidInput("The workspace's own limit is of nobody else.", field="scope_id")
        return None
    prefix = prefix_of(scope)
    if not prefix:
        raise InvalidInput("There are no such limits.", field="scope")
    what = LimitScope(scope).label
    try:
        row_id = from_public(prefix, text)
    except ValueError as error:
        words = f"Give the id of the {what}, like {prefix}0192f0c8..."
        raise InvalidInput(words, field="scope_id") from error
    if name_of(scope, row_id) is None:
        raise InvalidInput(f"There is no such {what}.", field="scope_id", code="unknown")
    return row_id
