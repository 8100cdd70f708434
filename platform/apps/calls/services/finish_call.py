"""The one exit: however a call ended, it is ended here."""

from __future__ import annotations

from datetime import datetime

import structlog

from apps.billing.selectors import charges_of
from apps.calls import telling
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.services.indexing import index_transcript
from apps.calls.services.pricing import settle_call
from apps.calls.signals import call_end_corrected, call_finished
from apps.calls.states import CallState
from media_workers.contract.events import Ended, EndReason

log = structlog.get_logger(__name__)

END_FIELDS = [
    "state",
    "ended_at",
    "duration_ms",
    "end_reason",
    "end_detail",
    "sip_code",
    "sip_reason",
    "slots",
    "legs",
    "muted",
    "taken_over_by",
    "search_language",
    "updated_at",
]


def finish_call(call: Call, end: Ended, *, at: datetime) -> None:
    """Ends `call` as `end` tells, at `at`. The row is locked by the caller's transaction.

    Everything that must be true of an ended call is made true in this transaction, and what it
    costs is settled here too, so that no call is ever over and unsettled. The caller tells the
    watchers, since it knows what led here.

    A call that has ended stays ended: a second end is ignored, but for one case, `correct_end`.
    """
    if call.state == CallState.ENDED:
        return
    call.move_to(CallState.ENDED, at=at)
    call.legs, call.muted, call.taken_over_by = [], False, ""
    _tell_end(call, end)
    index_transcript(call)
    call.save(update_fields=END_FIELDS)
    cost = settle_call(call)
    if call.agent_version_id is None and call.direction != Direction.INBOUND:
        # The keys of a draft that no media node ever claimed.
        CallDraft.objects.filter(call=call).update(api_keys="")
    call_finished.send(Call, call=call)
    telling.ended(call, cost_micros=cost)
    log.info("call_ended", call=call.public_id, reason=call.end_reason, duration_ms=call.duration_ms)


def correct_end(call: Call, end: Ended, *, at: datetime) -> None:
    """Replaces our guess that the node was lost by what the node itself says when it comes back.

    NODE_LOST is a presumption made from silence; a node that returns with the call's own `ended` in
    its spool is a witness. The call stays ended (whoever acted on that has acted), only the facts
    of the end change: reason, time, duration, SIP code, slots. What it was charged stays: it was settled when
    it was ended.
    """
    if call.state != CallState.ENDED or call.end_reason != EndReason.NODE_LOST:
        return
    call.ended_at = at
    _tell_end(call, end)
    call.save(update_fields=END_FIELDS)
    telling.ended(call, cost_micros=charges_of([call.pk]).get(call.pk, 0), corrected=True)
    call_end_corrected.send(Call, call=call)
    log.info("call_end_corrected", call=call.public_id, reason=call.end_reason)


def _tell_end(call: Call, end: Ended) -> None:
    call.end_reason = end.reason
    call.end_detail = end.detail
    call.sip_code = end.sip_code
    call.sip_reason = end.sip_reason[:255]
    call.duration_ms = max(0, end.duration_ms)
    if end.slots:
        call.slots = end.slots
