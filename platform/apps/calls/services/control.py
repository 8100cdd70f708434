"""Orders to a call that goes on: hang up, say something."""

from __future__ import annotations

from uuid import UUID

import redis
import structlog
from django.db import transaction
from django.utils import timezone

from apps.calls import streams
from apps.calls.errors import CallNotAnswered, CallOver, LiveControlDown
from apps.calls.live import publish_after_commit
from apps.calls.models import Call
from apps.calls.selectors import locked
from apps.calls.services.finish_call import finish_call
from apps.calls.states import CallState
from media_workers.contract.calls import CallCommand
from media_workers.contract.events import Ended, EndReason
from tenants.errors import NotAllowed

log = structlog.get_logger(__name__)


def hang_up_call(*, call_id: UUID, reason: str = "", test: bool = False) -> Call:
    """Ends a queued call at once and asks the node of any other to hang up.

    `test`: asked by a test key, which reaches the sandbox only. Raises CallUnknown, CallOver, and
    NotAllowed for a live call and a test key. The wish is kept with the call: should the command get
    lost, the reconciler repeats it.
    """
    call = _controlled(call_id, test=test)
    now = timezone.now()
    call.hangup_requested_at = now
    call.hangup_reason = reason[:200]
    call.save(update_fields=["hangup_requested_at", "hangup_reason", "updated_at"])
    if call.state == CallState.QUEUED:
        finish_call(call, Ended(reason=EndReason.API_HUNG_UP, detail=reason), at=now)
        publish_after_commit(call)
    else:
        transaction.on_commit(lambda: send_hang_up(call), robust=True)
    return call


def send_hang_up(call: Call) -> None:
    """Puts the command on the stream of the call's node; a Redis that is down is left to the reconciler."""
    assert call.node is not None  # noqa: S101  (a check constraint says so)
    command = CallCommand(call_id=call.pk, action="hang_up", reason=call.hangup_reason)
    try:
        streams.send_command(call.node.name, command)
    except redis.RedisError as error:
        log.warning("hang_up_delayed", call=call.public_id, error=type(error).__name__)


def say(*, call_id: UUID, text: str, test: bool = False) -> Call:
    """Has the agent speak `text` in a call that goes on; `test` as for `hang_up_call`.

    Raises what that raises, CallNotAnswered, and LiveControlDown when the command cannot be sent.
    """
    call = _controlled(call_id, test=test)
    if call.state != CallState.IN_PROGRESS or call.node is None:
        raise CallNotAnswered("The call has not been answered yet; wait for the state in_progress.")
    try:
        streams.send_command(call.node.name, CallCommand(call_id=call.pk, action="say", text=text))
    except redis.RedisError as error:
        raise LiveControlDown("The media node cannot be told at the moment; try again.") from error
    return call


def _controlled(call_id: UUID, *, test: bool) -> Call:
    """The call, locked, if it goes on and whoever asks may touch it."""
    call = locked(call_id)
    if test and not call.test:
        raise NotAllowed("A test key controls sandbox calls only; use a live key for this call.")
    if call.state == CallState.ENDED:
        raise CallOver("The call has already ended.")
    return call
