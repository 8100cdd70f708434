"""Every way in which a call can end has one outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.calls.models import AnsweredBy, Call
from apps.campaigns.outcome_of import outcome_of
from apps.campaigns.outcomes import Outcome
from media_workers.contract.events import EndReason
from tenants.scope import platform_scope

AT = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)

UNANSWERED = {
    EndReason.CALLER_HUNG_UP: Outcome.NO_ANSWER,
    EndReason.CALLEE_HUNG_UP: Outcome.NO_ANSWER,
    EndReason.AGENT_HUNG_UP: Outcome.NO_ANSWER,
    EndReason.API_HUNG_UP: Outcome.NO_ANSWER,
    EndReason.CANCELLED: Outcome.NO_ANSWER,
    EndReason.BUSY: Outcome.BUSY,
    EndReason.NO_ANSWER: Outcome.NO_ANSWER,
    EndReason.REJECTED: Outcome.REJECTED,
    EndReason.UNREACHABLE: Outcome.CONGESTION,
    EndReason.NUMBER_UNKNOWN: Outcome.INVALID_NUMBER,
    EndReason.BLOCKED: Outcome.FAILED,
    EndReason.NO_CODEC: Outcome.FAILED,
    EndReason.NO_CAPACITY: Outcome.CONGESTION,
    EndReason.SILENCE: Outcome.NO_ANSWER,
    EndReason.TRANSFERRED: Outcome.NO_ANSWER,
    EndReason.VOICEMAIL: Outcome.VOICEMAIL,
    EndReason.MAX_DURATION: Outcome.NO_ANSWER,
    EndReason.MEDIA_LOST: Outcome.FAILED,
    EndReason.MONEY_ENDED: Outcome.FAILED,
    EndReason.NOT_READY: Outcome.FAILED,
    EndReason.PROVIDER_FAILED: Outcome.FAILED,
    EndReason.NODE_LOST: Outcome.FAILED,
    EndReason.NODE_STOPPED: Outcome.FAILED,
    EndReason.JOB_EXPIRED: Outcome.NOT_DIALED,
    EndReason.FAILED: Outcome.FAILED,
    EndReason.WITHDRAWN: Outcome.NOT_DIALED,
}

ANSWERED = dict.fromkeys(EndReason, Outcome.ANSWERED) | {
    EndReason.BLOCKED: Outcome.FAILED,
    EndReason.NO_CODEC: Outcome.FAILED,
    EndReason.SILENCE: Outcome.NO_ANSWER,
    EndReason.TRANSFERRED: Outcome.TRANSFERRED,
    EndReason.VOICEMAIL: Outcome.VOICEMAIL,
    EndReason.NOT_READY: Outcome.FAILED,
    EndReason.PROVIDER_FAILED: Outcome.FAILED,
    EndReason.NODE_LOST: Outcome.FAILED,
    EndReason.NODE_STOPPED: Outcome.FAILED,
    EndReason.FAILED: Outcome.FAILED,
}


def ended(reason: EndReason, *, dialed: bool = True, answered: bool = False, **fields: Any) -> Call:
    told = {"dialing_at": AT if dialed else None, "answered_at": AT if answered else None}
    with platform_scope():
        return Call(end_reason=reason, **{"duration_ms": 60_000 if answered else 0, **told, **fields})


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", EndReason)
def test_of_a_call_that_nobody_answered(reason: EndReason) -> None:
    assert outcome_of(ended(reason), early_s=10) == UNANSWERED[reason]


@pytest.mark.parametrize("reason", EndReason)
def test_of_a_call_that_was_answered(reason: EndReason) -> None:
    assert outcome_of(ended(reason, answered=True), early_s=10) == ANSWERED[reason]


@pytest.mark.parametrize("reason", EndReason)
def test_a_call_that_no_line_took_was_not_dialed(reason: EndReason) -> None:
    call = ended(reason, dialed=False)
    assert outcome_of(call, early_s=10, callback=True, opted_out=True) == Outcome.NOT_DIALED


@pytest.mark.parametrize(
    ("code", "reason", "outcome"),
    [
        (603, EndReason.REJECTED, Outcome.BLOCKED),
        (607, EndReason.REJECTED, Outcome.BLOCKED),
        (608, EndReason.REJECTED, Outcome.BLOCKED),
        (403, EndReason.REJECTED, Outcome.REJECTED),
        (480, EndReason.UNREACHABLE, Outcome.NO_ANSWER),
        (503, EndReason.UNREACHABLE, Outcome.CONGESTION),
        (500, EndReason.FAILED, Outcome.CONGESTION),
        (407, EndReason.FAILED, Outcome.FAILED),
    ],
)
def test_what_the_carrier_said(code: int, reason: EndReason, outcome: Outcome) -> None:
    assert outcome_of(ended(reason, sip_code=code), early_s=10) == outcome


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"answered_by": AnsweredBy.MACHINE}, Outcome.VOICEMAIL),
        ({"answered_by": AnsweredBy.SCREENING}, Outcome.SCREENING),
        ({"answered_by": AnsweredBy.MENU}, Outcome.SCREENING),
        ({"answered_by": AnsweredBy.HUMAN, "duration_ms": 10_000}, Outcome.HUNG_UP_EARLY),
        ({"answered_by": AnsweredBy.HUMAN, "duration_ms": 10_001}, Outcome.ANSWERED),
        ({"answered_by": AnsweredBy.MACHINE, "duration_ms": 2_000}, Outcome.VOICEMAIL),
    ],
)
def test_who_answered_and_for_how_long(fields: dict[str, Any], outcome: Outcome) -> None:
    call = ended(EndReason.CALLEE_HUNG_UP, answered=True, **fields)
    assert outcome_of(call, early_s=10) == outcome


def test_a_wish_not_to_be_called_comes_before_all_else() -> None:
    call = ended(EndReason.TRANSFERRED, answered=True)
    assert outcome_of(call, early_s=10, callback=True, opted_out=True) == Outcome.OPTED_OUT
    assert outcome_of(call, early_s=10, callback=True) == Outcome.CALLBACK
