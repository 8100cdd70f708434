"""Response times of many turns in percentiles, checked against the same figures computed here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import create_agent
from apps.calls.latency import Wish, latency_statistics, measured_lately
from apps.calls.models import Call, Direction, Turn
from apps.calls.states import CallState
from apps.calls.stats import last_days
from apps.vendors.catalog import Measured
from tenants.errors import InvalidInput
from tenants.ids import first_id_at
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant, script_config

pytestmark = pytest.mark.django_db

STATS = "/api/v1/stats/latency"
NOW = timezone.now().replace(hour=12, minute=30, second=0, microsecond=0)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def make_call(agent: Agent | None = None) -> Call:
    return Call.objects.create(
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        from_number="+12025550101",
        to_number="+12025551000",
        agent=agent,
        ended_at=NOW,
        end_reason="busy",
    )


def turns(call: Call, totals: list[int], *, at: datetime = NOW, **columns: Any) -> None:
    """One turn of the agent for each of `totals`, made at `at`."""
    base = first_id_at(at).int
    last = Turn.objects.filter(call=call).count()
    rows = [
        Turn(
            id=type(first_id_at(at))(int=base + Turn.objects.count() + n),
            call=call,
            seq=last + n,
            index=last + n,
            speaker="agent",
            start_ms=0,
            end_ms=1,
            total_ms=total,
            **columns,
        )
        for n, total in enumerate(totals, start=1)
    ]
    Turn.objects.bulk_create(rows)
    Turn.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=at)


def statistics(days: int = 7, **wish: Any) -> list[dict[str, Any]]:
    return latency_statistics(Wish(last_days(days, zone="UTC", now=NOW), **wish))


@pytest.mark.usefixtures("scope")
def test_percentiles_are_those_of_the_turns() -> None:
    totals = list(range(100, 1_100, 7))
    turns(make_call(), totals, endpoint_ms=240)
    turns(make_call(), [9_999], at=NOW - timedelta(days=8))

    (found,) = statistics()

    cuts = quantiles(totals, n=100, method="inclusive")
    assert found["turns"] == len(totals)
    assert found["parts"]["total"] == {
        "p50_ms": round(cuts[49]),
        "p95_ms": round(cuts[94]),
        "p99_ms": round(cuts[98]),
        "samples": len(totals),
    }
    assert found["parts"]["endpoint"] == {"p50_ms": 240, "p95_ms": 240, "p99_ms": 240, "samples": len(totals)}
    assert set(found["parts"]) == {"total", "endpoint"}


@pytest.mark.usefixtures("scope")
def test_by_agent() -> None:
    fast, slow = (create_agent(name=name, config=script_config()) for name in ("Fast", "Slow"))
    turns(make_call(fast), [300, 400])
    turns(make_call(slow), [900])
    turns(make_call(), [700])

    found = {g["agent_name"]: g["parts"]["total"]["p50_ms"] for g in statistics(group_by="agent")}
    (one,) = statistics(agent_id=slow.pk)

    assert found == {"Fast": 350, "Slow": 900, None: 700}
    assert one["parts"]["total"]["p50_ms"] == 900


@pytest.mark.usefixtures("scope")
def test_by_vendor_and_model_only_their_own_parts() -> None:
    llm = {"llm_vendor": "openai", "llm_model": "fast"}
    turns(make_call(), [500], first_token_ms=200, sentence_ms=80, first_audio_ms=90, own_ms=9, **llm)
    turns(make_call(), [700], first_token_ms=400, **llm | {"llm_model": "slow"})
    turns(make_call(), [600], first_audio_ms=120, llm_vendor="gemini_live", llm_model="live")
    turns(make_call(), [800], first_audio_ms=150, tts_vendor="rime", stt_vendor="deepgram", transcript_ms=60)

    by_vendor = {(g["kind"], g["vendor"]): g for g in statistics(group_by="vendor")}
    by_model = {(g["vendor"], g["model"]): g["turns"] for g in statistics(group_by="model", kind="llm")}

    assert set(by_vendor) == {
        ("stt", "deepgram"),
        ("llm", "openai"),
        ("tts", "rime"),
        ("realtime", "gemini_live"),
    }
    openai = by_vendor["llm", "openai"]
    assert set(openai["parts"]) == {"first_token", "sentence", "total"}
    assert (openai["turns"], openai["parts"]["first_token"]["p50_ms"]) == (2, 300)
    assert openai["parts"]["sentence"]["samples"] == 1
    assert by_vendor["stt", "deepgram"]["parts"]["transcript"]["p50_ms"] == 60
    assert by_vendor["realtime", "gemini_live"]["parts"]["first_audio"]["p50_ms"] == 120
    assert by_model == {("openai", "fast"): 1, ("openai", "slow"): 1}


@pytest.mark.usefixtures("scope")
def test_over_time() -> None:
    midnight = NOW.replace(hour=0, minute=0)
    for hours, total in ((1, 100), (1, 300), (26, 500)):
        turns(make_call(), [total], at=midnight - timedelta(days=1) + timedelta(hours=hours), stt_vendor="x")

    days = statistics(group_by="day")
    hours = statistics(group_by="hour", days=2)
    vendors = statistics(group_by="vendor", over="day")

    expected = [(midnight - timedelta(days=1), 200), (midnight, 500)]
    assert [(g["at"], g["parts"]["total"]["p50_ms"]) for g in days] == expected
    assert [(g["vendor"], g["at"], g["parts"]["total"]["p50_ms"]) for g in vendors] == [
        ("x", at, total) for at, total in expected
    ]
    assert [g["at"] for g in hours] == [midnight - timedelta(hours=23), midnight + timedelta(hours=2)]
    with pytest.raises(InvalidInput) as refused:
        statistics(group_by="vendor", over="hour", days=15)
    assert (refused.value.field, refused.value.code) == ("days", "too_long")


@pytest.mark.usefixtures("scope")
def test_what_each_model_took_lately() -> None:
    turns(make_call(), [500, 600], first_token_ms=200, llm_vendor="openai", llm_model="fast")
    turns(make_call(), [500], at=NOW - timedelta(days=9), first_token_ms=900, llm_vendor="openai")
    turns(make_call(), [500], stt_vendor="deepgram")  # its transcript was not measured

    turns(make_call(), [640], llm_vendor="gemini_live", llm_model="live")  # tells no end of a turn

    assert measured_lately(now=NOW) == [
        Measured("llm", "openai", "fast", 200, 200, 2),
        Measured("realtime", "gemini_live", "live", 640, 640, 1),
    ]


@pytest.mark.usefixtures("scope")
def test_nothing_measured_is_nothing_told() -> None:
    for group_by in ("", "agent", "vendor", "model", "day", "hour"):
        assert statistics(group_by=group_by) == []


def test_the_api(tenant: Tenant) -> None:
    client = key_client(make_key(tenant))
    with tenant_scope(tenant.pk):
        agent = create_agent(name="A", config=script_config())
        turns(make_call(agent), [500], at=timezone.now())

    def ask(**query: Any) -> list[Any]:
        answer = client.get(STATS, query)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]  # type: ignore[no-any-return]

    (group,) = ask(group_by="agent", over="day", timezone="Europe/Berlin", agent=agent.public_id)
    assert (group["agent"], group["agent_name"], group["turns"]) == (agent.public_id, "A", 1)
    assert group["parts"] == {"total": {"p50_ms": 500, "p95_ms": 500, "p99_ms": 500, "samples": 1}}
    assert (group["kind"], group["vendor"], group["model"]) == (None, None, None)
    assert group["at"].endswith("Z")
    assert ask()[0]["at"] is None


def test_another_tenants_turns_are_not_counted(tenant: Tenant) -> None:
    with tenant_scope(make_tenant().pk):
        turns(make_call(), [500], at=timezone.now())

    assert key_client(make_key(tenant)).get(STATS).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 93}, "days"),
        ({"group_by": "trunk"}, "group_by"),
        ({"over": "week"}, "over"),
        ({"kind": "speech"}, "kind"),
        ({"timezone": "Mars"}, "timezone"),
        ({"agent": "agt_1"}, "agent"),
        ({"group_by": "hour", "days": 30}, "days"),
    ],
)
def test_a_bad_question_is_told_by_its_field(tenant: Tenant, query: dict[str, Any], field: str) -> None:
    answer = key_client(make_key(tenant)).get(STATS, query)

    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
