from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.agents.models import AgentVersion
from apps.agents.services import create_agent, publish
from apps.calls.models import Call, Direction, Turn
from apps.calls.states import CallState
from apps.calls.version_stats import version_statistics
from media_workers.contract.events import EndReason
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db


def made(version: AgentVersion, end: EndReason, *, talked_ms: int = 0, total_ms: int | None = None) -> None:
    now = timezone.now()
    call = Call.objects.create(
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        agent=version.agent,
        agent_version=version,
        from_number="+12025550101",
        to_number="+12025550100",
        ringing_at=now,
        answered_at=now if talked_ms else None,
        ended_at=now,
        end_reason=end,
        duration_ms=talked_ms,
    )
    if total_ms is not None:
        Turn.objects.create(
            call=call, seq=1, index=0, speaker="agent", text="", start_ms=0, end_ms=1, total_ms=total_ms
        )


def test_each_version_has_its_own_figures() -> None:
    with tenant_scope(make_tenant().pk):
        agent = create_agent(name="Reception", config=script_config())
        first, second = publish(agent=agent), publish(agent=agent)
        publish(agent=agent)
        made(first, EndReason.CALLER_HUNG_UP, talked_ms=10_000, total_ms=400)
        made(first, EndReason.CALLER_HUNG_UP, talked_ms=20_000, total_ms=600)
        made(first, EndReason.NO_ANSWER)
        made(second, EndReason.TRANSFERRED, talked_ms=4_000)
        found = version_statistics(agent.pk, days=7, now=timezone.now())
        later = version_statistics(agent.pk, days=7, now=timezone.now() + timedelta(days=8))

    assert later == []
    assert [figures["number"] for figures in found] == [2, 1]
    two, one = found
    assert (one["calls"], one["answered"], one["answer_rate"], one["avg_duration_ms"]) == (
        3,
        2,
        0.6667,
        15_000,
    )
    assert (one["response_p50_ms"], one["response_p95_ms"], one["transferred"]) == (500, 590, 0)
    assert [(o["end_reason"], o["calls"]) for o in one["outcomes"]] == [
        ("caller_hung_up", 2),
        ("no_answer", 1),
    ]
    assert (two["calls"], two["response_p50_ms"], two["transferred"]) == (1, None, 1)


def test_other_agents_and_tenants_do_not_count() -> None:
    with tenant_scope(make_tenant().pk):
        theirs = publish(agent=create_agent(name="Theirs", config=script_config()))
        made(theirs, EndReason.CALLER_HUNG_UP, talked_ms=1)
    with tenant_scope(make_tenant().pk):
        other = publish(agent=create_agent(name="Other", config=script_config()))
        made(other, EndReason.CALLER_HUNG_UP, talked_ms=1)
        mine = create_agent(name="Mine", config=script_config())

        assert version_statistics(mine.pk, days=7, now=timezone.now()) == []
        assert version_statistics(theirs.agent_id, days=7, now=timezone.now()) == []
