"""How fast turns are found by their words among a million, newest first.

In one process with Django, against a PostgreSQL of its own, under row-level security. The texts are made of
words as frequent as words are (Zipf). The searches are those that people make: a word that is in almost
every call, one that is rare, two or three together, a phrase, one side only. Beside the middle one stands
the floor: one bare SQL statement that reads as many turns by a word from the index. Beside the slowest ones
stands what PostgreSQL can do under row-level security without an index of ours: ILIKE over the same rows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from tests.bench.database import database
from tests.bench.knowledge import Vocabulary
from tests.bench.rtp_prober import percentile

CALLS, TURNS, WORDS = 50_000, 20, 12
"""Calls, turns of each, words of a turn."""

OTHERS = 10
"""One call in so many is another tenant's, whose rows are in the way."""

SEARCHES = 400
PEERS = 12
"""So often the slow one is asked."""

PAGE = 20
GOAL_MS = 50.0

Figure = dict[str, Any]

_CALLS = """
INSERT INTO calls_call (
  id, created_at, updated_at, tenant_id, direction, test, state, from_number, to_number, variables, metadata,
  sip_call_id, source_address, answered_at, ended_at, duration_ms, end_reason, end_detail, sip_reason, slots,
  last_seq, job_id, hangup_reason, gateway, one_way, transport, remote_agent, codec, srtp, search_language)
SELECT id, at, at, tenant_id, 'inbound', false, 'ended', '+12025550101', '+12025550100', '{}', '{}', '', '',
       at, at, 60000, 'caller_hung_up', '', '', '{}', 0, '', '', '', '', '', '', '', false, 'english'
  FROM bench_call
"""
_TURNS = """
INSERT INTO calls_turn (
  id, created_at, updated_at, tenant_id, call_id, seq, index, speaker, text, start_ms, end_ms, interrupted,
  dtmf, passed_over, stt_vendor, stt_model, llm_vendor, llm_model, tts_vendor, tts_model)
SELECT gen_random_uuid(), now(), now(), tenant_id, c.id, t.seq, t.seq,
       CASE t.seq % 2 WHEN 0 THEN 'agent' ELSE 'caller' END, t.text, t.seq * 3000, t.seq * 3000 + 2000, false,
       false, false, '', '', '', '', '', ''
  FROM bench_turn t JOIN bench_call c USING (n)
"""
_INDEX = """
INSERT INTO calls_turnword (tenant_id, call_id, lexeme, hits)
SELECT tenant_id, call_id, lexeme, array_agg(hit ORDER BY hit)
  FROM (SELECT t.tenant_id, t.call_id, t.seq * 2 + (t.speaker = 'agent')::int AS hit,
               unnest(tsvector_to_array(to_tsvector('english', t.text))) AS lexeme
          FROM calls_turn t) AS said
 GROUP BY tenant_id, call_id, lexeme
"""
_FLOOR = """
SELECT t.call_id, t.seq, t.text
  FROM (SELECT call_id, hits FROM calls_turnword WHERE tenant_id = %s AND lexeme = %s
         ORDER BY call_id DESC LIMIT %s) AS w
  JOIN calls_turn t ON t.call_id = w.call_id AND t.seq = w.hits[1] / 2
"""


def run() -> list[Figure]:
    vocabulary = Vocabulary(random.Random(1))
    with database():
        tenant_id = _filled(vocabulary)
        ours, floor, ilike = _times(tenant_id, vocabulary)
    return [
        _figure("p50", percentile(ours, 0.5), None, "one bare statement by the index, same run", floor),
        _figure("p99", percentile(ours, 0.99), GOAL_MS, "ILIKE over the same rows, same run", ilike),
    ]


def _figure(name: str, value: float, goal: float | None, peer: str, peer_value: float) -> Figure:
    return {
        "name": f"search.turns_{name}_ms",
        "value": value,
        "unit": "ms",
        "better": "lower",
        "goal": goal,
        "peer": peer,
        "peer_value": peer_value,
        "ratio": value / peer_value,
    }


