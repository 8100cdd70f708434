"""What media nodes ask and tell of cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.agents.model_keys import read, with_keys
from apps.calls.services.plans import credentials_of
from apps.knowledge.services.searching import answer_query
from apps.suites.cases import models_of
from apps.suites.models import CaseRun, CaseState, RunState
from apps.suites.services.dispatch import read_ticket
from apps.suites.services.enqueue import advance_after_commit
from apps.suites.services.runs import lock_run, settle
from media_workers.contract.requests import KnowledgeAnswer, KnowledgeQuery
from media_workers.contract.simulation import Case, CaseRecord, Judged, SimulationPlan, SimulationReport
from telephony.edge.models import MediaNode
from tenants.scope import platform_scope, tenant_scope

SLACK = timedelta(seconds=30)
"""Beside a case's own limit: the way of the result."""

JUDGES = timedelta(seconds=60)
"""More where models judge."""


def claim_case(node: MediaNode, ticket: str) -> SimulationPlan | None:
    """`pending` -> `running` by this node, and the plan, with secrets; None: the case is not to be had."""
    good_for = read_ticket(ticket)
    if good_for is None:
        return None
    tenant_id, case_id, attempt = good_for
    with tenant_scope(tenant_id):
        case = CaseRun.objects.filter(pk=case_id).first()
        if case is None:
            return None
        run = lock_run(case)
        case.refresh_from_db()
        case.run = run
        if run.state != RunState.RUNNING or case.state != CaseState.PENDING or case.attempt + 1 != attempt:
            return None
        plan = _plan(case, attempt)
        case.state, case.attempt = CaseState.RUNNING, attempt
        case.node, case.node_boot = node, node.boot_id
        case.deadline = timezone.now() + timedelta(seconds=plan.case.limit_s) + _beside(plan.case)
        case.save(update_fields=["state", "node", "node_boot", "attempt", "deadline", "updated_at"])
    return plan


def _beside(case: Case) -> timedelta:
    return SLACK + (JUDGES if any(isinstance(a, Judged) for a in case.assertions) else timedelta(0))


def _plan(case: CaseRun, attempt: int) -> SimulationPlan:
    parsed = Case.model_validate(case.case)
    config = with_keys(case.run.config, read(case.run.api_keys))
    return SimulationPlan(
        id=case.pk,
        attempt=attempt,
        tenant_id=case.tenant_id,
        agent=config,
        case=parsed,
        record=CaseRecord.model_validate(case.record) if case.record is not None else None,
        credentials=credentials_of(config, [model for _, model in models_of(parsed)]),
        allow_private=settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
    )


def look_up(node: MediaNode, case_id: UUID, query: KnowledgeQuery) -> KnowledgeAnswer | None:
    """What the agent's knowledge holds on it; None: the case is not with this node."""
    with platform_scope():
        rows = CaseRun.objects.filter(pk=case_id, node=node, state=CaseState.RUNNING)
        tenant_id = rows.values_list("tenant_id", flat=True).first()
    return answer_query(tenant_id, query) if tenant_id is not None else None


def take_result(node: MediaNode, case_id: UUID, report: SimulationReport) -> None:
    """Keeps the result, once; one of a case that was given up, cancelled or told before changes nothing."""
    with platform_scope():
        found = CaseRun.objects.filter(pk=case_id).values_list("tenant_id", flat=True).first()
    if found is None:
        return
    with tenant_scope(found):
        case = CaseRun.objects.get(pk=case_id)
        run = lock_run(case)
        case.refresh_from_db()
        case.run = run
        mine = case.node_id == node.pk and case.attempt == report.attempt
        if not mine or case.state != CaseState.RUNNING:
            return
        _keep(case, report)
        settle(run)
        if run.state == RunState.RUNNING:
            advance_after_commit(run)


def _keep(case: CaseRun, report: SimulationReport) -> None:
    result = report.result
    case.state = CaseState.PASSED if result.passed else CaseState.FAILED
    case.record = _without_nul(result.record.model_dump(mode="json"))
    case.failures = _without_nul([failure.model_dump(mode="json") for failure in result.failures])
    case.problem = _without_nul(result.record.problem)
    case.ended_at, case.deadline = timezone.now(), None
    case.save()


def _without_nul(value: Any) -> Any:
    """PostgreSQL cannot store NUL, which a tool's result may hold."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    return [_without_nul(v) for v in value] if isinstance(value, list) else value
