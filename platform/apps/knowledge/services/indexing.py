"""A document's pieces in the database, and the words that they are found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Sum

from apps.knowledge.chunking import Piece
from apps.knowledge.models import WITHOUT_LANGUAGE, Chunk, Document, DocumentState, KnowledgeBase, Word

_LANGUAGES = [
    "english", "german", "french", "spanish", "italian", "portuguese", "dutch", "swedish", "danish",
    "norwegian", "finnish", "hungarian", "russian", "turkish",
]  # fmt: skip
"""Those of which PostgreSQL knows the words that say nothing."""

_SAMPLE = 8_000

# BM25's part of a word in a chunk, with chunks taken to have 200 words: what is left to the search is how
# rare the word is. A heading counts twice, the document's title once.
_INDEX = """
INSERT INTO knowledge_word (tenant_id, base_id, document_id, lexeme, hits)
SELECT %(tenant)s, %(base)s, %(document)s, lexeme,
       array_agg(position * 256 + round(220 * tf / (tf + 0.3 + 0.9 * words / 200.0))::int ORDER BY position)
  FROM (SELECT c.position, c.words, w.lexeme, cardinality(w.positions)::float AS tf
          FROM knowledge_chunk c
          CROSS JOIN LATERAL unnest(
            to_tsvector(%(language)s::regconfig,
                        concat_ws(E'\\n', %(title)s, c.heading, c.heading, c.text))) w
         WHERE c.document_id = %(document)s AND length(w.lexeme) <= 100) AS found
 GROUP BY lexeme
"""


def index(document: Document, pieces: Iterable[Piece]) -> None:
    """Puts `pieces` in the place of what the document had, and counts them. In the tenant's scope; the
    document is locked. `language` and `chunks` of it are set, and not saved."""
    clear(document)
    rows = [
        Chunk(
            base_id=document.base_id,
            document=document,
            position=place,
            heading=piece.heading,
            text=piece.text,
            words=piece.words,
        )
        for place, piece in enumerate(pieces)
    ]
    Chunk.objects.bulk_create(rows, batch_size=500)
    document.chunks = len(rows)
    sample = "\n".join([document.title, *(f"{row.heading}\n{row.text}" for row in rows[:20])])
    document.language = language_of(sample, usual=document.base.languages)
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX,
            {
                "tenant": document.tenant_id,
                "base": document.base_id,
                "document": document.pk,
                "language": document.language,
                "title": document.title,
            },
        )


def clear(document: Document) -> None:
    """Removes the pieces and their words."""
    Word.objects.filter(document=document)._raw_delete(Word.objects.db)
    Chunk.objects.filter(document=document)._raw_delete(Chunk.objects.db)


def count(base_id: UUID) -> None:
    """Brings what a base says of its documents up to date; waits for whoever does the same."""
    base = KnowledgeBase.objects.select_for_update(no_key=True).get(pk=base_id)
    found = Document.objects.filter(base_id=base_id, state=DocumentState.READY).aggregate(
        chunks=Sum("chunks"), languages=ArrayAgg("language", distinct=True)
    )
    KnowledgeBase.objects.filter(pk=base.pk).update(
        chunks=found["chunks"] or 0, languages=sorted(found["languages"] or [])
    )


def language_of(text: str, *, usual: Sequence[str] = ()) -> str:
    """PostgreSQL's name of the language that most words without a meaning of their own are of ("the", "und"):
    those that its text search leaves out. Where there are none the first of `usual`, else "simple". A wrong
    one does little harm: questions are taken apart in the same way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, (SELECT coalesce(sum(cardinality(w.positions)), 0)"
            "                FROM unnest(to_tsvector(name::regconfig, %(text)s)) w)"
            "  FROM unnest(%(names)s::text[]) AS name",
            {"text": text[:_SAMPLE], "names": [WITHOUT_LANGUAGE, *_LANGUAGES]},
        )
        left: dict[str, int] = {name: int(words) for name, words in cursor.fetchall()}
    everything = left.pop(WITHOUT_LANGUAGE)
    best = min(left, key=left.__getitem__)
    if left[best] < everything:
        return best
    return next((name for name in usual if name != WITHOUT_LANGUAGE), WITHOUT_LANGUAGE)
