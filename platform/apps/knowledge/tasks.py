"""Background work of knowledge bases. Each may run twice, and after a restart again."""

from __future__ import annotations

from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from apps.knowledge.errors import EmbeddingFailed
from apps.knowledge.jobs import DELETE_BASE, EMBED, READ, RESUME, enqueue
from apps.knowledge.models import Document, DocumentState
from apps.knowledge.services.bases import finish_deleting
from apps.knowledge.services.embed_document import embed_document
from apps.knowledge.services.fetching import NotFetched
from apps.knowledge.services.read_document import read_document
from tenants.scope import platform_scope, tenant_scope

FETCHES = 4
EMBEDDINGS = 8
RESUMED = 500


@shared_task(bind=True, name=READ, ignore_result=True, max_retries=FETCHES)
def read(self: Task[..., None], tenant_id: str, document_id: str) -> None:
    """Reads a document. A page that does not come is asked for again, four times within ten minutes."""
    try:
        read_document(UUID(tenant_id), UUID(document_id), last_try=self.request.retries >= FETCHES)
    except NotFetched as error:
        raise self.retry(exc=error, countdown=20 * 2**self.request.retries) from error


@shared_task(bind=True, name=EMBED, ignore_result=True, max_retries=EMBEDDINGS)
def embed(self: Task[..., None], tenant_id: str, document_id: str) -> None:
    """Embeds a document. A vendor that is busy is asked again later, for about an hour."""
    try:
        embed_document(UUID(tenant_id), UUID(document_id), last_try=self.request.retries >= EMBEDDINGS)
    except EmbeddingFailed as error:
        wait = max(error.again_s or 0, min(10 * 2**self.request.retries, 900))
        raise self.retry(exc=error, countdown=wait) from error


@shared_task(name=DELETE_BASE, ignore_result=True)
def delete_base(tenant_id: str, base_id: str) -> None:
    """Deletes the rows and files of a base that people have deleted."""
    finish_deleting(UUID(tenant_id), UUID(base_id))


@shared_task(name=RESUME, ignore_result=True)
def resume() -> None:
    """Begins again what got lost with Valkey or a worker. Beat asks every 5 minutes."""
    with platform_scope():
        rows = Document.objects.filter(due_at__lt=timezone.now()).order_by("due_at")[:RESUMED]
        lost = [(row.tenant_id, row.pk) for row in rows]
    for tenant_id, document_id in lost:
        with tenant_scope(tenant_id):
            document = Document.objects.filter(pk=document_id).first()
            if document is not None:
                enqueue(READ if document.state == DocumentState.READING else EMBED, document)
