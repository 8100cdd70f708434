"""Callbacks: promised in a call, placed when their time comes, once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.calls.models import Call
from apps.calls.selectors import tenant_of
from apps.calls.services import place_call
from apps.followups import telling
from apps.followups.models import Callback, CallbackState
from apps.followups.services.other_party import Unreachable, call_of, other_party
from apps.followups.takers import is_taken
from media_workers.contract.requests import CallbackRequest, Done
from telephony.edge.models import MediaNode
from tenants.errors import Conflict, DomainError, LimitReached, NotFound
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

SOONEST = timedelta(seconds=30)
"""A callback within the call itself reaches a busy line."""

LATEST = timedelta(days=90)
MOST_WAITING = 20
"""Callbacks that wait for one number: a model that promises on and on is stopped."""

AT_ONCE = 100
LATE = timedelta(hours=1)
"""After a stop of the platform: later than this nobody expects the call any more."""

TOO_LATE = "Its time was more than an hour ago when it could have been placed."


def ask_callback(node: MediaNode, call_id: UUID, wish: CallbackRequest) -> Done:
    """Notes that the other side of the call is to be called again; the answer's words are for the model.

    Raises CallUnknown, Conflict (the call is another node's).
    """
    with tenant_scope(tenant_of(call_id)):
        call = call_of(node, call_id)
        before = Callback.objects.filter(call=call, key=wish.key).first()
        if before is None and (problem := _problem(call, wish.at)):
            return Done(ok=False, words=problem, kind="callback")
        if before is None:
            to_number = other_party(call)
            state = CallbackState.TAKEN if is_taken(call) else CallbackState.WAITING
            before = Callback.objects.create(
                call=call, key=wish.key, to_number=to_number, at=wish.at, note=wish.note, state=state
            )
            telling.callback_promised(before)
    return Done(ok=True, words=f"A call back is noted for {before.at.isoformat()}.", kind="callback")


def cancel_callback(*, callback_id: UUID) -> Callback:
    """Nobody will be called. NotFound; Conflict when it has been placed, or is over."""
    callback = Callback.objects.select_for_update(no_key=True, of=("self",)).filter(pk=callback_id).first()
    if callback is None:
        raise NotFound("There is no such callback.")
    if callback.state != CallbackState.WAITING:
        raise Conflict(f"The callback is {callback.state} already.", code="not_waiting")
    callback.state = CallbackState.CANCELLED
    callback.save(update_fields=["state", "updated_at"])
    return callback


def taken_callbacks(call_ids: Collection[UUID]) -> dict[UUID, Callback]:
    """The taken ones that were asked for in these calls, by call; of several in one call the last that the
    callee agreed to. Locked until the transaction ends."""
    rows = Callback.objects.filter(call_id__in=call_ids, state=CallbackState.TAKEN).order_by("pk")
    return {row.call_id: row for row in rows.select_for_update(no_key=True, of=("self",))}


def keep_taken(*, call_ids: Collection[UUID], placed_call_id: UUID) -> None:
    """The promises made in `call_ids` were kept, by `placed_call_id`."""
    rows = Callback.objects.filter(call_id__in=call_ids, state=CallbackState.TAKEN)
    rows.update(state=CallbackState.PLACED, placed_call_id=placed_call_id, updated_at=timezone.now())


def drop_taken(*, call_ids: Collection[UUID] | QuerySet[Any, Any], why: str) -> None:
    """The promises made in `call_ids` will not be kept, and `why`."""
    rows = Callback.objects.filter(call_id__in=call_ids, state=CallbackState.TAKEN)
    rows.update(state=CallbackState.FAILED, problem=why[:500], updated_at=timezone.now())


def place_due_callbacks(*, now: datetime | None = None) -> int:
    """Places the callbacks whose time has come; how many there were. Two at once do no harm."""
    now = now or timezone.now()
    with platform_scope():
        due = Callback.objects.filter(state=CallbackState.WAITING, at__lte=now).order_by("at")
        rows = list(due.values_list("tenant_id", "pk")[:AT_ONCE])
    for tenant_id, callback_id in rows:
        try:
            with tenant_scope(tenant_id):
                _place(callback_id, now=now)
        except Exception:  # one that nobody can place must not keep those of other tenants waiting
            log.exception("callback_failed", callback=str(callback_id))
    return len(rows)


def _place(callback_id: UUID, *, now: datetime) -> None:
    """The call and the note that it was placed, in the scope's one transaction."""
    rows = Callback.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    callback = rows.filter(pk=callback_id, state=CallbackState.WAITING).first()
    if callback is None:
        return
    if callback.at < now - LATE:
        _give_up(callback, TOO_LATE)
        return
    try:
        with transaction.atomic():
            callback.placed_call = _call_again(callback)
    except LimitReached as error:
        log.info("callback_put_off", callback=callback.public_id, detail=error.detail)
    except DomainError as error:
        _give_up(callback, error.detail)
    else:
        callback.state = CallbackState.PLACED
        callback.save(update_fields=["state", "placed_call", "updated_at"])


def _call_again(callback: Callback) -> Call:
    before = callback.call
    return place_call(
        from_number=before.number.e164,
        to_number=callback.to_number,
        agent_id=before.agent_id,
        variables={**before.variables, "callback_note": callback.note},
        metadata={**before.metadata, "callback": callback.public_id},
        test=before.test,
    )


def _give_up(callback: Callback, why: str) -> None:
    callback.state, callback.problem = CallbackState.FAILED, why[:500]
    callback.save(update_fields=["state", "problem", "updated_at"])


def _problem(call: Call, at: datetime) -> str:
    """Why the other side cannot be called back at `at`; "" when they can."""
    if at.tzinfo is None:
        return "The time has no time zone: give it like 2026-05-04T10:00:00+02:00."
    now = timezone.now()
    if at < now + SOONEST:
        return f"The time has passed, or comes too soon. It is {now.isoformat(timespec='minutes')} now."
    if at > now + LATEST:
        return f"The time is more than {LATEST.days} days away."
    try:
        to_number = other_party(call)
    except Unreachable as error:
        return str(error)
    trunk = call.number.trunk
    if trunk is not None and not trunk.sends_calls:
        return "The number that this call came by takes no outbound calls."
    ahead = [CallbackState.WAITING, CallbackState.TAKEN]
    waiting = Callback.objects.filter(to_number=to_number, state__in=ahead).count()
    return "Enough callbacks are noted for this number already." if waiting >= MOST_WAITING else ""
