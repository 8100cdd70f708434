"""Whether meanings can be searched here: pgvector, and the index that it makes of embeddings.

The extension is no trusted one: a superuser has to make it (docs/guides/operations.md). Embeddings lie in
plain arrays, so that tables are the same with and without it, and an extension that comes later is taken up
by the next `migrate` (docs/decisions/0011).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import DatabaseError, connections, transaction

from apps.knowledge.models import DIMENSIONS

INDEX = "knowledge_chunk_meaning"
AS_VECTOR = f"(embedding::halfvec({DIMENSIONS}))"
"""How a chunk's embedding is compared: as the index has it."""


def prepare(using: str = "default", **_: Any) -> None:
    """Receiver of `post_migrate`: makes the extension where the role may, and the index where it is there."""
    connection = connections[using]
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError:
        return  # not installed, or not ours to make: words alone are searched
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX IF NOT EXISTS {INDEX} ON knowledge_chunk"
            f" USING hnsw ({AS_VECTOR} halfvec_cosine_ops) WHERE embedding IS NOT NULL"
        )
    available.cache_clear()


@cache
def available() -> bool:
    """Whether meanings can be searched. Looked up once for a process: `migrate` is what changes it."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [INDEX])
        row = cursor.fetchone()
    return bool(row and row[0])
