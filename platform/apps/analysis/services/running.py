"""One call analyzed: taken by a lease, read outside any transaction, stored once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from apps.analysis.errors import ReadingFailed
from apps.analysis.models import Analysis, AnalysisState, Label, LabelKind, Rerun
from apps.analysis.reading.vendors import Reader
from apps.analysis.results import Result
from apps.analysis.selectors import conversation_of, wanted_now, wanted_then
from apps.analysis.services.beginning import FORGOTTEN_AFTER, nothing_to_read, wake
from apps.analysis.services.readers import reader_of, result_of
from apps.analysis.signals import call_analyzed
from apps.analysis.transcript import Conversation
from apps.analysis.wanted import Wanted
from apps.calls.models import Call
from apps.vendors.services import note_error, note_success
from media_workers.contract.vendors import OWN_ENDPOINT
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=180)
"""At least; a slow model is given longer. Who died in the middle is followed then."""

AGAIN_AFTER = [timedelta(seconds=s) for s in (10, 60, 300, 1_800)]
MOST_ATTEMPTS = len(AGAIN_AFTER) + 1
AT_ONCE = 200
SIDE_BY_SIDE = 8
SWITCHED_OFF = "The agent's analysis is switched off."
NOTHING_SAID = "Nobody said anything: there is nothing to read."
OURS = "Something went wrong on our side."


@dataclass(frozen=True, slots=True)
class Taken:
    """What one worker works on until `until`. `wanted` None: `problem` says why nothing can be read."""

    tenant_id: UUID
    analysis_id: UUID
    call_id: UUID
    until: datetime
    attempts: int
    conversation: Conversation
    wanted: Wanted
    reader: Reader | None
    failed: ReadingFailed | None = None


def run(tenant_id: UUID, analysis_id: UUID) -> bool:
    """One attempt, if it is due and nobody is at it; whether there was anything to do. Two at once, and
    twice, do no harm."""
    with tenant_scope(tenant_id):
        taken = _take(analysis_id)
    if taken is None:
        return False
    try:
        if taken.failed is not None:
            raise taken.failed
        result = result_of(taken.conversation, taken.wanted, taken.reader)
    except ReadingFailed as failed:
        _failed(taken, failed)
    except Exception:
        log.exception("analysis_failed", analysis=str(analysis_id))
        _failed(taken, ReadingFailed(OURS, again_s=1))
    else:
        _done(taken, result)
    return True


def run_due(*, now: datetime | None = None) -> int:
    """Has those worked on that wait for their next attempt or were forgotten; how many."""
    now = now or timezone.now()
    forgotten = now - FORGOTTEN_AFTER
    with platform_scope():
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        due = Analysis.objects.filter(free, state=AnalysisState.WAITING, next_at__lte=forgotten)
        due = due.filter(updated_at__lte=forgotten).order_by("next_at")
        rows = list(due.values_list("tenant_id", "pk")[:AT_ONCE])
        # Not again before that has expired which is sent now.
        Analysis.objects.filter(pk__in=[pk for _, pk in rows]).update(updated_at=now)
        for tenant_id, analysis_id in rows:
            wake(tenant_id, analysis_id)
    return len(rows)


def run_many(tenant_id: UUID, analysis_ids: list[UUID], *, at_once: bool) -> None:
    """Those of them that are due; side by side when `at_once`, since a model takes its time."""
    if not at_once:
        for analysis_id in analysis_ids:
            run(tenant_id, analysis_id)
        return
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        list(pool.map(lambda analysis_id: _run_and_leave(tenant_id, analysis_id), analysis_ids))


def _run_and_leave(tenant_id: UUID, analysis_id: UUID) -> None:
    """In a thread of its own, whose connection nobody else would close."""
    try:
        run(tenant_id, analysis_id)
    finally:
        connection.close()


# --- taking -----------------------------------------------------------------------------------------


def _take(analysis_id: UUID) -> Taken | None:
    now = timezone.now()
    rows = Analysis.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    row = rows.filter(free, pk=analysis_id, state=AnalysisState.WAITING, next_at__lte=now).first()
    if row is None:
        return None
    call = Call.objects.select_related("agent__published_version", "agent_version").get(pk=row.call_id)
    wanted = _wanted(row, call)
    conversation = conversation_of(call)
    nothing = nothing_to_read(call) or ("" if conversation.lines else NOTHING_SAID)
    if nothing or not wanted.analysis.enabled:
        _skip(row, nothing or SWITCHED_OFF)
        return None
    timeout_s = wanted.analysis.model.timeout_ms / 1_000 if wanted.analysis.model else 0
    # Asked, asked without a schema, and both again to mend.
    until = now + max(LEASE, timedelta(seconds=60 + 4 * timeout_s))
    row.attempts, row.leased_until = row.attempts + 1, until
    row.save(update_fields=["attempts", "leased_until", "updated_at"])
    reader, failed = _reader(wanted)
    return Taken(row.tenant_id, row.pk, call.pk, until, row.attempts, conversation, wanted, reader, failed)


def _wanted(row: Analysis, call: Call) -> Wanted:
    if row.rerun_id is not None:
        return Wanted.of(Rerun.objects.get(pk=row.rerun_id).config)
    return wanted_now(call.agent) if row.anew and call.agent is not None else wanted_then(call)


def _reader(wanted: Wanted) -> tuple[Reader | None, ReadingFailed | None]:
    try:
        return reader_of(wanted), None
    except ReadingFailed as failed:
        return None, failed


def _skip(row: Analysis, why: str) -> None:
    row.state, row.problem, row.next_at, row.leased_until = AnalysisState.SKIPPED, why, None, None
    row.save(update_fields=["state", "problem", "next_at", "leased_until", "updated_at"])
    _count(row, failed=False)


# --- storing ----------------------------------------------------------------------------------------


def _done(taken: Taken, result: Result) -> None:
    model = taken.wanted.analysis.model
    columns = result.as_columns() | {
        "state": AnalysisState.DONE,
        "config": taken.wanted.stored(),
        "config_digest": taken.wanted.digest,
        "extractor": "rules" if taken.reader is None else "model",
        "vendor": model.provider if model is not None else "",
        "model": model.model if model is not None else "",
        "problem": "",
        "next_at": None,
        "leased_until": None,
        "analyzed_at": timezone.now(),
    }
    with tenant_scope(taken.tenant_id):
        call = _locked_call(taken)
        row = _still_ours(taken)
        if call is None or row is None:
            return
        row.revision += 1
        _write(row, columns)
        _label(row)
        _count(row, failed=False)
        call_analyzed.send(Analysis, call=call, analysis=row)
    _tell_key(taken, "")


def _failed(taken: Taken, failed: ReadingFailed) -> None:
    last = failed.again_s is None or taken.attempts >= MOST_ATTEMPTS
    columns: dict[str, Any] = {"problem": failed.words[:1_000], "leased_until": None}
    wait = timedelta()
    if last:
        columns |= {"state": AnalysisState.FAILED, "next_at": None}
    else:
        wait = max(AGAIN_AFTER[taken.attempts - 1], timedelta(seconds=failed.again_s or 0))
        columns["next_at"] = timezone.now() + wait
    with tenant_scope(taken.tenant_id):
        row = _still_ours(taken)
        if row is None:
            return
        _write(row, columns)
        if last:
            _count(row, failed=True)
        else:
            wake(taken.tenant_id, row.pk, after=wait)
    log.info("analysis_not_done", analysis=str(taken.analysis_id), problem=failed.words, last=last)
    if failed.status in (401, 402, 403):
        _tell_key(taken, failed.words)


def _locked_call(taken: Taken) -> Call | None:
    """Locked before the analysis, as when a call ends; None: it has been deleted meanwhile."""
    rows = Call.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=taken.call_id).first()


def _still_ours(taken: Taken) -> Analysis | None:
    """None: somebody else is at it since our lease ran out, or it was asked for anew."""
    rows = Analysis.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=taken.analysis_id, state=AnalysisState.WAITING, leased_until=taken.until).first()


def _write(row: Analysis, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=[*columns, "revision", "updated_at"])


def _label(row: Analysis) -> None:
    names = {(LabelKind.TOPIC, topic) for topic in row.topics}
    names |= {(LabelKind.FLAG, flag["name"]) for flag in row.flags}
    Label.objects.filter(call_id=row.call_id).delete()
    Label.objects.bulk_create(
        Label(call_id=row.call_id, kind=kind, name=name) for kind, name in sorted(names)
    )


def _count(row: Analysis, *, failed: bool) -> None:
    """In the transaction that ends it, so that a call counts once for its rerun."""
    if row.rerun_id is not None:
        which = "failed" if failed else "done"
        Rerun.objects.filter(pk=row.rerun_id).update(**{which: F(which) + 1})


def _tell_key(taken: Taken, error: str) -> None:
    """The tenant's own key shows what its vendor said last."""
    if taken.reader is None or taken.reader.vendor == OWN_ENDPOINT:
        return
    with tenant_scope(taken.tenant_id):
        if error:
            note_error(vendor=taken.reader.vendor, error=error, at=timezone.now())
        else:
            note_success(vendor=taken.reader.vendor)
