"""What came of an attempt, by how its call ended."""

from __future__ import annotations

from apps.calls.models import AnsweredBy, Call
from apps.campaigns.outcomes import Outcome
from media_workers.contract.events import EndReason

BLOCKED_CODES = frozenset({603, 607, 608})
"""RFC 3261 (Decline: carriers' analytics use it), RFC 8197 (Unwanted), RFC 8688 (Rejected)."""

SWITCHED_OFF = 480
"""Temporarily unavailable: what mobile networks say of a phone that is off."""

OUR_FAULT = frozenset(
    {
        EndReason.BLOCKED,
        EndReason.NO_CODEC,
        EndReason.NOT_READY,
        EndReason.PROVIDER_FAILED,
        EndReason.NODE_LOST,
        EndReason.NODE_STOPPED,
        EndReason.FAILED,
    }
)

UNANSWERED = {
    EndReason.BUSY: Outcome.BUSY,
    EndReason.REJECTED: Outcome.REJECTED,
    EndReason.NUMBER_UNKNOWN: Outcome.INVALID_NUMBER,
    EndReason.UNREACHABLE: Outcome.CONGESTION,
    EndReason.NO_CAPACITY: Outcome.CONGESTION,
    EndReason.MEDIA_LOST: Outcome.FAILED,
    EndReason.MONEY_ENDED: Outcome.FAILED,
    EndReason.VOICEMAIL: Outcome.VOICEMAIL,
    EndReason.JOB_EXPIRED: Outcome.NOT_DIALED,
    EndReason.WITHDRAWN: Outcome.NOT_DIALED,
}
"""The rest rang until somebody gave up: nobody answered."""


def outcome_of(call: Call, *, early_s: int, callback: bool = False, opted_out: bool = False) -> Outcome:
    """Of an ended outbound call. `callback`, `opted_out`: the callee asked for it, whatever came after.

    A call that no line ever took was not dialed, whatever ended it.
    """
    if call.dialing_at is None:
        return Outcome.NOT_DIALED
    if opted_out:
        return Outcome.OPTED_OUT
    if callback:
        return Outcome.CALLBACK
    return _unanswered(call) if call.answered_at is None else _answered(call, early_s)


def _unanswered(call: Call) -> Outcome:
    reason = EndReason(call.end_reason)
    if call.sip_code in BLOCKED_CODES:
        return Outcome.BLOCKED
    if call.sip_code == SWITCHED_OFF:
        return Outcome.NO_ANSWER
    if reason == EndReason.FAILED and call.sip_code is not None and 500 <= call.sip_code < 600:
        return Outcome.CONGESTION
    if reason in OUR_FAULT:
        return Outcome.FAILED
    return UNANSWERED.get(reason, Outcome.NO_ANSWER)


def _answered(call: Call, early_s: int) -> Outcome:
    reason = EndReason(call.end_reason)
    if reason == EndReason.VOICEMAIL or call.answered_by == AnsweredBy.MACHINE:
        return Outcome.VOICEMAIL
    if reason in OUR_FAULT:
        return Outcome.FAILED
    if reason == EndReason.TRANSFERRED:
        return Outcome.TRANSFERRED
    if call.answered_by in (AnsweredBy.SCREENING, AnsweredBy.MENU):
        return Outcome.SCREENING
    if reason == EndReason.SILENCE and call.answered_by != AnsweredBy.HUMAN:
        return Outcome.NO_ANSWER  # a line that was picked up and stayed silent: nobody was reached
    # The line may go dead instead of a goodbye.
    left = reason in (EndReason.CALLEE_HUNG_UP, EndReason.CALLER_HUNG_UP, EndReason.MEDIA_LOST)
    if left and call.duration_ms <= early_s * 1_000:
        return Outcome.HUNG_UP_EARLY
    return Outcome.ANSWERED
