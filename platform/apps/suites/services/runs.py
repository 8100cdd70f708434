"""A run from its beginning to its end. Nodes are asked in `dispatch`."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import cast
from uuid import UUID

import structlog
from django.db.models import Count, Q
from django.utils import timezone

from apps.agents.models import AgentVersion
from apps.calls.errors import CallOver
from apps.calls.services.control import hang_up_call
from apps.suites.models import (
    OPEN,
    CaseRun,
    CaseState,
    Publication,
    RunState,
    Suite,
    SuiteRun,
)
from apps.suites.selectors import get_run, running
from apps.suites.services.enqueue import advance_after_commit, settle_after_commit
from tenants.errors import Conflict, InvalidInput, LimitReached
from tenants.models import User
from tenants.suspension import ensure_active

log = structlog.get_logger(__name__)

MOST_RUNS = 5
"""Of a tenant at once."""


def start_run(
    *,
    suite: Suite,
    version: AgentVersion | None = None,
    publication: Publication | None = None,
    started_by: User | None = None,
) -> SuiteRun:
    """Plays the cases of `suite` against `version`, or against the agent's draft as it is now.

    InvalidInput for a suite without cases, LimitReached beyond `MOST_RUNS`, TenantSuspended.
    """
    ensure_active()
    if not suite.cases:
        raise InvalidInput("The suite has no cases yet.", field="suite", code="empty")
    if publication is None and running().count() >= MOST_RUNS:
        raise LimitReached(f"{MOST_RUNS} runs go on already: wait for one, or cancel it.", retry_after_s=10)
    source = version or suite.agent
    run = SuiteRun.objects.create(
        suite=suite,
        version=version,
        publication=publication,
        config=source.config if isinstance(source, AgentVersion) else source.draft,
        api_keys=source.api_keys if isinstance(source, AgentVersion) else source.draft_api_keys,
        total=len(suite.cases),
        started_by=started_by,
    )
    now = timezone.now()
    CaseRun.objects.bulk_create(
        CaseRun(run=run, tenant_id=run.tenant_id, position=n, case=case, waiting_since=now)
        for n, case in enumerate(suite.cases)
    )
    advance_after_commit(run)
    return run


def cancel_run(*, run: SuiteRun) -> SuiteRun:
    """What is under way on a node is not waited for; calls are hung up. Conflict when the run is over."""
    fresh = get_run(run.pk, lock=True)
    if fresh.state != RunState.RUNNING:
        raise Conflict("The run is over.", code="run_over")
    for case in CaseRun.objects.filter(run=fresh, state=CaseState.CALLING, call__isnull=False):
        with contextlib.suppress(CallOver):
            hang_up_call(call_id=cast(UUID, case.call_id), reason="The run of its suite was cancelled.")
    now = timezone.now()
    CaseRun.objects.filter(run=fresh, state__in=OPEN).update(
        state=CaseState.CANCELLED, ended_at=now, deadline=None
    )
    _end(fresh, RunState.CANCELLED, at=now)
    return fresh


def settle(run: SuiteRun) -> None:
    """Counts what is over, and ends the run with its last case. The row is locked by the caller."""
    if run.state != RunState.RUNNING:
        return
    counts = CaseRun.objects.filter(run=run).aggregate(
        open=Count("pk", filter=Q(state__in=OPEN)),
        passed=Count("pk", filter=Q(state=CaseState.PASSED)),
        failed=Count("pk", filter=Q(state=CaseState.FAILED)),
    )
    run.passed, run.failed = counts["passed"], counts["failed"]
    if counts["open"]:
        run.save(update_fields=["passed", "failed", "updated_at"])
        return
    _end(run, RunState.FAILED if run.failed else RunState.PASSED, at=timezone.now())


def _end(run: SuiteRun, state: RunState, *, at: datetime) -> None:
    run.state, run.ended_at, run.api_keys = state, at, ""
    run.save(update_fields=["state", "ended_at", "api_keys", "passed", "failed", "updated_at"])
    log.info("suite_run_ended", run=run.public_id, state=state, passed=run.passed, failed=run.failed)
    if run.publication_id is not None:
        settle_after_commit(run)


def fail_case(case: CaseRun, problem: str) -> None:
    """It could not be played. The run's row is locked by the caller, and settled here."""
    case.state, case.problem, case.ended_at, case.deadline = CaseState.FAILED, problem, timezone.now(), None
    case.save(update_fields=["state", "problem", "ended_at", "deadline", "updated_at"])
    settle(case.run)


def lock_run(case: CaseRun) -> SuiteRun:
    """The case's run, locked: what ends cases and runs is decided by one at a time."""
    run = SuiteRun.objects.select_for_update(no_key=True).get(pk=case.run_id)
    case.run = run
    return run
