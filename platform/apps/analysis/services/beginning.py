"""When a call is to be analyzed: after its end, after its end was corrected, and when somebody asks again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.analysis.models import Analysis, AnalysisState
from apps.analysis.selectors import get_analysis
from apps.calls.models import Call
from apps.calls.selectors import locked
from apps.calls.states import CallState
from tenants.errors import Conflict

log = structlog.get_logger(__name__)

RUN = "analysis.run"
RUN_MANY = "analysis.run_many"
AFTER = timedelta(seconds=2)
"""After the end, so that what the node still tells of the call is in."""

FORGOTTEN_AFTER = timedelta(seconds=60)
"""Nobody has come to what was to be worked on by then: it is asked for again."""

NOBODY = "Nobody answered: there is nothing to read."
NO_AGENT = "No agent spoke in this call."


def note_finished(*, call: Call, **_: Any) -> None:
    """Receiver of `call_finished`: its analysis waits, in the transaction that ends the call."""
    nothing = nothing_to_read(call)
    row = Analysis(
        tenant_id=call.tenant_id,
        call=call,
        state=AnalysisState.SKIPPED if nothing else AnalysisState.WAITING,
        problem=nothing,
        next_at=None if nothing else timezone.now() + AFTER,
    )
    Analysis.objects.bulk_create([row], ignore_conflicts=True)
    if not nothing:
        wake(call.tenant_id, row.pk, after=AFTER)


def note_corrected(*, call: Call, **_: Any) -> None:
    """Receiver of `call_end_corrected`: a node that was taken for lost has told the rest of the call."""
    rows = Analysis.objects.filter(call=call)
    if nothing_to_read(call):
        return
    at = timezone.now() + AFTER
    row = rows.first()
    if row is None:
        note_finished(call=call)
        return
    _wait(row, at=at)
    wake(call.tenant_id, row.pk, after=AFTER)


def again(*, call_id: UUID) -> Analysis:
    """The call is analyzed anew, by what its agent is now. Conflict while it goes on, or while it is being
    read; CallUnknown."""
    call = locked(call_id)
    if call.state != CallState.ENDED:
        raise Conflict("The call goes on: it is analyzed when it has ended.", code="call_goes_on")
    if nothing := nothing_to_read(call):
        raise Conflict(nothing, code="nothing_to_read")
    Analysis.objects.bulk_create([Analysis(call=call, state=AnalysisState.SKIPPED)], ignore_conflicts=True)
    row = Analysis.objects.select_for_update(no_key=True, of=("self",)).get(call=call)
    now = timezone.now()
    if row.state == AnalysisState.WAITING and row.leased_until is not None and row.leased_until > now:
        raise Conflict("The call is being analyzed at this moment.", code="analyzing")
    _wait(row, at=now, anew=True)
    wake(call.tenant_id, row.pk)
    return get_analysis(call.pk)


def nothing_to_read(call: Call) -> str:
    """Why there is nothing, in words; "" when there is."""
    if call.answered_at is None:
        return NOBODY
    return NO_AGENT if call.agent_id is None else ""


def _wait(row: Analysis, *, at: datetime, anew: bool = False) -> None:
    row.state, row.next_at, row.leased_until = AnalysisState.WAITING, at, None
    row.attempts, row.problem, row.anew, row.rerun = 0, "", anew, None
    row.save(
        update_fields=[
            "state", "next_at", "leased_until", "attempts", "problem", "anew", "rerun", "updated_at",
        ]
    )  # fmt: skip


def wake(tenant_id: UUID, row_id: UUID, *, after: timedelta = timedelta()) -> None:
    """Has it worked on after the commit. A broker that is down does no harm: beat looks for what waits."""
    arguments = [str(tenant_id), str(row_id)]
    transaction.on_commit(lambda: _send(RUN, arguments, after), robust=True)


def wake_many(tenant_id: UUID, rows: list[UUID], *, at_once: bool) -> None:
    """Has them worked on after the commit by one worker, side by side when `at_once`."""
    arguments = [str(tenant_id), [str(row) for row in rows], at_once]
    transaction.on_commit(lambda: _send(RUN_MANY, arguments, timedelta()), robust=True)


def _send(job: str, arguments: list[Any], after: timedelta) -> None:
    wait_s = after.total_seconds()
    try:
        current_app.send_task(
            job, args=arguments, countdown=wait_s or None, expires=wait_s + FORGOTTEN_AFTER.total_seconds()
        )
    except (OperationalError, RedisError, OSError) as error:
        log.warning("analysis_delayed", error=type(error).__name__)
