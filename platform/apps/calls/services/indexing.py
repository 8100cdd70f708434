"""The words of a call's turns, put where a search finds them (`TurnWord`)."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import pgtrigger
from django.db import connection

from apps.agents.models import AgentVersion
from apps.calls.digits import MASK
from apps.calls.models import Call, CallDraft, SearchLanguage, TurnWord
from apps.calls.models.call import NOT_INDEXED
from apps.calls.selectors import locked
from tenants.scope import platform_scope, tenant_scope

SIMPLE = "simple"
"""Takes words as they are."""

CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""PostgreSQL's text search configurations by the language that an agent speaks (BCP 47, its first part)."""

BATCH = 200

_INDEX = """
INSERT INTO calls_turnword (tenant_id, call_id, lexeme, hits)
SELECT %s, %s, lexeme, array_agg(hit ORDER BY hit)
  FROM (SELECT t.seq * 2 + (t.speaker = 'agent')::int AS hit,
               unnest(tsvector_to_array(to_tsvector(%s::regconfig, t.text))) AS lexeme
          FROM calls_turn t WHERE t.call_id = %s AND t.text <> '') AS said
 WHERE length(lexeme) <= 100 AND position(%s in lexeme) = 0
 GROUP BY lexeme
"""


def index_transcript(call: Call) -> None:
    """Brings the index of an ended call's words up to date with its turns. The call is locked, and whoever
    asks saves its `search_language`."""
    if call.answered_at is None or call.transcript_erased_at is not None:
        return
    if call.search_language:
        TurnWord.objects.filter(call=call)._raw_delete(TurnWord.objects.db)
    else:
        call.search_language = configuration_of(call)
    with connection.cursor() as cursor:
        # In some locales PostgreSQL takes the mask for a word.
        cursor.execute(_INDEX, [call.tenant_id, call.pk, call.search_language, call.pk, MASK])
        if cursor.rowcount:
            _note_language(call.search_language)


def index_missing() -> int:
    """Indexes calls whose words are in no index, the newest first; how many. Twice at once does no harm."""
    with platform_scope():
        missing = Call.objects.filter(NOT_INDEXED).order_by("-id")
        found = list(missing.values_list("tenant_id", "pk")[:BATCH])
    for tenant_id, call_id in found:
        # No figure of a trunk changes by it: nothing is marked to be summed again.
        with tenant_scope(tenant_id), pgtrigger.ignore("calls.Call:late_for_trunk_slots"):
            call = locked(call_id)
            index_transcript(call)
            call.save(update_fields=["search_language", "updated_at"])
    return len(found)


def configuration_of(call: Call) -> str:
    """The text search configuration for the language that the call's agent speaks."""
    language = _language_of_version(call.agent_version_id) if call.agent_version_id else _of_draft(call)
    return CONFIGURATIONS.get((language or "").split("-")[0].lower(), SIMPLE)


@lru_cache(4_096)
def _language_of_version(version_id: UUID) -> str | None:
    """A version never changes."""
    return AgentVersion.objects.filter(pk=version_id).values_list("config__language", flat=True).first()


def _of_draft(call: Call) -> str | None:
    return CallDraft.objects.filter(call=call).values_list("config__language", flat=True).first()


def _note_language(name: str) -> None:
    """So that a search knows by which configurations to take its words."""
    if not SearchLanguage.objects.filter(name=name).exists():
        SearchLanguage.objects.bulk_create([SearchLanguage(name=name)], ignore_conflicts=True)
