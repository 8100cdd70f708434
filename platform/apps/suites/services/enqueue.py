"""Background work of runs, asked for by name after commit. What gets lost the reconciler finds."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerDown
from redis import RedisError

from apps.suites.models import CaseRun, SuiteRun

log = structlog.get_logger(__name__)

ADVANCE = "suites.advance"
SETTLE = "suites.settle_publication"
CALL_OVER = "suites.call_over"


def advance_after_commit(run: SuiteRun, *, in_s: float = 0) -> None:
    """The run's waiting cases are given to nodes."""
    arguments = (str(run.tenant_id), str(run.pk))
    transaction.on_commit(lambda: send(ADVANCE, *arguments, in_s=in_s), robust=True)


def settle_after_commit(run: SuiteRun) -> None:
    """The publication that waits for the run looks at its runs."""
    arguments = (str(run.tenant_id), str(run.publication_id))
    transaction.on_commit(lambda: send(SETTLE, *arguments), robust=True)


def call_over_after_commit(case: CaseRun) -> None:
    arguments = (str(case.tenant_id), str(case.pk))
    transaction.on_commit(lambda: send(CALL_OVER, *arguments), robust=True)


def send(name: str, *arguments: str, in_s: float = 0) -> None:
    try:
        current_app.send_task(name, args=arguments, countdown=in_s or None, queue="after_call")
    except (RedisError, BrokerDown) as error:
        log.warning("suite_job_delayed", job=name, error=type(error).__name__)


def ids(tenant_id: str, row_id: str) -> tuple[UUID, UUID]:
    """A job's arguments."""
    return UUID(tenant_id), UUID(row_id)
