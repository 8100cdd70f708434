"""The job that reads a document: its file, or its page, becomes pieces that can be found."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.knowledge.child import read_apart
from apps.knowledge.chunking import Piece, pieces
from apps.knowledge.jobs import EMBED, enqueue
from apps.knowledge.models import Document, DocumentState, Kind
from apps.knowledge.reading.blocks import Unreadable
from apps.knowledge.services.documents import check_room, keep_file, place_of
from apps.knowledge.services.fetching import NotFetched, fetch
from apps.knowledge.services.indexing import count, index
from apps.knowledge.storage import document_storage
from tenants.scope import tenant_scope

MOST_PIECES = 20_000


def read_document(tenant_id: UUID, document_id: UUID, *, last_try: bool = True) -> None:
    """Reads a document that is waiting for it. Twice does no harm.

    NotFetched when its page may come another time; not on the `last_try`. A failing storage raises what it
    raises.
    """
    with tenant_scope(tenant_id):
        document = _waiting().filter(pk=document_id).first()
    if document is None:
        return
    data: bytes | None = None
    try:
        kind, data = _original(document)
        content = read_apart(kind, data)
        found = list(pieces(content.blocks))
        if len(found) > MOST_PIECES:
            raise Unreadable("too_large", "The document is too long: divide it.")
        if document.kind == Kind.URL:
            with tenant_scope(tenant_id):
                check_room(document, data)
    except Unreadable as error:
        _fail(document, error.detail)
    except NotFetched as error:
        if error.again and not last_try:
            raise
        _fail(document, error.detail)
    else:
        _keep(document, data, content.title, found)


def _waiting() -> QuerySet[Document]:
    return Document.objects.filter(state=DocumentState.READING, base__deleting_at=None).select_related("base")


def _original(document: Document) -> tuple[str, bytes]:
    if document.kind == Kind.URL:
        page = fetch(document.url)
        return page.kind, page.data
    with document_storage().open(document.storage_key) as file:
        return document.kind, file.read()


def _keep(document: Document, data: bytes, title: str, found: list[Piece]) -> None:
    with tenant_scope(document.tenant_id):
        fresh = _waiting().select_for_update(of=("self",), no_key=True).filter(pk=document.pk).first()
        if fresh is None:  # deleted meanwhile, or read by another copy of this job
            return
        if fresh.kind == Kind.URL:
            keep_file(fresh, data)
            if title and fresh.read_at is None and fresh.title == place_of(fresh.url):
                fresh.title = title
        index(fresh, found)
        fresh.state, fresh.problem, fresh.read_at = DocumentState.READY, "", timezone.now()
        fresh.due_at = None
        fresh.save()
        count(fresh.base_id)
        if fresh.base.embedding_vendor:
            enqueue(EMBED, fresh)


def _fail(document: Document, problem: str) -> None:
    """A page that was read before stays as it was then."""
    with tenant_scope(document.tenant_id):
        fresh = _waiting().select_for_update(of=("self",), no_key=True).filter(pk=document.pk).first()
        if fresh is None:
            return
        fresh.state = DocumentState.READY if fresh.read_at else DocumentState.FAILED
        fresh.problem = (f"It could not be fetched again: {problem}" if fresh.read_at else problem)[:500]
        fresh.due_at = None
        fresh.save(update_fields=["state", "problem", "due_at", "updated_at"])
