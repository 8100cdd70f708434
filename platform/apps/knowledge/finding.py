"""What in the documents fits a question: by its words, by its meaning, and both lists made into one.

Reads only, in the tenant's scope. Words are looked up in `models.Word`: under row-level security PostgreSQL
uses no index for its own text search (docs/decisions/0011).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from uuid import UUID

from django.db import connection

from apps.knowledge.models import WITHOUT_LANGUAGE, Chunk, KnowledgeBase
from apps.knowledge.vectors import AS_VECTOR, available

CANDIDATES = 30
"""Of each list; what stands further down in one hardly gets to the top of both."""

RANKS = 20
"""The constant of reciprocal rank fusion: how little the first place counts more than the second. Lower than
the usual 60, because few results are asked for."""

MOST_WORDS = 40
LONGEST_QUERY = 2_000

MOST_HITS = 10_000
"""Chunks that are looked at for the words of a question. What is beyond are its most common words: they say
little, and cost much."""

FEW = 50
"""In fewer chunks nothing can be said of how rare a word is."""

UNKNOWN = 0.35

LEAST_COVERED, LEAST_WORDS = 0.15, 0.3
LEAST_NEAR = 0.25
"""A chunk has something to do with the question when it has such a share of its words, by their weight or by
their number, or such a cosine."""

MOST_VARIANTS = 3
_LEAST_ALIKE = 0.4

Place = tuple[UUID, int]
"""A chunk by its document and position."""


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk. `score` 0 to 1, by its places in the lists; `by`: words, meaning; `matched`: the words of the
    question that it has, as they were given."""

    document_id: UUID
    title: str
    url: str
    heading: str
    text: str
    score: float
    by: list[str]
    matched: list[str]


@dataclass(slots=True)
class _Word:
    """A word of the question: `lexemes` are its stems in the languages of the documents, each with how much
    it is this word (less than 1: only one like it); `chunks`: how many have one of them."""

    text: str
    lexemes: dict[str, float] = field(default_factory=dict)
    chunks: int = 0


@dataclass(slots=True)
class _Hit:
    score: float = 0.0
    matched: list[str] = field(default_factory=list)


def find(
    bases: Sequence[KnowledgeBase], query: str, *, limit: int, meanings: Mapping[UUID, Sequence[float]] = {}
) -> list[Found]:
    """The chunks of `bases` that fit `query` best, the best first. `meanings`: the query's embedding for each
    base that has a model."""
    query = query.replace("\x00", "")[:LONGEST_QUERY]
    by_words = _by_words(bases, query)
    by_meaning = _by_meaning(meanings) if meanings and available() else []
    lists: list[list[Place]] = [list(by_words)]
    if meanings:
        lists.append(by_meaning)
    fused = _fused(lists)
    best = sorted(fused, key=lambda place: -fused[place])[:limit]
    near = set(by_meaning)
    rows = _rows(best)
    return [
        Found(
            document_id=place[0],
            title=chunk.document.title,
            url=chunk.document.url,
            heading=chunk.heading,
            text=chunk.text,
            score=round(fused[place], 4),
            by=[*(["words"] if place in by_words else []), *(["meaning"] if place in near else [])],
            matched=by_words[place].matched if place in by_words else [],
        )
        for place in best
        if (chunk := rows.get(place)) is not None
    ]


def _fused(lists: Sequence[Sequence[Place]]) -> dict[Place, float]:
    """Reciprocal rank fusion (Cormack and others, 2009), so that 1 is the first place in every list."""
    scores: dict[Place, float] = defaultdict(float)
    for places in lists:
        for rank, place in enumerate(places):
            scores[place] += (RANKS + 1) / (RANKS + 1 + rank) / len(lists)
    return scores


# --- words ---------------------------------------------------------------------------------------


