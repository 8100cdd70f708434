"""The names of the background jobs, and how one is asked for."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.knowledge.models import Document, KnowledgeBase

log = structlog.get_logger(__name__)

_BROKER_ERRORS = (OperationalError, RedisError, OSError)

READ = "knowledge.read"
EMBED = "knowledge.embed"
DELETE_BASE = "knowledge.delete_base"
RESUME = "knowledge.resume"

LOST_AFTER = timedelta(minutes=20)


def enqueue(job: str, row: Document | KnowledgeBase) -> None:
    """Asks for `job` once the transaction has committed. Of a document is noted when it is to be taken for
    lost: what Valkey has forgotten is found by `RESUME`."""
    arguments = [str(row.tenant_id), str(row.pk)]
    if isinstance(row, Document):
        Document.objects.filter(pk=row.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: _send(job, arguments), robust=True)


def _send(job: str, arguments: list[str]) -> None:
    try:
        current_app.send_task(job, args=arguments)
    except _BROKER_ERRORS:
        log.warning("job_not_enqueued", job=job)  # `RESUME` finds it
