"""Reads of knowledge bases and documents, in the tenant's scope. The search in them: `finding`."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from apps.knowledge.models import Chunk, Document, KnowledgeBase
from tenants.errors import NotFound


def list_bases() -> QuerySet[KnowledgeBase]:
    """Newest first, but for those that are being deleted."""
    return KnowledgeBase.objects.filter(deleting_at=None).order_by("-id")


def with_documents(rows: QuerySet[KnowledgeBase]) -> QuerySet[KnowledgeBase]:
    """`rows` with `document_count`."""
    return rows.annotate(document_count=Count("documents"))


def get_base(base_id: UUID, *, lock: bool = False) -> KnowledgeBase:
    """One of `list_bases`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_bases().filter(pk=base_id)
    base = (rows.select_for_update(no_key=True) if lock else rows).first()
    if base is None:
        raise NotFound("There is no such knowledge base.")
    return base


def known_bases(base_ids: Collection[UUID]) -> dict[UUID, KnowledgeBase]:
    """Those of `base_ids` that there are."""
    return list_bases().in_bulk(list(base_ids))


def list_documents(base: KnowledgeBase) -> QuerySet[Document]:
    """Newest first."""
    return Document.objects.filter(base=base).order_by("-id")


def get_document(document_id: UUID, *, base: KnowledgeBase | None = None, lock: bool = False) -> Document:
    """A document, of `base` where that is given; `lock` holds it. NotFound when there is none."""
    rows = Document.objects.filter(Q(base__deleting_at=None), pk=document_id)
    if base is not None:
        rows = rows.filter(base=base)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    document = rows.select_related("base").first()
    if document is None:
        raise NotFound("There is no such document.")
    return document


def list_chunks(document: Document) -> QuerySet[Chunk]:
    """In their order, without embeddings."""
    return Chunk.objects.filter(document=document).defer("embedding").order_by("position")


def stored() -> tuple[int, int]:
    """How many documents the tenant has, and their bytes."""
    found = Document.objects.aggregate(documents=Count("pk"), size=Sum("size_bytes"))
    return found["documents"], found["size"] or 0
