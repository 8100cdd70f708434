"""Finds what got lost: cases of nodes that died, jobs that a wiped Redis forgot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.calls.states import CallState
from apps.suites.models import CaseRun, CaseState, Publication, PublicationState, RunState, SuiteRun
from apps.suites.services.audio import take_call
from apps.suites.services.dispatch import advance
from apps.suites.services.publications import settle_publication
from apps.suites.services.runs import fail_case, lock_run
from telephony.edge.selectors import dead_nodes
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 2
BATCH = 200
LOST = "The media node that played the case was lost, twice."


def reconcile(*, now: datetime | None = None) -> None:
    """One round. Two at once do no harm."""
    now = now or timezone.now()
    for tenant_id, case_id in _ids(lambda: _lost_cases(now)):
        _take_back(tenant_id, case_id)
    for tenant_id, case_id in _ids(_called_cases):
        take_call(tenant_id, case_id)
    for tenant_id, run_id in _ids(lambda: SuiteRun.objects.filter(state=RunState.RUNNING)):
        advance(tenant_id, run_id, again=False)
    waiting = _ids(lambda: Publication.objects.filter(state=PublicationState.RUNNING))
    for tenant_id, publication_id in waiting:
        settle_publication(tenant_id, publication_id)


def _lost_cases(now: datetime) -> QuerySet[CaseRun]:
    """Of nodes that died, that have begun another life, or that took too long."""
    died = Q(node__in=list(dead_nodes(now=now))) | ~Q(node_boot=F("node__boot_id"))
    return CaseRun.objects.filter(died | Q(deadline__lt=now), state=CaseState.RUNNING)


def _called_cases() -> QuerySet[CaseRun]:
    """Over audio, whose call is over."""
    return CaseRun.objects.filter(state=CaseState.CALLING, call__state=CallState.ENDED)


def _ids(rows: Callable[[], QuerySet[Any]]) -> list[tuple[UUID, UUID]]:
    """Of tenants and their rows, the oldest first."""
    with platform_scope():
        return list(rows().order_by("pk").values_list("tenant_id", "pk")[:BATCH])


def _take_back(tenant_id: UUID, case_id: UUID) -> None:
    """Once more, by another node; what was lost twice has failed."""
    with tenant_scope(tenant_id):
        case = CaseRun.objects.get(pk=case_id)
        run = lock_run(case)
        case.refresh_from_db()
        case.run = run
        if case.state != CaseState.RUNNING:
            return
        log.warning("simulation_lost", case=case.public_id, attempt=case.attempt)
        if case.attempt >= MOST_ATTEMPTS:
            fail_case(case, LOST)
            return
        case.state, case.node, case.deadline = CaseState.PENDING, None, None
        case.waiting_since = timezone.now()
        case.save(update_fields=["state", "node", "deadline", "waiting_since", "updated_at"])
