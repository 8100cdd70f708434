"""Text messages: asked for in a call, sent through the number's carrier, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from apps.calls.models import Call
from apps.calls.selectors import tenant_of
from apps.followups import telling
from apps.followups.models import MessageState, TextMessage
from apps.followups.services.other_party import Unreachable, call_of, other_party
from apps.followups.services.paying import pay, pay_back
from media_workers.contract.requests import Done, MessageRequest
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import CARRIERS
from telephony.edge.models import MediaNode
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import is_suspended

log = structlog.get_logger(__name__)

SEND = "followups.send_message"
MOST_OF_A_CALL = 5
"""Messages of one call: a model that writes on and on is stopped."""

RETRY_AFTER = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
LEASE = timedelta(minutes=2)
"""A message that is being sent is left alone for so long; a worker that died has it tried again then, with
the same key, by which the carrier knows it."""

AT_ONCE = 100


def ask_message(node: MediaNode, call_id: UUID, wish: MessageRequest) -> Done:
    """Takes a message to the other side of the call; the answer's words are for the model.

    Raises CallUnknown, Conflict (the call is another node's).
    """
    with tenant_scope(tenant_of(call_id)):
        call = call_of(node, call_id)
        if not TextMessage.objects.filter(call=call, key=wish.key).exists():
            try:
                _take(call, wish)
            except Unreachable as error:
                return Done(ok=False, words=str(error), kind="message")
    return Done(ok=True, words="The message is on its way.", kind="message")


def _take(call: Call, wish: MessageRequest) -> None:
    if is_suspended():
        raise Unreachable("The tenant is suspended.")
    to_number = other_party(call)
    carrier = CARRIERS.get(call.number.carrier)
    if carrier is None:
        raise Unreachable("The number that this call came by cannot send messages: it is on your own trunk.")
    if TextMessage.objects.filter(call=call).count() >= MOST_OF_A_CALL:
        raise Unreachable(f"{MOST_OF_A_CALL} messages have been sent in this call already.")
    message = TextMessage.objects.create(
        call=call,
        key=wish.key,
        from_number=call.number.e164,
        to_number=to_number,
        text=wish.text,
        next_at=timezone.now(),
    )
    arguments = (str(message.tenant_id), str(message.pk))
    transaction.on_commit(lambda: _enqueue(arguments), robust=True)


def _enqueue(arguments: tuple[str, str]) -> None:
    """A broker that is down does no harm: `send_due_messages` finds what nobody sends."""
    try:
        current_app.send_task(SEND, args=arguments)
    except BrokerDown as error:
        log.warning("message_delayed", message=arguments[1], error=type(error).__name__)


def send_due_messages(*, now: datetime | None = None) -> int:
    """Sends what waits for its next attempt, or was forgotten; how many there were."""
    with platform_scope():
        due = TextMessage.objects.filter(state=MessageState.QUEUED, next_at__lte=now or timezone.now())
        rows = list(due.order_by("next_at").values_list("tenant_id", "pk")[:AT_ONCE])
    for tenant_id, message_id in rows:
        try:
            send_message(tenant_id=tenant_id, message_id=message_id)
        except Exception:  # one that nobody can send must not keep those of other tenants waiting
            log.exception("message_failed", message=str(message_id))
    return len(rows)


def send_message(*, tenant_id: UUID, message_id: UUID) -> None:
    """One attempt, if it is due. The carrier is asked outside any transaction, and knows the message by its
    id."""
    with tenant_scope(tenant_id):
        message = _lease(message_id)
        unpaid = pay(message) if message is not None else ""
    if message is None:
        return
    if unpaid:
        _note(message, state=MessageState.FAILED, problem=unpaid[:500])
        return
    try:
        carrier_id = _send(message)
    except CarrierRefused as error:
        _note(message, state=MessageState.FAILED, problem=str(error)[:500])
    except CarrierDown as error:
        _again(message, str(error))
    else:
        _note(message, state=MessageState.SENT, carrier_id=carrier_id, problem="")


def _send(message: TextMessage) -> str:
    """Raises CarrierRefused and CarrierDown."""
    if message.call.number.archived_at is not None:  # it may be another tenant's by now
        raise CarrierRefused("The number that it was to come from was given back.")
    carrier = CARRIERS.get(message.call.number.carrier)
    if carrier is None:
        raise CarrierDown(f"The carrier {message.call.number.carrier} is not set up.")
    return carrier.send_message(
        sender=message.from_number,
        to=message.to_number,
        text=message.text,
        key=str(message.pk),
        since=message.created_at if message.attempts > 1 else None,
    )


def _lease(message_id: UUID) -> TextMessage | None:
    """The message for this worker alone; None when it is not due."""
    now = timezone.now()
    rows = TextMessage.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    due = rows.filter(pk=message_id, state=MessageState.QUEUED, next_at__lte=now)
    message = due.select_related("call__number").first()
    if message is not None:
        message.attempts += 1
        message.next_at = now + LEASE
        message.save(update_fields=["attempts", "next_at", "updated_at"])
    return message


def _again(message: TextMessage, problem: str) -> None:
    if message.attempts > len(RETRY_AFTER):
        _note(message, state=MessageState.FAILED, problem=problem[:500])
    else:
        later = timezone.now() + RETRY_AFTER[message.attempts - 1]
        _note(message, state=MessageState.QUEUED, problem=problem[:500], next_at=later)


def _note(message: TextMessage, **changes: object) -> None:
    """Writes down what came of an attempt, unless the carrier has told the message's end meanwhile."""
    for name, value in changes.items():
        setattr(message, name, value)
    with tenant_scope(message.tenant_id):
        rows = TextMessage.objects.select_for_update(no_key=True, of=("self",))
        if not rows.filter(pk=message.pk, state=MessageState.QUEUED).exists():
            return
        message.save(update_fields=[*changes, "updated_at"])
        if message.state == MessageState.SENT:
            telling.message_sent(message)
        elif message.state == MessageState.FAILED:
            pay_back(message)
            telling.message_failed(message)