def _by_words(bases: Sequence[KnowledgeBase], query: str) -> dict[Place, _Hit]:
    """The best first. Empty when the question has no word that says anything."""
    total = sum(base.chunks for base in bases)
    ids = [base.pk for base in bases]
    words = _words(query, {language for base in bases for language in base.languages})
    if not words or not total:
        return {}
    _count(ids, words)
    for word in words:
        if not word.chunks:
            _add_variants(ids, word)
    asked = sum(_rarity(word.chunks, total) for word in words)
    known = _telling([word for word in words if word.chunks])
    if not known:
        return {}
    hits = _scored(ids, known, total)
    weights = {word.text: _rarity(word.chunks, total) for word in words}

    def fits(hit: _Hit) -> bool:
        covered = sum(weights[text] for text in hit.matched)
        return covered >= LEAST_COVERED * asked or len(hit.matched) >= LEAST_WORDS * len(words)

    return {place: hit for place, hit in hits.items() if fits(hit)}


def _words(query: str, languages: Collection[str]) -> list[_Word]:
    """The words of the question that are no mere "the" in every language of the documents."""
    found: dict[str, _Word] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.token, l.lexeme FROM ts_parse('default', %(query)s) p"
            " CROSS JOIN unnest(%(languages)s::text[]) AS language"
            " CROSS JOIN LATERAL unnest(tsvector_to_array(to_tsvector(language::regconfig, p.token)))"
            "   AS l(lexeme) WHERE length(p.token) <= 100",
            {"query": query, "languages": sorted(languages) or [WITHOUT_LANGUAGE]},
        )
        for token, lexeme in cursor.fetchall():
            word = found.setdefault(token.lower(), _Word(token.lower()))
            word.lexemes[lexeme] = 1.0
    return list(found.values())[:MOST_WORDS]


def _count(base_ids: list[UUID], words: Iterable[_Word]) -> None:
    """Fills in `chunks`."""
    lexemes = sorted({lexeme for word in words for lexeme in word.lexemes})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, sum(chunks) FROM knowledge_word"
            " WHERE base_id = ANY(%s) AND lexeme = ANY(%s) GROUP BY lexeme",
            [base_ids, lexemes],
        )
        counts = {lexeme: int(chunks) for lexeme, chunks in cursor.fetchall()}
    for word in words:
        word.chunks = max((counts.get(lexeme, 0) for lexeme in word.lexemes), default=0)


def _add_variants(base_ids: list[UUID], word: _Word) -> None:
    """Words of the documents that the one asked for may be: it was cut off, or heard or written wrongly. They
    begin with the same two letters, and share most groups of three."""
    stem = min(word.lexemes, key=len)
    if len(stem) < 4 or not stem.isalpha():
        return
    alike = {lexeme: _alike(stem, lexeme) for lexeme in _beginning_with(base_ids, stem[:2])}
    best = sorted((lexeme for lexeme in alike if alike[lexeme] >= _LEAST_ALIKE), key=lambda x: -alike[x])
    word.lexemes = {lexeme: alike[lexeme] for lexeme in best[:MOST_VARIANTS]}
    if word.lexemes:
        _count(base_ids, [word])


