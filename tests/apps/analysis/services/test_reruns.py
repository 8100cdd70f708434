"""Past calls analyzed anew: estimated, given out once each, resumed, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.analysis.models import Analysis, Rerun
from apps.analysis.services import reruns, running
from apps.analysis.services.beginning import RUN_MANY
from apps.analysis.services.reruns import advance_all, cancel, estimate, start
from apps.analysis.services.running import run_many
from apps.calls.models import Call
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.analysis.conftest import Ended, analysis_of, analyzed, republish

pytestmark = pytest.mark.django_db

WEEKDAY = [{"name": "weekday", "type": "enum", "choices": ["Tuesday"]}]


@pytest.fixture
def past(ended: Ended, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Seven calls that were analyzed; then the agent wants something else. Batches are of three."""
    monkeypatch.setattr(reruns, "BATCH", 3)
    calls = [ended() for _ in range(7)]
    for call in calls:
        analyzed(call)
    republish(agent, extraction=WEEKDAY)
    return calls


def estimated(agent: Agent, **span: Any) -> Rerun:
    with tenant_scope(agent.tenant_id):
        return estimate(agent=Agent.objects.get(pk=agent.pk), **span)


def begun(agent: Agent) -> Rerun:
    rerun = estimated(agent)
    with tenant_scope(agent.tenant_id):
        return start(rerun_id=rerun.pk)


def now_of(rerun: Rerun) -> Rerun:
    with tenant_scope(rerun.tenant_id):
        return Rerun.objects.get(pk=rerun.pk)


def waiting(tenant: Tenant) -> list[Any]:
    with tenant_scope(tenant.pk):
        return list(
            Analysis.objects.filter(state="waiting").order_by("-call_id").values_list("pk", flat=True)
        )


def work(tenant: Tenant) -> int:
    """What workers would do now; how many there were."""
    rows = waiting(tenant)
    run_many(tenant.pk, rows, at_once=False)
    return len(rows)


def test_every_call_once_and_then_done(past: list[Call], agent: Agent, tenant: Tenant) -> None:
    rerun = begun(agent)
    given = []
    while now_of(rerun).state == "running":
        given.append(work(tenant))
        advance_all()
    assert [n for n in given if n] == [3, 3, 1]
    found = now_of(rerun)
    assert (found.calls, found.done, found.failed) == (7, 7, 0)
    assert found.ended_at is not None
    for call in past:
        row = analysis_of(call)
        assert (row.revision, row.values["weekday"]["value"]) == (2, "Tuesday")


def test_a_worker_killed_in_the_middle_is_resumed(
    past: list[Call], agent: Agent, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had taken one call and done another: the lease runs out, the rest goes on, each counts once."""
    rerun = begun(agent)
    first, second, third = waiting(tenant)
    run_many(tenant.pk, [first], at_once=False)
    with monkeypatch.context() as patch:
        patch.setattr(running, "_done", lambda *_: None)
        run_many(tenant.pk, [second], at_once=False)
    advance_all()
    assert work(tenant) >= 1
    with tenant_scope(tenant.pk):
        assert Analysis.objects.get(pk=second).state == "waiting"
        Analysis.objects.filter(pk=second).update(leased_until=timezone.now() - timedelta(seconds=1))
    while now_of(rerun).state == "running":
        work(tenant)
        advance_all()
    assert now_of(rerun).done == 7
    assert {analysis_of(call).revision for call in past} == {2}
    assert third


def test_what_is_given_out_leaves_after_the_commit(
    past: list[Call],
    agent: Agent,
    sent: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun(agent)
    assert [(job, len(arguments[1])) for job, arguments in sent if job == RUN_MANY] == [(RUN_MANY, 3)]


def test_calls_that_wait_keep_what_was_known_when_it_is_cancelled(
    past: list[Call], agent: Agent, tenant: Tenant
) -> None:
    rerun = begun(agent)
    run_many(tenant.pk, waiting(tenant)[:1], at_once=False)
    with tenant_scope(tenant.pk):
        cancel(rerun_id=rerun.pk)
    advance_all()
    assert waiting(tenant) == []
    assert now_of(rerun).state == "cancelled"
    assert sorted(analysis_of(call).revision for call in past) == [1] * 6 + [2]
    assert {analysis_of(call).state for call in past} == {"done"}
    with tenant_scope(tenant.pk), pytest.raises(Conflict, match="cancelled already"):
        cancel(rerun_id=rerun.pk)


def test_one_at_a_time(past: list[Call], agent: Agent) -> None:
    rerun, other = begun(agent), estimated(agent)
    with tenant_scope(agent.tenant_id):
        with pytest.raises(Conflict, match="Another rerun"):
            start(rerun_id=other.pk)
        with pytest.raises(Conflict, match="running already"):
            start(rerun_id=rerun.pk)


def test_the_span(past: list[Call], agent: Agent) -> None:
    assert estimated(agent).calls == 7
    assert estimated(agent, since=timezone.now()).calls == 0
    assert estimated(agent, until=past[3].created_at).calls == 3
    with pytest.raises(InvalidInput) as fault:
        estimated(agent, since=timezone.now(), until=past[0].created_at)
    assert fault.value.field == "until"


def test_calls_from_before_there_was_analysis(past: list[Call], agent: Agent, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        Analysis.objects.all().delete()
    rerun = begun(agent)
    while now_of(rerun).state == "running":
        work(tenant)
        advance_all()
    assert analysis_of(past[0]).values["weekday"]["value"] == "Tuesday"


def test_rules_cost_nothing_and_a_model_what_its_list_says(past: list[Call], agent: Agent) -> None:
    nothing = {"prompt_tokens": 0, "completion_tokens": 0, "cost_micros": 0, "currency": "USD"}
    assert estimated(agent).estimate == nothing
    model = {"provider": "openai", "model": "gpt-6-luna"}
    republish(agent, analysis={"model": model}, extraction=WEEKDAY)
    told = estimated(agent).estimate
    assert told["prompt_tokens"] > 7 * 200
    assert told["completion_tokens"] == 7 * (300 + 60)
    assert told["cost_micros"] > 0
    unknown = {"provider": "openai_compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    republish(agent, analysis={"model": unknown}, extraction=WEEKDAY)
    assert estimated(agent).estimate["cost_micros"] is None


def test_switched_off(agent: Agent) -> None:
    republish(agent, analysis={"enabled": False})
    with pytest.raises(Conflict, match="switched off"):
        estimated(agent)
