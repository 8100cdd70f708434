"""What tenants are told of calls. Each function runs in the transaction that makes it true, the call's row
locked or new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from django.urls import reverse
from django.utils import timezone
from pydantic import Field

from apps.agents.models import Agent, AgentVersion
from apps.billing.models import CURRENCY
from apps.calls.models import Call, Recording, Turn
from apps.numbers.models import PhoneNumber
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import Telling, anybody_wants, publish, publish_many
from apps.webhooks.services.masking import mask_events
from media_workers.contract.acts import Transfer
from telephony.trunks.models import Trunk
from tenants.ids import to_public

_CALL = "call_01937b2ee7c07a3f9d2b4c5d6e7f8091"
_AGENT = "agt_01937b2ee7c07a3f9d2b4c5d6e7f8091"


class OfCall(EventData):
    """What every event of a call holds."""

    call: str = Field(pattern=PUBLIC_ID)
    direction: Literal["inbound", "outbound", "browser"]
    test: bool = Field(description="Carried by the sandbox: it reached no real telephone.")
    from_number: str
    to_number: str
    agent: str | None = Field(pattern=PUBLIC_ID)
    agent_version: str | None = Field(pattern=PUBLIC_ID)
    number: str | None = Field(pattern=PUBLIC_ID, description="The workspace's own number.")
    trunk: str | None = Field(pattern=PUBLIC_ID)
    variables: dict[str, Any]
    metadata: dict[str, Any] = Field(description="As given when the call was placed.")


class CallStarted(OfCall):
    """An inbound call was let in and rings, or a line has begun to dial an outbound one."""

    started_at: datetime


class CallEnded(OfCall):
    answered_at: datetime | None = Field(description="Null: nobody answered.")
    ended_at: datetime
    duration_ms: int = Field(description="From the answer to the end.")
    end_reason: str = Field(description="One of `end_reason` of GET /calls/{id}.")
    end_words: str = Field(description="The reason in words.")
    end_detail: str
    sip_code: int | None
    answered_by: str | None = Field(description="Of an outbound call: human, machine, screening, menu.")
    transferred_to: str = Field(description="Whom the caller was handed on to; empty: nobody.")
    slots: dict[str, Any] = Field(description="What the conversation collected.")
    cost_micros: int = Field(description="Of `currency`, in millionths.")
    currency: str
    corrected: bool = Field(
        description="The end was told before, presumed when a media node was lost; it has come back and this"
        " is what it says."
    )


class TurnTold(EventData):
    index: int
    speaker: Literal["caller", "agent"]
    text: str
    start_ms: int = Field(description="From the answer.")
    end_ms: int
    interrupted: bool
    dtmf: bool = Field(description="Keys, not words.")


class CallTranscribed(OfCall):
    """The whole conversation, once it is over."""

    turns: list[TurnTold]


class RecordingReady(EventData):
    call: str = Field(pattern=PUBLIC_ID)
    recording: str = Field(pattern=PUBLIC_ID)
    path: str = Field(description="Where the API has the WAV: caller left, agent right.")
    duration_ms: int
    size_bytes: int
    sha256: str


class TransferCompleted(OfCall):
    """Somebody else has the caller: joined by the agent's side, or referred to by the carrier."""

    target: str
    mode: str
    how: Literal["joined", "referred"]
    at_ms: int = Field(description="From the answer.")


def started(call: Call) -> None:
    """`call.started`."""
    if anybody_wants("call.started", tenant_id=call.tenant_id):
        at = call.dialing_at or call.ringing_at or timezone.now()
        data = CallStarted(**_of(call), started_at=at)
        publish("call.started", data, key=call.public_id, at=at, tenant_id=call.tenant_id)


def ended(call: Call, *, cost_micros: int, corrected: bool = False) -> None:
    """`call.ended`, and `call.transcribed` where there was a conversation."""
    if not anybody_wants("call.ended", "call.transcribed", tenant_id=call.tenant_id):
        return
    at = call.ended_at or timezone.now()
    tellings = [Telling("call.ended", _ended(call, at, cost_micros, corrected), call.public_id, at)]
    if turns := _turns(call):
        data = CallTranscribed(**_of(call), turns=turns)
        tellings.append(Telling("call.transcribed", data, call.public_id, at))
    publish_many(tellings, tenant_id=call.tenant_id)


def recording_ready(recording: Recording) -> None:
    """`call.recording_ready`."""
    if not anybody_wants("call.recording_ready", tenant_id=recording.tenant_id):
        return
    call_id = to_public(Call.id_prefix, recording.call_id)
    data = RecordingReady(
        call=call_id,
        recording=recording.public_id,
        path=reverse("call-recording", args=[call_id]),
        duration_ms=recording.duration_ms,
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
    )
    publish("call.recording_ready", data, key=call_id, at=recording.updated_at, tenant_id=recording.tenant_id)