def _beginning_with(base_ids: list[UUID], start: str) -> list[str]:
    """The distinct lexemes of the bases that begin with `start`: one look into the index for each, however
    many documents have it."""
    end = start[:-1] + chr(ord(start[-1]) + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found (base_id, lexeme) AS (
              SELECT b, (SELECT min(w.lexeme) FROM knowledge_word w
                          WHERE w.base_id = b AND w.lexeme >= %(start)s)
                FROM unnest(%(bases)s::uuid[]) AS b
              UNION ALL
              SELECT f.base_id, (SELECT min(w.lexeme) FROM knowledge_word w
                                  WHERE w.base_id = f.base_id AND w.lexeme > f.lexeme AND w.lexeme < %(end)s)
                FROM found f WHERE f.lexeme < %(end)s)
            SELECT DISTINCT lexeme FROM (SELECT lexeme FROM found LIMIT 3000) AS few WHERE lexeme < %(end)s
            """,
            {"bases": base_ids, "start": start, "end": end},
        )
        return [row[0] for row in cursor.fetchall()]


def _alike(one: str, other: str) -> float:
    """0 to 1, as pg_trgm's `similarity`; at least 0.7 when one is the beginning of the other."""
    ours, theirs = _groups(one), _groups(other)
    share = len(ours & theirs) / len(ours | theirs)
    begins = other.startswith(one) or (len(other) >= 4 and one.startswith(other))
    return max(share, 0.7) if begins else share


def _groups(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def _rarity(chunks: int, total: int) -> float:
    """BM25's weight of a word. One that nothing has counts less than one that is found: it may be a name, or
    one of those that people say around a question."""
    total = max(total, chunks, FEW)
    if not chunks:
        return UNKNOWN * math.log(1 + (total + 0.5) / 0.5)
    return math.log(1 + (total - chunks + 0.5) / (chunks + 0.5))


def _telling(words: list[_Word]) -> list[_Word]:
    """The rarest of `words`, as many as can be looked through, or the very rarest."""
    words = sorted(words, key=lambda word: word.chunks)
    reached = list(accumulate(word.chunks for word in words))
    return [word for word, chunks in zip(words, reached, strict=True) if chunks <= MOST_HITS] or words[:1]


def _scored(base_ids: list[UUID], words: Sequence[_Word], total: int) -> dict[Place, _Hit]:
    """The best chunks of the words, with BM25's score."""
    weights = [
        (lexeme, number, _rarity(word.chunks, total) * alike)
        for number, word in enumerate(words)
        for lexeme, alike in word.lexemes.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT document_id, hit >> 8, sum((hit & 255) * q.weight), bit_or(1::bigint << q.word)"
            "  FROM knowledge_word w"
            "  JOIN unnest(%(lexemes)s::text[], %(words)s::int[], %(weights)s::float[])"
            "    AS q (lexeme, word, weight) ON q.lexeme = w.lexeme"
            "  CROSS JOIN LATERAL unnest(w.hits) AS hit"
            " WHERE w.base_id = ANY(%(bases)s) AND w.lexeme = ANY(%(lexemes)s)"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %(limit)s",
            {
                "lexemes": [weight[0] for weight in weights],
                "words": [weight[1] for weight in weights],
                "weights": [weight[2] for weight in weights],
                "bases": base_ids,
                "limit": CANDIDATES,
            },
        )
        return {
            (document, position): _Hit(score, [w.text for n, w in enumerate(words) if bits >> n & 1])
            for document, position, score, bits in cursor.fetchall()
        }


# --- meanings ------------------------------------------------------------------------------------


def _by_meaning(meanings: Mapping[UUID, Sequence[float]]) -> list[Place]:
    """The nearest first. Bases with the same embedding of the question are searched together."""
    together: dict[tuple[float, ...], list[UUID]] = defaultdict(list)
    for base_id, vector in meanings.items():
        together[tuple(vector)].append(base_id)
    found: list[tuple[float, Place]] = []
    with connection.cursor() as cursor:
        # An index over all tenants is asked for more until enough of its rows are in these bases.
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        for vector, base_ids in together.items():
            cursor.execute(
                f"SELECT document_id, position, 1 - ({AS_VECTOR} <=> %(vector)s::real[]::halfvec) AS near"  # noqa: S608
                "  FROM knowledge_chunk WHERE base_id = ANY(%(bases)s) AND embedding IS NOT NULL"
                f" ORDER BY {AS_VECTOR} <=> %(vector)s::real[]::halfvec LIMIT %(limit)s",
                {"vector": list(vector), "bases": base_ids, "limit": CANDIDATES},
            )
            found += [(near, (document, position)) for document, position, near in cursor.fetchall()]
    found.sort(key=lambda one: -one[0])
    return [place for near, place in found if near >= LEAST_NEAR][:CANDIDATES]


def _rows(places: Sequence[Place]) -> dict[Place, Chunk]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM knowledge_chunk c"
            " JOIN unnest(%s::uuid[], %s::int[]) AS p (document_id, position) USING (document_id, position)",
            [[place[0] for place in places], [place[1] for place in places]],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = Chunk.objects.filter(pk__in=ids).defer("embedding").select_related("document")
    return {(row.document_id, row.position): row for row in rows}
