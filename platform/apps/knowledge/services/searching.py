"""A question and what the documents say to it. Vendors are asked outside any transaction."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

from apps.knowledge import vectors
from apps.knowledge.embeddings import Embedder, embed, embedder_of
from apps.knowledge.errors import EmbeddingFailed
from apps.knowledge.finding import LONGEST_QUERY, Found, find
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.selectors import known_bases
from media_workers.contract.acts import Source
from media_workers.contract.requests import KnowledgeAnswer, KnowledgeQuery
from tenants.ids import from_public, to_public
from tenants.scope import tenant_scope

QUERY_S = 3.0
"""How long a vendor may take for a question by default; then its words alone are looked up."""

_KEPT_S = 600
_KEY = "knowledge:query:{}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`trouble`: why meanings were not searched though they should be, in words."""

    found: list[Found]
    took_ms: int
    trouble: str = ""


def search(
    tenant_id: UUID, base_ids: Collection[UUID], query: str, *, limit: int, within_s: float = QUERY_S
) -> Answer:
    """What the bases hold on `query`, the best first; bases that are gone hold nothing. Outside any scope.
    A vendor of embeddings gets `within_s`; of one that fails the answer is made without."""
    began = time.monotonic()
    with tenant_scope(tenant_id):
        bases = list(known_bases(base_ids).values())
        embedders, trouble = _embedders(bases) if vectors.available() else ({}, "")
    if embedders:
        meanings, trouble = _meanings(embedders, query[:LONGEST_QUERY], within_s)
    else:
        meanings = {}
    with tenant_scope(tenant_id):
        found = find(bases, query, limit=limit, meanings=meanings) if query.strip() else []
    return Answer(found, round((time.monotonic() - began) * 1000), trouble)


def answer_query(tenant_id: UUID, query: KnowledgeQuery) -> KnowledgeAnswer:
    """What a media node asked. Outside any scope. Ids that are none are of bases that are gone."""
    ids = []
    for public_id in query.bases:
        with contextlib.suppress(ValueError):
            ids.append(from_public(KnowledgeBase.id_prefix, public_id))
    # The other half is for the way here and back, and the search itself.
    answer = search(tenant_id, ids, query.query, limit=query.limit, within_s=query.within_ms / 2000)
    return KnowledgeAnswer(
        sources=[
            Source(
                document_id=to_public(Document.id_prefix, one.document_id),
                title=one.title,
                heading=one.heading,
                url=one.url,
                text=one.text,
                score=one.score,
            )
            for one in answer.found
        ],
        took_ms=answer.took_ms,
        trouble=answer.trouble,
    )


def _embedders(bases: Collection[KnowledgeBase]) -> tuple[dict[UUID, Embedder], str]:
    found: dict[UUID, Embedder] = {}
    trouble = ""
    for base in bases:
        try:
            if base.chunks and (embedder := embedder_of(base)) is not None:
                found[base.pk] = embedder
        except EmbeddingFailed as error:
            trouble = error.detail
    return found, trouble


def _meanings(
    embedders: dict[UUID, Embedder], query: str, within_s: float
) -> tuple[dict[UUID, list[float]], str]:
    """The question's embedding for each base, each model asked once; the time is of all of them together."""
    until, known, trouble = time.monotonic() + within_s, dict[str, list[float] | None](), ""
    for embedder in embedders.values():
        if embedder.name in known:
            continue
        try:
            known[embedder.name] = _embedded(embedder, query, until - time.monotonic())
        except EmbeddingFailed as error:
            known[embedder.name], trouble = None, error.detail
    found = {base_id: known[embedder.name] for base_id, embedder in embedders.items()}
    return {base_id: vector for base_id, vector in found.items() if vector is not None}, trouble


def _embedded(embedder: Embedder, query: str, within_s: float) -> list[float]:
    """Kept for a while: a caller's words are looked up when they may be over, and again when they are."""
    digest = hashlib.sha256(f"{embedder.name}\n{query}".encode()).hexdigest()
    kept = _kept(digest)
    if kept is not None:
        return kept
    if within_s <= 0:
        raise EmbeddingFailed("The vendors of embeddings gave no answer in time.")
    (vector,) = embed(embedder, [query], purpose="query", timeout_s=within_s)
    with contextlib.suppress(RedisError):
        cache.set(_KEY.format(digest), vector, _KEPT_S)
    return vector


def _kept(digest: str) -> list[float] | None:
    with contextlib.suppress(RedisError):
        kept = cache.get(_KEY.format(digest))
        return kept if isinstance(kept, list) else None
    return None