def _filled(vocabulary: Vocabulary) -> UUID:
    """The tenant that is asked."""
    from django.db import connection

    from apps.calls.models import SearchLanguage
    from tenants.scope import platform_scope, tenant_scope
    from tenants.services import create_tenant

    ours, other = (create_tenant(name=slug, slug=slug).pk for slug in ("ours", "other"))
    for tenant_id in (ours, other):
        with tenant_scope(tenant_id):
            SearchLanguage.objects.create(name="english")
    # A million rows whose references are known to be right.
    with connection.cursor() as cursor:
        for table in ("calls_turn", "calls_turnword"):
            _drop_references(cursor, table)
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_call (n int, id uuid, tenant_id uuid, at timestamptz)")
        cursor.execute("CREATE TEMP TABLE bench_turn (n int, seq int, text text)")
        with cursor.copy("COPY bench_call FROM STDIN") as copy:
            for row in _calls(ours, other):
                copy.write_row(row)
        with cursor.copy("COPY bench_turn FROM STDIN") as copy:
            for n in range(CALLS):
                for seq in range(1, TURNS + 1):
                    copy.write_row((n, seq, vocabulary.text(WORDS)))
        for statement in (_CALLS, _TURNS, _INDEX):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        for table in ("calls_call", "calls_turn", "calls_turnword"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return ours


def _drop_references(cursor: Any, table: str) -> None:
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def _calls(ours: UUID, other: UUID) -> Iterator[tuple[Any, ...]]:
    """A call a minute, until now."""
    from datetime import timedelta

    from django.utils import timezone

    from tenants.ids import first_id_at

    end, rng = timezone.now(), random.Random(2)
    for n in range(CALLS):
        at = end - timedelta(minutes=CALLS - n)
        call_id = UUID(int=first_id_at(at).int | 7 << 76 | 2 << 62 | rng.getrandbits(62))
        yield n, call_id, other if n % OTHERS == 0 else ours, at


def _times(tenant_id: UUID, vocabulary: Vocabulary) -> tuple[list[float], float, float]:
    """Of ours, of the floor (its median) and of the other way (its slowest), in ms."""
    from apps.calls.transcript_search import search
    from tenants.scope import tenant_scope

    rng = random.Random(3)
    with tenant_scope(tenant_id):
        wishes = [_wish(vocabulary, rng) for _ in range(SEARCHES)]
        search(wishes[0], after=None, limit=PAGE)
        ours = [_took(lambda w=wish: search(w, after=None, limit=PAGE)) for wish in wishes]
        words = [vocabulary.words[rng.randrange(2_000)] for _ in range(SEARCHES)]
        floor = [_took(lambda w=word: _rows(_FLOOR, [tenant_id, w, PAGE])) for word in words]
        ilike = [_took(lambda w=wish: _ilike(tenant_id, w.text)) for wish in wishes[:PEERS]]
    return ours, percentile(floor, 0.5), percentile(ilike, 0.99)


def _wish(vocabulary: Vocabulary, rng: random.Random) -> Any:
    from apps.calls.transcript_search import Wish

    def word(most: int) -> str:
        return vocabulary.words[rng.randrange(most)]

    kind = rng.randrange(6)
    if kind == 0:
        return Wish(word(20))
    if kind == 1:
        return Wish(word(20_000))
    if kind == 2:
        return Wish(f"{word(50)} {word(50)}")
    if kind == 3:
        return Wish(f"{word(50)} {word(1_000)} {word(20_000)}")
    if kind == 4:
        return Wish(f'"{word(30)} {word(30)}"')
    return Wish(f"{word(500)}", speaker=rng.choice(["caller", "agent"]))


def _took(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def _ilike(tenant_id: UUID, text: str) -> list[Any]:
    words = text.replace('"', "").split()
    matches = " AND ".join(["text ILIKE %s"] * len(words))
    return _rows(
        f"SELECT call_id, seq, text FROM calls_turn WHERE tenant_id = %s AND {matches}"  # noqa: S608
        " ORDER BY call_id DESC, seq LIMIT %s",
        [tenant_id, *(f"%{word}%" for word in words), PAGE],
    )


def _rows(statement: str, values: list[Any]) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
