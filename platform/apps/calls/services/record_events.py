"""What a node reports becomes the call's history: once each, in order, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from apps.calls import telling
from apps.calls.errors import CallNotYours
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, CallEvent, Direction, Turn
from apps.calls.quality import worse
from apps.calls.selectors import LATENCY_PARTS, locked, tenant_of
from apps.calls.services.automatic_redaction import redacted
from apps.calls.services.finish_call import correct_end, finish_call
from apps.calls.services.gateway_health import note_gateways_after_commit
from apps.calls.services.indexing import index_transcript
from apps.calls.services.silencing import seal, silence_after_commit
from apps.calls.services.vendor_errors import note_vendor_errors_after_commit
from apps.calls.states import CallState, may_move
from media_workers.contract import acts
from media_workers.contract import events as contract
from media_workers.contract.message import Message
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope

FIGURES = [
    "gateway", "pdd_ms", "setup_ms", "mos", "one_way", "transport", "srtp", "remote_agent", "codec",
    "ptime_ms",
]  # fmt: skip


def record_events(node: MediaNode, batch: contract.EventBatch) -> contract.EventAck:
    """Stores the events of `batch` that continue the call's history; the answer says how far it goes.

    Events stored before are passed over. After a gap nothing is stored: the node sends again from
    the number after the answer's. Raises CallUnknown, and CallNotYours for another node's call.

    Events of a call that has ended are still stored, with their turns: the history is what
    happened. They no longer move the call; see `correct_end` for the one thing they may change.
    """
    with tenant_scope(tenant_of(batch.call_id)):
        call = locked(batch.call_id)
        if call.node_id != node.pk:
            raise CallNotYours("This call is carried by another media node, or by none.")
        fresh = continuing(batch.events, after=call.last_seq)
        if fresh:
            _store(call, fresh)
    return contract.EventAck(seq=call.last_seq)


def continuing(events: Sequence[contract.CallEvent], *, after: int) -> list[contract.CallEvent]:
    """The events numbered `after` + 1, + 2, ... up to the first gap, whatever order they came in."""
    fresh: list[contract.CallEvent] = []
    for event in sorted(events, key=lambda e: e.seq):
        if event.seq == after + len(fresh) + 1:
            fresh.append(event)
        elif event.seq > after + len(fresh):
            break
    return fresh


def _store(call: Call, events: Sequence[contract.CallEvent]) -> None:
    late = call.state == CallState.ENDED
    clean = redacted(call, [event.model_copy(update={"body": _without_nul(event.body)}) for event in events])
    CallEvent.objects.bulk_create(
        CallEvent(
            tenant_id=call.tenant_id,
            call=call,
            seq=event.seq,
            type=event.body.type,
            at=event.at,
            body=event.body.model_dump(mode="json"),
        )
        for event in clean
    )
    Turn.objects.bulk_create(
        _turn(call, event.seq, event.body) for event in clean if isinstance(event.body, contract.TurnSpoken)
    )
    updates = []
    for event in clean:
        _apply(call, event)
        updates.append((event, call.state))
    call.last_seq = clean[-1].seq
    call.last_event_at = clean[-1].at
    call.missing_since = None
    if call.state == CallState.ENDED:
        _keep_true(call, clean, late=late)
    call.save(
        update_fields=[
            "state",
            "ringing_at",
            "answered_at",
            "media",
            "answered_by",
            "answered_by_confidence",
            "answered_by_ms",
            *FIGURES,
            "transferred_to",
            "muted",
            "taken_over_by",
            "last_seq",
            "last_event_at",
            "missing_since",
            "search_language",
            "updated_at",
        ]
    )
    publish_after_commit(call, updates)
    note_gateways_after_commit(call, clean)
    note_vendor_errors_after_commit(call, clean)


def _keep_true(call: Call, events: Sequence[contract.CallEvent], *, late: bool) -> None:
    """Of a call that has ended: its words can be found, and its recording is silent where it must be."""
    spoken = any(isinstance(event.body, contract.TurnSpoken) for event in events)
    if late and spoken:
        index_transcript(call)
    if call.redact and late and spoken:
        seal(call)
    elif call.redact and not late:
        silence_after_commit(call)


def _apply(call: Call, event: contract.CallEvent) -> None:
    handler = _HANDLERS.get(type(event.body))
    if handler is not None:
        handler(call, event.body, event.at)


def _ringing(call: Call, body: contract.Ringing, at: datetime) -> None:
    if may_move(call.state, CallState.RINGING):
        call.move_to(CallState.RINGING, at=at)


def _answered(call: Call, body: contract.Answered, at: datetime) -> None:
    if may_move(call.state, CallState.IN_PROGRESS):
        call.move_to(CallState.IN_PROGRESS, at=at)
    elif call.answered_at is None:
        call.answered_at = at


def _answered_by(call: Call, body: acts.AnsweredBy, at: datetime) -> None:
    """The last verdict stands; when it was known is when it was given first."""
    if call.answered_by != body.verdict:
        call.answered_by_ms = body.at_ms
    call.answered_by, call.answered_by_confidence = body.verdict, body.confidence


def _media(call: Call, body: contract.MediaStats, at: datetime) -> None:
    if _is_main(call, body.leg):
        call.media = body.model_dump(mode="json", exclude={"type"})
        call.mos = worse(body.rx_mos, body.tx_mos)
        call.one_way = body.one_way


def _gateway_failed(call: Call, body: contract.GatewayFailed, at: datetime) -> None:
    if call.direction == Direction.OUTBOUND:
        call.gateway = body.gateway[:300]


def _leg(call: Call, body: contract.LegInfo, at: datetime) -> None:
    if not _is_main(call, body.leg):
        return
    call.gateway = body.gateway[:300] or call.gateway
    call.transport = body.transport[:8]
    call.remote_agent = body.remote_agent[:255]
    call.codec = body.codec[:32]
    call.ptime_ms = body.ptime_ms
    call.srtp = body.srtp
    call.pdd_ms = body.pdd_ms
    call.setup_ms = body.setup_ms


def _transfer(call: Call, body: acts.Transfer, at: datetime) -> None:
    if body.state in ("joined", "referred"):
        call.transferred_to = body.target[:200]
    elif body.state == "left":
        call.transferred_to = ""
    telling.transferred(call, body, at=at)


def _control(call: Call, body: acts.LiveControl, at: datetime) -> None:
    if call.state == CallState.ENDED:
        return
    if body.action in ("mute", "unmute"):
        call.muted = body.action == "mute"
    elif body.action in ("take_over", "give_back"):
        call.taken_over_by = body.by[:200] if body.action == "take_over" else ""


def _is_main(call: Call, leg: int) -> bool:
    """The call's figures are those of the leg with the caller, or of the last one that was dialed. A leg to
    whom an inbound call was forwarded is told of in the events."""
    return leg == 0 or call.direction != Direction.INBOUND


def _ended(call: Call, body: contract.Ended, at: datetime) -> None:
    if call.state == CallState.ENDED:
        correct_end(call, body, at=at)
    else:
        finish_call(call, body, at=at)


_HANDLERS: dict[type, Callable[[Call, Any, datetime], None]] = {
    contract.Ringing: _ringing,
    contract.Answered: _answered,
    acts.AnsweredBy: _answered_by,
    contract.MediaStats: _media,
    contract.GatewayFailed: _gateway_failed,
    contract.LegInfo: _leg,
    acts.Transfer: _transfer,
    acts.LiveControl: _control,
    contract.Ended: _ended,
}


def _turn(call: Call, seq: int, body: contract.TurnSpoken) -> Turn:
    latency = body.latency or contract.LatencyParts()
    return Turn(
        tenant_id=call.tenant_id,
        call=call,
        seq=seq,
        index=body.index,
        speaker=body.speaker,
        text=body.text,
        start_ms=body.start_ms,
        end_ms=body.end_ms,
        interrupted=body.interrupted,
        dtmf=body.dtmf,
        confidence=body.confidence,
        **{f"{part}_ms": getattr(latency, part) for part in LATENCY_PARTS},
        **(_accounted(body.account) if body.account else {}),
    )


def _accounted(account: contract.TurnAccount) -> dict[str, Any]:
    """The columns of a turn's account. A vendor is named where it did its part alone: what another one
    before it took is not its time."""
    left = {failed.component for failed in account.passed_over}
    columns: dict[str, Any] = {"account": account.model_dump(mode="json"), "passed_over": bool(left)}
    for served in account.served_by:
        kind = "llm" if served.component == "realtime" else served.component
        if served.component not in left:
            columns |= {f"{kind}_vendor": served.vendor[:40], f"{kind}_model": served.model[:200]}
    return columns


def _without_nul(value: Any) -> Any:
    """`value` without NUL characters, which PostgreSQL cannot store: a peer's SIP text may hold any."""
    if isinstance(value, Message):
        changed = {k: _without_nul(v) for k, v in value if v.__class__ in (str, dict, list)}
        return value.model_copy(update=changed)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_nul(v) for v in value]
    return value
