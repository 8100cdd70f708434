"""Orders to a call that goes on: hang up, say something, mute the agent, tell it something, transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import redis
import structlog
from django.db import transaction
from django.utils import timezone

from apps.calls import streams
from apps.calls.errors import CallNotAnswered, CallOver, LiveControlDown, NoLine
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.selectors import locked
from apps.calls.services.finish_call import finish_call
from apps.calls.states import CallState
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallCommand
from media_workers.contract.events import Ended, EndReason
from media_workers.contract.transfers import UNNAMED, TransferTarget
from telephony.trunks.uris import sip_uri_refusal
from tenants.audit.context import actor_now
from tenants.audit.services import record
from tenants.countries import refusal
from tenants.errors import InvalidInput, NotAllowed

log = structlog.get_logger(__name__)


def hang_up_call(*, call_id: UUID, reason: str = "", test: bool = False) -> Call:
    """Ends a queued call at once and asks the node of any other to hang up.

    `test`: asked by a test key, which reaches the sandbox only. Raises CallUnknown, CallOver, and
    NotAllowed for a live call and a test key. The wish is kept with the call: should the command get
    lost, the reconciler repeats it.
    """
    call = _controlled(call_id, test=test)
    now = timezone.now()
    record("hung_up", of=call, after={"reason": reason} if reason else None)
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

    Raises what that raises, CallNotAnswered, and LiveControlDown when the command cannot be sent. The same
    of `mute`, `whisper` and `transfer`. Each is in the audit log with who did it.
    """
    return _order(call_id, "say", test=test, text=text)


def mute(*, call_id: UUID, muted: bool, test: bool = False) -> Call:
    """The agent listens and does not speak until it is unmuted."""
    return _order(call_id, "mute" if muted else "unmute", test=test)


def whisper(*, call_id: UUID, text: str, test: bool = False) -> Call:
    """Tells the agent something that the caller does not hear."""
    return _order(call_id, "whisper", test=test, text=text)


def transfer(*, call_id: UUID, name: str = "", target: TransferTarget | None = None, test: bool) -> Call:
    """Hands the caller on: to the agent's own target called `name`, or to `target`.

    Raises InvalidInput for one that there is not, or that may not be reached.
    """
    call = _controlled(call_id, test=test)
    if target is None:
        target = next((t for t in _targets_of(call) if t.name == name), None)
        if target is None:
            raise InvalidInput(f"The agent has no transfer target called {name!r}.", field="target")
    if target.number and (why := refusal(target.number)):
        raise InvalidInput(why, field="number", code="country_not_allowed")
    if target.sip_uri and (why := sip_uri_refusal(target.sip_uri)):
        raise InvalidInput(why, field="sip_uri")
    if call.direction == Direction.BROWSER and target.agent is None:
        raise NoLine("A call in the browser has no line to call anybody else.")
    return _order(call_id, "transfer", test=test, target=target)


def _targets_of(call: Call) -> Sequence[TransferTarget]:
    if call.agent_version is not None:
        return AgentConfig.model_validate(call.agent_version.config).transfers
    draft = CallDraft.objects.filter(call=call).first()
    return AgentConfig.model_validate(draft.config).transfers if draft else ()


Action = Literal["say", "mute", "unmute", "whisper", "transfer"]

NOTED: dict[Action, str] = {
    "say": "said",
    "mute": "muted",
    "unmute": "unmuted",
    "whisper": "whispered",
    "transfer": "transferred",
}


def _order(call_id: UUID, action: Action, *, test: bool, **what: Any) -> Call:
    """Sends the command and notes who gave it."""
    call = _controlled(call_id, test=test)
    if call.state != CallState.IN_PROGRESS or call.node is None:
        raise CallNotAnswered("The call has not been answered yet; wait for the state in_progress.")
    told = {name: _noted(value) for name, value in what.items()}
    record(NOTED[action], of=call, after=told)
    command = CallCommand(call_id=call.pk, action=action, by=actor_now()["actor_label"], **what)
    try:
        streams.send_command(call.node.name, command)
    except redis.RedisError as error:
        raise LiveControlDown("The media node cannot be told at the moment; try again.") from error
    return call


def _noted(value: Any) -> Any:
    """Of a target that has no name whom it reaches."""
    if not isinstance(value, TransferTarget):
        return value
    return value.name if value.name != UNNAMED else value.number or value.sip_uri or value.agent


def _controlled(call_id: UUID, *, test: bool) -> Call:
    """The call, locked, if it goes on and whoever asks may touch it."""
    call = locked(call_id)
    if test and not call.test:
        raise NotAllowed("A test key controls sandbox calls only; use a live key for this call.")
    if call.state == CallState.ENDED:
        raise CallOver("The call has already ended.")
    return call
