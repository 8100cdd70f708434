"""Waiting cases are given to media nodes: over text by a ticket, over audio as a call to a sandbox phone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import structlog
from django.core import signing
from django.db import connection
from django.utils import timezone

from apps.suites.models import CaseRun, CaseState, RunState, SuiteRun
from apps.suites.services.audio import place
from apps.suites.services.enqueue import ADVANCE, send
from apps.suites.services.runs import fail_case, lock_run
from media_workers.contract.simulation import Case
from telephony.edge.models import MediaNode
from telephony.edge.selectors import browser_nodes
from tenants.errors import DomainError
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

CASES_AT_ONCE = 4
"""Of a run over text."""

CALLS_AT_ONCE = 2
"""Of a run over audio: the sandbox carries four."""

AGAIN_IN_S = 1.0
NODE_WITHIN = timedelta(seconds=60)
NODES_TRIED = 3
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
TICKET_LIFE_S = 30
_SALT = "apps.suites.case"

NOBODY = "No media node took the case within a minute."


def advance(tenant_id: UUID, run_id: UUID, *, again: bool = True) -> None:
    """Gives as many waiting cases away as may go on at once. Twice does no harm. With `again` it asks to be
    asked once more when nothing goes on, whose end would ask; the reconciler asks anyway."""
    with tenant_scope(tenant_id):
        run = SuiteRun.objects.filter(pk=run_id, state=RunState.RUNNING).first()
        waiting = _next(run) if run is not None else []
    for case in waiting:
        _give(tenant_id, case)
    with tenant_scope(tenant_id):
        states = set(CaseRun.objects.filter(run_id=run_id).values_list("state", flat=True))
        if again and CaseState.PENDING in states and not states & {CaseState.RUNNING, CaseState.CALLING}:
            send(ADVANCE, str(tenant_id), str(run_id), in_s=AGAIN_IN_S)


def _next(run: SuiteRun) -> list[CaseRun]:
    cases = list(CaseRun.objects.filter(run=run).order_by("position"))
    calls = CALLS_AT_ONCE - sum(case.state == CaseState.CALLING for case in cases)
    texts = CASES_AT_ONCE - sum(case.state == CaseState.RUNNING for case in cases)
    pending = [case for case in cases if case.state == CaseState.PENDING]
    to_call = [case for case in pending if _to_be_called(case)]
    to_play = [case for case in pending if not _to_be_called(case)]
    return [*to_play[: max(0, texts)], *to_call[: max(0, calls)]]


def _to_be_called(case: CaseRun) -> bool:
    return case.case["over"] == "audio" and case.call_id is None


def _give(tenant_id: UUID, case: CaseRun) -> None:
    if _to_be_called(case):
        _call(tenant_id, case)
    elif not _offered(case) and timezone.now() - case.waiting_since > NODE_WITHIN:
        _give_up(tenant_id, case, NOBODY)


def _call(tenant_id: UUID, case: CaseRun) -> None:
    try:
        with tenant_scope(tenant_id):
            run = lock_run(case)
            case.refresh_from_db()
            case.run = run
            if case.state == CaseState.PENDING and run.state == RunState.RUNNING:
                place(case, Case.model_validate(case.case))
    except DomainError as error:
        _give_up(tenant_id, case, error.detail)


def _give_up(tenant_id: UUID, case: CaseRun, problem: str) -> None:
    with tenant_scope(tenant_id):
        run = lock_run(case)
        case.refresh_from_db()
        case.run = run
        if case.state == CaseState.PENDING:
            fail_case(case, problem)


def _offered(case: CaseRun) -> bool:
    """Whether a node has taken it: by then it has claimed the case."""
    nodes = browser_nodes()[:NODES_TRIED]
    if not connection.in_atomic_block:
        connection.close()  # back to the pool while a node is asked
    return any(_ask(node, case) for node in nodes)


def _ask(node: MediaNode, case: CaseRun) -> bool:
    url = "http" + node.browser_url.removeprefix("ws") + "/simulations"
    headers = {"Authorization": f"Bearer {ticket_for(case)}"}
    try:
        response = httpx.get(url, headers=headers, timeout=TIMEOUT, trust_env=False)
    except httpx.HTTPError as error:
        log.warning("simulation_not_taken", node=node.name, error=type(error).__name__)
        return False
    if response.status_code != httpx.codes.ACCEPTED:
        log.info("simulation_not_taken", node=node.name, status=response.status_code)
    return response.status_code == httpx.codes.ACCEPTED


def ticket_for(case: CaseRun) -> str:
    """Lets the node that gets it claim the case once, within seconds."""
    told = {"tenant": case.tenant_id.hex, "case": case.pk.hex, "attempt": case.attempt + 1}
    return signing.dumps(told, salt=_SALT)


def read_ticket(ticket: str) -> tuple[UUID, UUID, int] | None:
    """The tenant, the case and the attempt that it is good for; None: for nothing."""
    try:
        told = signing.loads(ticket, salt=_SALT, max_age=TICKET_LIFE_S)
        return UUID(told["tenant"]), UUID(told["case"]), int(told["attempt"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None
