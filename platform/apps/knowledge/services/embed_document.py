"""The job that gives the pieces of a document their embeddings, a batch at a time."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from apps.knowledge.embeddings import BATCH, Embedder, embed, embedder_of
from apps.knowledge.errors import EmbeddingFailed
from apps.knowledge.jobs import LOST_AFTER
from apps.knowledge.models import Chunk, Document, DocumentState
from apps.vendors.services import note_error, note_success
from tenants.scope import tenant_scope

_BY_WORDS = "It is found by its words only: "


def embed_document(tenant_id: UUID, document_id: UUID, *, last_try: bool = True) -> None:
    """Embeds what has no embedding yet, and keeps each batch: what breaks off goes on there.

    EmbeddingFailed when asking again may help; not on the `last_try`: then, as with every other failure,
    the document says so, and is found by its words.
    """
    try:
        while _batch(tenant_id, document_id):
            pass
    except EmbeddingFailed as error:
        if error.again_s is not None and not last_try:
            raise
        _note(tenant_id, document_id, f"{_BY_WORDS}{error.detail}")


def _batch(tenant_id: UUID, document_id: UUID) -> bool:
    """Whether there may be more."""
    with tenant_scope(tenant_id):
        document = _document(document_id)
        if document is None:
            return False
        rows = list(Chunk.objects.filter(document=document, embedding=None).order_by("position")[:BATCH])
        embedder = embedder_of(document.base) if rows else None
        if embedder is None:
            _done(document)
            return False
        title = document.title
    texts = [f"{title}\n{row.heading}\n{row.text}" for row in rows]
    try:
        vectors = embed(embedder, texts, purpose="document")
    except EmbeddingFailed as error:
        _tell_vendors(tenant_id, embedder, error)
        raise
    with tenant_scope(tenant_id):
        document = _document(document_id, lock=True)
        if document is None or embedder_of(document.base) != embedder:
            return document is not None  # another model meanwhile: begin anew
        for row, vector in zip(rows, vectors, strict=True):
            row.embedding = vector
        Chunk.objects.bulk_update(rows, ["embedding"])
        Document.objects.filter(pk=document.pk).update(due_at=timezone.now() + LOST_AFTER)
    _tell_vendors(tenant_id, embedder, None)
    return True


def _document(document_id: UUID, *, lock: bool = False) -> Document | None:
    rows = Document.objects.filter(pk=document_id, state=DocumentState.READY, base__deleting_at=None)
    rows = rows.select_related("base")
    return (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()


def _done(document: Document) -> None:
    rows = Document.objects.filter(pk=document.pk)
    rows.update(due_at=None)
    rows.filter(problem__startswith=_BY_WORDS).update(problem="", updated_at=timezone.now())


def _note(tenant_id: UUID, document_id: UUID, problem: str) -> None:
    with tenant_scope(tenant_id):
        rows = Document.objects.filter(pk=document_id, state=DocumentState.READY)
        rows.update(problem=problem[:500], due_at=None, updated_at=timezone.now())


def _tell_vendors(tenant_id: UUID, embedder: Embedder, error: EmbeddingFailed | None) -> None:
    """What the vendor says of the tenant's own key is shown with the key."""
    if not embedder.credential.own:
        return
    with tenant_scope(tenant_id):
        if error is None:
            note_success(vendor=embedder.vendor)
        elif error.status in (401, 402, 403):
            note_error(vendor=embedder.vendor, error=error.detail, at=timezone.now())
