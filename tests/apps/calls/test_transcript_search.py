from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import publish, update_draft
from apps.calls.models import Call, Direction, SearchLanguage, Turn, TurnWord
from apps.calls.services.erasing import erase_transcript
from apps.calls.services.indexing import configuration_of, index_missing, index_transcript
from apps.calls.states import CallState
from apps.calls.transcript_search import Found, Wish, search
from media_workers.contract.events import EndReason
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import script


def made(agent: Agent, *said: str, language: str = "", **fields: Any) -> Call:
    """A call that has ended, `said` by the caller and the agent in turn; in the tenant's scope."""
    now = timezone.now()
    call = Call.objects.create(
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        from_number="+12025550101",
        to_number="+12025550100",
        agent=agent,
        agent_version=agent.published_version,
        answered_at=now,
        ended_at=now,
        end_reason=EndReason.CALLER_HUNG_UP,
        **fields,
    )
    Turn.objects.bulk_create(
        Turn(
            call=call,
            seq=10 + n,
            index=n,
            speaker="agent" if n % 2 else "caller",
            text=text,
            start_ms=n * 1000,
            end_ms=n * 1000 + 900,
        )
        for n, text in enumerate(said)
    )
    if language:
        call.search_language = language
    index_transcript(call)
    call.save()
    return call


def all_of(text: str, limit: int = 50, **wish: Any) -> list[Found]:
    """Every page, one after the other."""
    found: list[Found] = []
    after = None
    while True:
        page, after = search(Wish(text, **wish), after=after, limit=limit)
        found += page
        if after is None:
            return found
        assert len(found) < 1000


@pytest.fixture
def scope(tenant: Tenant, agent: Agent) -> Any:
    with tenant_scope(tenant.pk):
        yield


@pytest.mark.usefixtures("scope")
class TestFinding:
    @pytest.mark.parametrize(
        ("text", "turns"),
        [
            ("refund", [0, 2]),
            ("REFUNDS", [0, 2]),
            ("refund money", [0]),
            ('"money back"', [0]),
            ('"back money"', []),
            ("refund -money", [2]),
            ("the refund", [0, 2]),
            ("elephant", []),
            ("they long", [3]),
        ],
    )
    def test_turns_are_found(self, agent: Agent, text: str, turns: list[int]) -> None:
        made(
            agent,
            "I want a refund, my money back",
            "Certainly",
            "Are refunds quick?",
            "They don't take long",
        )

        assert [found.index for found in all_of(text)] == turns

    def test_what_was_found_is_marked(self, agent: Agent) -> None:
        made(agent, "I would like <b>two</b> refunds & a refunding")

        (found,) = all_of("refund")

        assert "".join(text for text, _ in found.snippet).count("refund") == 2
        assert [text for text, marked in found.snippet if marked] == ["refunds", "refunding"]

    @pytest.mark.parametrize(("speaker", "turns"), [("caller", [0]), ("agent", [1]), ("", [0, 1])])
    def test_by_who_said_it(self, agent: Agent, speaker: str, turns: list[int]) -> None:
        made(agent, "a refund", "a refund")

        assert [found.index for found in all_of("refund", speaker=speaker)] == turns

    def test_by_agent_and_time(self, agent: Agent) -> None:
        call = made(agent, "a refund")
        now = timezone.now()

        assert all_of("refund", agent_id=agent.pk, since=now - timedelta(hours=1))
        assert not all_of("refund", agent_id=call.pk)
        assert not all_of("refund", since=now + timedelta(seconds=1))
        assert not all_of("refund", until=call.created_at)
        assert all_of("refund", until=now + timedelta(seconds=1))

    @pytest.mark.parametrize("limit", [1, 2, 3, 50])
    def test_pages_miss_nothing_and_repeat_nothing(
        self, agent: Agent, limit: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.calls.transcript_search.FIRST_BATCH", 2)
        monkeypatch.setattr("apps.calls.transcript_search.SEARCHED", 3)
        calls = [made(agent, "a refund today", "no", "a refund", "money") for _ in range(5)]
        calls += [made(agent, "money") for _ in range(4)]

        found = all_of("refund", limit=limit)

        places = [(turn.call_id, turn.index) for turn in found]
        assert places == [(call.pk, index) for call in reversed(calls[:5]) for index in (0, 2)]
        assert [turn.index for turn in all_of("refund today", limit=limit)] == [0] * 5

    def test_several_languages_are_searched_each_by_its_own_rules(self, agent: Agent) -> None:
        german = made(agent, "Ich möchte die Rechnungen", language="german")
        english = made(agent, "I want the bills to die", language="english")
        also = made(agent, "Zwei Rechnungen bitte", language="german")

        assert [turn.call_id for turn in all_of("Rechnung")] == [also.pk, german.pk]
        assert [turn.call_id for turn in all_of("die bills")] == [english.pk]
        assert [turn.call_id for turn in all_of("die Rechnung", limit=1)] == [also.pk, german.pk]

    @pytest.mark.parametrize("text", ["", "  ", "-refund", '""', "the", "of the", "a " * 30])
    def test_what_cannot_be_searched_for_is_told(self, agent: Agent, text: str) -> None:
        made(agent, "a refund")

        with pytest.raises(InvalidInput):
            search(Wish(text), after=None, limit=10)

    @pytest.mark.parametrize("text", ["!!", "' OR 1=1 --", "a:* & b", "\\", "%", "💥", "x" * 300, "refund:*"])
    def test_odd_searches_find_nothing(self, agent: Agent, text: str) -> None:
        made(agent, "a word")

        with suppress(InvalidInput):
            assert all_of(text) == []


@pytest.mark.usefixtures("scope")
def test_an_erased_transcript_is_found_no_more(agent: Agent) -> None:
    call = made(agent, "a refund")

    erase_transcript(call)

    assert all_of("refund") == []
    assert not TurnWord.objects.filter(call=call).exists()


def test_old_calls_are_indexed_later(tenant: Tenant, agent: Agent) -> None:
    with tenant_scope(tenant.pk):
        call = made(agent, "a refund")
        TurnWord.objects.all().delete()
        SearchLanguage.objects.all().delete()
        Call.objects.update(search_language="")
        assert all_of("refund") == []

    assert index_missing() == 1
    assert index_missing() == 0

    with tenant_scope(tenant.pk):
        assert [found.call_id for found in all_of("refund")] == [call.pk]


def test_nobody_finds_another_tenants_words(tenant: Tenant, stranger: Tenant, agent: Agent) -> None:
    with tenant_scope(tenant.pk):
        made(agent, "a refund")

    with tenant_scope(stranger.pk):
        SearchLanguage.objects.create(name="english")
        assert all_of("refund") == []


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    ("language", "name"),
    [("en-US", "english"), ("de-DE", "german"), ("pt-BR", "portuguese"), ("ja-JP", "simple")],
)
def test_the_agents_language_decides(agent: Agent, language: str, name: str) -> None:
    update_draft(agent=agent, config=script().model_copy(update={"language": language}))
    version = publish(agent=agent)

    assert configuration_of(Call(agent_version_id=version.pk)) == name
