"""Writes of knowledge bases, in the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from apps.knowledge import vectors
from apps.knowledge.embeddings import COMPATIBLE, VENDORS
from apps.knowledge.jobs import DELETE_BASE, EMBED, enqueue
from apps.knowledge.models import Chunk, Document, DocumentState, KnowledgeBase
from apps.knowledge.selectors import get_base, list_bases
from apps.knowledge.services.documents import drop_document
from apps.knowledge.signals import base_deleting
from apps.vendors.names import label_of
from apps.vendors.selectors import credentials_for
from apps.vendors.services import check_base_url
from tenants.errors import InvalidInput, LimitReached
from tenants.scope import tenant_scope

MOST_BASES = 200


@dataclass(frozen=True, slots=True)
class Embedding:
    """The model that a base's meanings are searched by. `base_url` and `api_key` are of `openai_compatible`;
    a key that is left out (None) is the one there is, as long as the address is on the same server."""

    vendor: str
    model: str
    base_url: str = ""
    api_key: str | None = None


def create_base(*, name: str, description: str = "", embedding: Embedding | None = None) -> KnowledgeBase:
    """An empty base. InvalidInput names what cannot be used."""
    if list_bases().count() >= MOST_BASES:
        raise LimitReached(f"A tenant may have {MOST_BASES} knowledge bases.")
    base = KnowledgeBase(name=_name(name), description=description.strip())
    _take(base, embedding)
    base.save()
    return base


def update_base(
    *,
    base: KnowledgeBase,
    name: str | None = None,
    description: str | None = None,
    embedding: Embedding | None = None,
    change_embedding: bool = False,
) -> KnowledgeBase:
    """What is None stays; `embedding` counts with `change_embedding` only, None takes it away. Another model
    has all documents embedded again; meanwhile they are found by their words."""
    fresh = get_base(base.pk, lock=True)
    if name is not None:
        fresh.name = _name(name)
    if description is not None:
        fresh.description = description.strip()
    if change_embedding and _take(fresh, embedding):
        Chunk.objects.filter(base=fresh, embedding__isnull=False).update(embedding=None)
        _embed_all(fresh)
    fresh.save()
    return fresh


def delete_base(*, base: KnowledgeBase) -> None:
    """Gone for everybody at once; its documents go in a job. Conflict while an agent uses it."""
    fresh = get_base(base.pk, lock=True)
    base_deleting.send(KnowledgeBase, base=fresh)
    fresh.deleting_at = timezone.now()
    fresh.save(update_fields=["deleting_at", "updated_at"])
    enqueue(DELETE_BASE, fresh)


def finish_deleting(tenant_id: UUID, base_id: UUID) -> None:
    """The job of `delete_base`: a document at a time, then the base. Twice does no harm."""
    while True:
        with tenant_scope(tenant_id):
            base = KnowledgeBase.objects.filter(pk=base_id, deleting_at__isnull=False).first()
            if base is None:
                return
            document = Document.objects.filter(base=base).first()
            if document is None:
                base.delete()
                return
            drop_document(document)


def _take(base: KnowledgeBase, embedding: Embedding | None) -> bool:
    """Whether the model of `base` is another one now."""
    before = (base.embedding_vendor, base.embedding_model, base.embedding_url)
    if embedding is None:
        base.embedding_vendor = base.embedding_model = base.embedding_url = base.embedding_key = ""
    else:
        _check(embedding)
        url = check_base_url(embedding.base_url) if embedding.vendor == COMPATIBLE else ""
        if embedding.api_key is not None or url != base.embedding_url:
            base.embedding_key = embedding.api_key or ""
        base.embedding_vendor, base.embedding_model = embedding.vendor, embedding.model.strip()
        base.embedding_url = url
    return before != (base.embedding_vendor, base.embedding_model, base.embedding_url)


def _check(embedding: Embedding) -> None:
    if embedding.vendor not in VENDORS:
        raise InvalidInput(f"Choose among {', '.join(VENDORS)}.", field="embedding.vendor", code="unknown")
    if not embedding.model.strip():
        raise InvalidInput("Give the model.", field="embedding.model", code="required")
    if not vectors.available():
        raise InvalidInput(
            "This installation searches words only: its database lacks the extension pgvector.",
            field="embedding",
            code="no_pgvector",
        )
    if embedding.vendor == COMPATIBLE:
        if not embedding.base_url:
            raise InvalidInput("Give the address.", field="embedding.base_url", code="required")
    elif embedding.base_url or embedding.api_key:
        raise InvalidInput("Address and key of a vendor are kept under the vendors' keys.", field="embedding")
    elif embedding.vendor not in credentials_for([embedding.vendor]):
        raise InvalidInput(
            f"There is no key for {label_of(embedding.vendor)}: give your own under the vendors' keys.",
            field="embedding.vendor",
            code="no_key",
        )


def _embed_all(base: KnowledgeBase) -> None:
    if not base.embedding_vendor:
        return
    for document in Document.objects.filter(base=base, state=DocumentState.READY).only("pk", "tenant_id"):
        enqueue(EMBED, document)


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("Give the knowledge base a name.", field="name")
    return name.strip()
