"""The names of the background jobs of numbers, and how one is asked for."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from tenants.models import TenantModel

log = structlog.get_logger(__name__)

_BROKER_ERRORS = (OperationalError, RedisError, OSError)

COMPLETE = "numbers.complete_order"
CALLER_NAME = "numbers.set_caller_name"
HAND_IN = "numbers.hand_in_bundle"
PORT = "numbers.port"

LEASE = timedelta(minutes=5)
"""For so long a row that a worker has taken is left alone: longer than all that it asks a carrier in one go.
A worker that died has it tried again then."""

AT_ONCE = 100
"""Rows that one look has worked on."""


def enqueue(job: str, row: TenantModel) -> None:
    """Asks for `job` once the transaction has committed; what gets lost is found by the next look."""
    arguments = [str(row.tenant_id), str(row.pk)]
    transaction.on_commit(lambda: send(job, arguments), robust=True)


def send(job: str, arguments: list[str], *, expires_s: int | None = None) -> None:
    """A broker that is down does no harm."""
    try:
        current_app.send_task(job, args=arguments, expires=expires_s)
    except _BROKER_ERRORS:
        log.warning("job_not_enqueued", job=job)