def transferred(call: Call, body: Transfer, *, at: datetime) -> None:
    """`transfer.completed`."""
    if body.state not in ("joined", "referred") or not anybody_wants(
        "transfer.completed", tenant_id=call.tenant_id
    ):
        return
    data = TransferCompleted(
        **_of(call), target=body.target[:200], mode=body.mode, how=body.state, at_ms=body.at_ms
    )
    publish("transfer.completed", data, key=call.public_id, at=at, tenant_id=call.tenant_id)


def redacted(*, call: Call, mask: Callable[[Any], Any], **_: Any) -> None:
    """Receiver of `apps.calls.signals.call_redacted`: what was told of the call is masked as well."""
    mask_events(key=call.public_id, mask=mask, tenant_id=call.tenant_id)


def _of(call: Call) -> dict[str, Any]:
    def shown(prefix: str, value: Any) -> str | None:
        return None if value is None else to_public(prefix, value)

    return {
        "call": call.public_id,
        "direction": str(call.direction),
        "test": call.test,
        "from_number": call.from_number,
        "to_number": call.to_number,
        "agent": shown(Agent.id_prefix, call.agent_id),
        "agent_version": shown(AgentVersion.id_prefix, call.agent_version_id),
        "number": shown(PhoneNumber.id_prefix, call.number_id),
        "trunk": shown(Trunk.id_prefix, call.trunk_id),
        "variables": call.variables,
        "metadata": call.metadata,
    }


def _ended(call: Call, at: datetime, cost_micros: int, corrected: bool) -> CallEnded:
    return CallEnded(
        **_of(call),
        answered_at=call.answered_at,
        ended_at=at,
        duration_ms=call.duration_ms,
        end_reason=str(call.end_reason),
        end_words=call.end_words,
        end_detail=call.end_detail,
        sip_code=call.sip_code,
        answered_by=call.answered_by or None,
        transferred_to=call.transferred_to,
        slots=call.slots,
        cost_micros=cost_micros,
        currency=CURRENCY,
        corrected=corrected,
    )


def _turns(call: Call) -> list[TurnTold]:
    """None where nobody answered, or nobody wants to hear of them."""
    if call.answered_at is None or not anybody_wants("call.transcribed", tenant_id=call.tenant_id):
        return []
    names = list(TurnTold.model_fields)
    rows = Turn.objects.filter(call=call).order_by("index", "seq").values(*names)
    return [TurnTold(**row) for row in rows]


_OF_CALL: dict[str, Any] = {
    "call": _CALL,
    "direction": "inbound",
    "test": False,
    "from_number": "+12025550147",
    "to_number": "+12025550100",
    "agent": _AGENT,
    "agent_version": "agv_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "number": "num_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "trunk": "trk_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "variables": {},
    "metadata": {"visit": 4711},
}
_ENDED = {
    **_OF_CALL,
    "answered_at": "2026-01-05T09:28:40Z",
    "ended_at": "2026-01-05T09:30:00Z",
    "duration_ms": 80_000,
    "end_reason": "caller_hung_up",
    "end_words": "The caller hung up.",
    "end_detail": "",
    "sip_code": None,
    "answered_by": None,
    "transferred_to": "",
    "slots": {"day": "Monday"},
    "cost_micros": 66_667,
    "currency": CURRENCY,
    "corrected": False,
}
_TURN = {"start_ms": 400, "end_ms": 2_100, "interrupted": False, "dtmf": False}
_TURNS = [
    {"index": 0, "speaker": "agent", "text": "Hello, how can I help you?", **_TURN},
    {"index": 1, "speaker": "caller", "text": "I need an appointment on Monday.", **_TURN},
]


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "call.started",
            "A call rings here, or a line has begun to dial it.",
            CallStarted,
            Call.id_prefix,
            {**_OF_CALL, "started_at": "2026-01-05T09:28:35Z"},
        ),
        EventType(
            "call.ended",
            "A call is over, whatever ended it; also one that was never dialed or let in.",
            CallEnded,
            Call.id_prefix,
            _ENDED,
        ),
        EventType(
            "call.transcribed",
            "The whole transcript of a call that is over and in which something was said.",
            CallTranscribed,
            Call.id_prefix,
            {**_OF_CALL, "turns": _TURNS},
        ),
        EventType(
            "call.recording_ready",
            "The recording of a call can be heard; told again when something was taken out of it.",
            RecordingReady,
            Call.id_prefix,
            {
                "call": _CALL,
                "recording": "rec_01937b2ee7c07a3f9d2b4c5d6e7f8091",
                "path": f"/api/v1/calls/{_CALL}/recording",
                "duration_ms": 80_000,
                "size_bytes": 2_560_044,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            },
        ),
        EventType(
            "transfer.completed",
            "A caller was handed on to somebody who answered, or whom the carrier now calls.",
            TransferCompleted,
            Call.id_prefix,
            {**_OF_CALL, "target": "reception", "mode": "warm", "how": "joined", "at_ms": 41_000},
        ),
    )
