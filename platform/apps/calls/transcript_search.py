"""Finding turns by what was said in them, newest first, among a million.

A word's stem stands in `TurnWord` with the turns that have it: the rarest word of the search is read from
there call by call from the newest on, the others are looked up for these calls, and the turns that have all
of them are read and asked by PostgreSQL's own text search, which knows phrases and what must not be there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.calls.models import SearchLanguage
from apps.calls.search import CLOCK_MS
from tenants.errors import InvalidInput
from tenants.ids import first_id_at
from tenants.scope import current_tenant_id

MOST_PARTS = 12
"""Words and phrases of one search."""

SEARCHED = 2_000
"""Calls of the rarest word that one page looks through, less for the turns that it reads; the next page goes
on behind them."""

READING = 4
"""What reading a turn costs beside looking at a call."""

FIRST_BATCH, LARGEST_BATCH = 128, 1_024
COUNTED = 1_000
OPEN, CLOSE = "\x02", "\x03"
"""Around a word that was found; nobody says control characters."""

_NEWEST, _NEXT_TO_NOTHING = UUID(int=2**128 - 1), UUID(int=0)
_PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_HEADLINE = f"StartSel={OPEN},StopSel={CLOSE},MaxWords=40,MinWords=20,ShortWord=0,MaxFragments=0"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this turn."""

    call_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is searched for. `speaker`: caller, agent, or empty for both."""

    text: str
    agent_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A turn. `snippet`: its words, or those around what was found, in pieces (text, found)."""

    call_id: UUID
    seq: int
    index: int
    speaker: str
    start_ms: int
    snippet: list[tuple[str, bool]]


@dataclass(slots=True)
class _Part:
    """A word or a phrase; `lexemes` are its stems by the language at hand, empty where it says nothing."""

    text: str
    unwanted: bool
    lexemes: list[str] = field(default_factory=list)


def search(wish: Wish, *, after: Place | None, limit: int) -> tuple[list[Found], Place | None]:
    """A page of turns, and where the next one begins; None: there is nothing more. InvalidInput (q)."""
    parts = _parts(wish.text)
    languages = sorted(SearchLanguage.objects.values_list("name", flat=True))
    searches = [
        _Search(wish, language, found) for language in languages if (found := _taken(parts, language))
    ]
    if languages and not searches:
        raise InvalidInput(
            "Search for words that say something: these are in almost every sentence.", field="q"
        )
    pages = [search.page(after, limit) for search in searches]
    reached = max((place for _, place in pages if place is not None), key=_order, default=None)
    turns = sorted((turn for page, _ in pages for turn in page), key=_order)
    if reached is not None:
        # Behind it another language has not been looked through yet.
        turns = [turn for turn in turns if _order(turn) <= _order(reached)]
    if len(turns) > limit:
        reached = Place(turns[limit - 1].call_id, turns[limit - 1].seq)
    return turns[:limit], reached


def _order(turn: Found | Place) -> tuple[int, int]:
    return -turn.call_id.int, turn.seq


def _parts(text: str) -> list[_Part]:
    parts = [
        _Part(phrase or word, bool(minus)) for minus, phrase, word in _PART.findall(text) if phrase or word
    ]
    if not any(not part.unwanted for part in parts):
        raise InvalidInput("Say what is to be found: words, or a phrase in quotes.", field="q")
    if len(parts) > MOST_PARTS:
        raise InvalidInput(f"Search for at most {MOST_PARTS} words and phrases.", field="q")
    return parts


