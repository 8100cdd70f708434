"""How fast a question is looked up in 100 000 pieces of text, by its words.

In one process with Django, against a PostgreSQL of its own, under row-level security. The texts are made
of words as frequent as words are (Zipf). Beside each question the same words searched with ILIKE over the
same rows, which is what PostgreSQL can do under row-level security without an index of ours.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from tests.bench.database import database
from tests.bench.rtp_prober import percentile

DOCUMENTS, CHUNKS, WORDS = 1_000, 100, 80
VOCABULARY = 40_000
QUESTIONS = 200
PEERS = 12
"""So often the slow one is asked."""

GOAL_MS = 50.0

Figure = dict[str, Any]


def run() -> list[Figure]:
    with database():
        vocabulary = Vocabulary(random.Random(1))
        bases = _filled(vocabulary)
        ours, theirs = _times(bases, vocabulary)
    value, peer = percentile(ours, 0.95), percentile(theirs, 0.95)
    return [
        {
            "name": "knowledge.words_p95_ms",
            "value": value,
            "unit": "ms",
            "better": "lower",
            "goal": GOAL_MS,
            "peer": "ILIKE over the same rows, same run",
            "peer_value": peer,
            "ratio": value / peer,
        }
    ]


class Vocabulary:
    """Words of syllables; the n-th is n times as rare as the first."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            words["".join(rng.choices(syllables, k=rng.randint(2, 5)))] = None
        self.words = list(words)
        self._weights = list(accumulate(1 / (place + 10) for place in range(VOCABULARY)))

    def text(self, count: int) -> str:
        return " ".join(self._rng.choices(self.words, cum_weights=self._weights, k=count))

    def question(self) -> str:
        """As callers ask: some frequent words, and one that says what it is about, now and then misheard."""
        rare = self.words[self._rng.randrange(500, VOCABULARY)]
        if self._rng.random() < 0.2:
            place = self._rng.randrange(2, len(rare))
            rare = rare[:place] + self._rng.choice("xqwy") + rare[place + 1 :]
        return f"{self.text(self._rng.randint(2, 6))} {rare}"


def _filled(vocabulary: Vocabulary) -> Any:
    """A tenant's base with all documents; and another tenant, whose rows are in the way."""
    from apps.knowledge.models import KnowledgeBase
    from tenants.scope import tenant_scope
    from tenants.services import create_tenant

    for slug, documents in (("other", DOCUMENTS // 10), ("ours", DOCUMENTS)):
        tenant = create_tenant(name=slug, slug=slug)
        with tenant_scope(tenant.pk):
            base = KnowledgeBase.objects.create(name=slug)
        for number in range(documents):
            with tenant_scope(tenant.pk):
                _add(base, vocabulary, number)
    with tenant_scope(tenant.pk):
        from apps.knowledge.services.indexing import count

        count(base.pk)
        base.refresh_from_db()
    _analyze()
    return base


def _add(base: Any, vocabulary: Vocabulary, number: int) -> None:
    from apps.knowledge.chunking import Piece
    from apps.knowledge.models import Document, DocumentState
    from apps.knowledge.services.indexing import index

    state = DocumentState.READY
    document = Document.objects.create(base=base, kind="text", title=f"Document {number}", state=state)
    pieces = [Piece(vocabulary.text(3), vocabulary.text(WORDS), WORDS) for _ in range(CHUNKS)]
    index(document, pieces)
    document.save()


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE knowledge_word")
        cursor.execute("VACUUM ANALYZE knowledge_chunk")


def _times(base: Any, vocabulary: Vocabulary) -> tuple[list[float], list[float]]:
    """Of ours and of the other way, in ms."""
    from apps.knowledge.finding import find
    from tenants.scope import tenant_scope

    questions = [vocabulary.question() for _ in range(QUESTIONS)]
    with tenant_scope(base.tenant_id):
        find([base], questions[0], limit=4)
        ours = [_took(lambda q=question: find([base], q, limit=4)) for question in questions]
        theirs = [_took(lambda q=question: _ilike(base, q)) for question in questions[:PEERS]]
    return ours, theirs


def _took(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def _ilike(base: Any, question: str) -> list[Any]:
    """The pieces that have most of the words."""
    from django.db import connection

    patterns = [f"%{word}%" for word in question.split()]
    matches = " + ".join(["(text ILIKE %s)::int"] * len(patterns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {matches} AS matched FROM knowledge_chunk WHERE base_id = %s"  # noqa: S608
            " ORDER BY matched DESC LIMIT 4",
            [*patterns, base.pk],
        )
        return list(cursor.fetchall())
