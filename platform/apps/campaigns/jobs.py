"""The names of the background jobs of imports, and how one is asked for."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.campaigns.models import Import

log = structlog.get_logger(__name__)

_BROKER_ERRORS = (OperationalError, RedisError, OSError)

READ = "audience.read"
COMMIT = "audience.commit"
RESUME = "audience.resume"


def enqueue(job: str, row: Import) -> None:
    """Asks for `job` once the transaction has committed; what gets lost is found by `RESUME`."""
    arguments = [str(row.tenant_id), str(row.pk)]
    transaction.on_commit(lambda: _send(job, arguments), robust=True)


def _send(job: str, arguments: list[str]) -> None:
    try:
        current_app.send_task(job, args=arguments)
    except _BROKER_ERRORS:
        log.warning("job_not_enqueued", job=job)