def _taken(parts: Sequence[_Part], language: str) -> list[_Part]:
    """`parts` with their stems by `language`, without those that say nothing; empty when nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, tsvector_to_array(to_tsvector(%s::regconfig, part))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS parts(part, n)",
            [language, [part.text for part in parts]],
        )
        stems = dict(cursor.fetchall())
    taken = [_Part(p.text, p.unwanted, stems[n]) for n, p in enumerate(parts, start=1) if stems[n]]
    return taken if any(not part.unwanted for part in taken) else []


class _Search:
    """Among the calls whose words were taken by one language."""

    def __init__(self, wish: Wish, language: str, parts: Sequence[_Part]) -> None:
        self._wish = wish
        self._language = language
        self._parts = parts
        self._lowest = first_id_at(wish.since, plus_ms=-CLOCK_MS) if wish.since else _NEXT_TO_NOTHING
        self._highest = first_id_at(wish.until, plus_ms=CLOCK_MS) if wish.until else _NEWEST

    def page(self, after: Place | None, limit: int) -> tuple[list[Found], Place | None]:
        """Up to `limit` turns, and how far was looked; None: to the end."""
        words = self._by_rarity()
        found: list[Found] = []
        top = min(after.call_id, self._highest) if after else self._highest
        looked, size = 0, FIRST_BATCH
        while True:
            batch = self._calls_with(words[0], top, size)
            hits = [hit for hit in self._with_all(batch, words[1:]) if after is None or _behind(hit, after)]
            found += self._verified(hits, limit - len(found))
            if len(found) >= limit:
                return found, Place(found[-1].call_id, found[-1].seq)
            looked += len(batch) + READING * len(hits)
            if len(batch) < size:
                return found, None
            last = batch[-1][0]
            if looked >= SEARCHED:
                return found, Place(last, 2**31 - 1)
            top, size = UUID(int=last.int - 1), min(size * 4, LARGEST_BATCH)

    def _by_rarity(self) -> list[str]:
        """The stems that a turn must have, the rarest first, as far as counting goes."""
        words = sorted({lexeme for part in self._parts if not part.unwanted for lexeme in part.lexemes})
        if len(words) == 1:
            return words
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT word, (SELECT count(*) FROM (SELECT 1 FROM calls_turnword w"
                "   WHERE w.tenant_id = %(tenant)s AND w.lexeme = word LIMIT %(most)s) AS few)"
                " FROM unnest(%(words)s::text[]) AS word ORDER BY 2, 1",
                {"tenant": current_tenant_id(), "words": words, "most": COUNTED},
            )
            return [word for word, _ in cursor.fetchall()]

    def _calls_with(self, word: str, top: UUID, size: int) -> list[tuple[UUID, list[int]]]:
        """The newest calls from `top` on with the word, and their turns' hits."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT call_id, hits FROM calls_turnword WHERE tenant_id = %s AND lexeme = %s"
                " AND call_id <= %s AND call_id >= %s ORDER BY call_id DESC LIMIT %s",
                [current_tenant_id(), word, top, self._lowest, size],
            )
            return list(cursor.fetchall())

    def _with_all(
        self, batch: Sequence[tuple[UUID, list[int]]], others: Collection[str]
    ) -> Iterator[tuple[UUID, int]]:
        """Turns (call, seq) of the batch that have the other words too, and the speaker who is asked for."""
        also = self._hits_of(others, [call_id for call_id, _ in batch])
        for call_id, hits in batch:
            left = set(hits).intersection(*(also.get((word, call_id), ()) for word in others))
            for hit in sorted(left):
                if self._wish.speaker in ("", "agent" if hit & 1 else "caller"):
                    yield call_id, hit >> 1

    def _hits_of(self, words: Collection[str], call_ids: Sequence[UUID]) -> dict[tuple[str, UUID], list[int]]:
        if not words or not call_ids:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT lexeme, call_id, hits FROM calls_turnword"
                " WHERE tenant_id = %s AND lexeme = ANY(%s) AND call_id = ANY(%s)",
                [current_tenant_id(), list(words), list(call_ids)],
            )
            return {(lexeme, call_id): hits for lexeme, call_id, hits in cursor.fetchall()}

    def _verified(self, hits: Sequence[tuple[UUID, int]], limit: int) -> list[Found]:
        """The first `limit` of the turns that are what was asked for."""
        found: list[Found] = []
        first, size = 0, 2 * limit
        while first < len(hits) and len(found) < limit:
            found += self._read(hits[first : first + size])
            first, size = first + size, min(4 * size, LARGEST_BATCH)
        return found[:limit]

    def _read(self, hits: Iterable[tuple[UUID, int]]) -> list[Found]:
        places = list(hits)
        wish = self._wish
        query = " && ".join(
            ("!! " if part.unwanted else "") + "phraseto_tsquery(%s::regconfig, %s)" for part in self._parts
        )
        values = [value for part in self._parts for value in (self._language, part.text)]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.call_id, t.seq, t.index, t.speaker, t.start_ms,"  # noqa: S608 (placeholders only)
                f" ts_headline(%s::regconfig, t.text, query, '{_HEADLINE}')"
                " FROM unnest(%s::uuid[], %s::int[]) AS place(call_id, seq)"
                " JOIN calls_turn t ON t.call_id = place.call_id AND t.seq = place.seq"
                " JOIN calls_call c ON c.id = t.call_id"
                f" CROSS JOIN (SELECT {query}) AS asked(query)"
                " WHERE c.search_language = %s AND to_tsvector(%s::regconfig, t.text) @@ query"
                " AND (%s::uuid IS NULL OR c.agent_id = %s)"
                " AND (%s::timestamptz IS NULL OR c.created_at >= %s)"
                " AND (%s::timestamptz IS NULL OR c.created_at < %s)"
                " ORDER BY t.call_id DESC, t.seq",
                [
                    self._language,
                    [call_id for call_id, _ in places],
                    [seq for _, seq in places],
                    *values,
                    self._language,
                    self._language,
                    *[wish.agent_id] * 2,
                    *[wish.since] * 2,
                    *[wish.until] * 2,
                ],
            )
            return [
                Found(call_id, seq, index, speaker, start_ms, _pieces(headline))
                for call_id, seq, index, speaker, start_ms, headline in cursor.fetchall()
            ]


def _behind(hit: tuple[UUID, int], after: Place) -> bool:
    return (-hit[0].int, hit[1]) > _order(after)


def _pieces(headline: str) -> list[tuple[str, bool]]:
    """The text of a headline, by what was found in it."""
    pieces = []
    for number, piece in enumerate(headline.split(OPEN)):
        marked, _, rest = piece.rpartition(CLOSE)
        if number and marked:
            pieces.append((marked, True))
        if rest or not number:
            pieces.append((rest, False))
    return [piece for piece in pieces if piece[0]]
