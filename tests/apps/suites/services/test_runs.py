from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import publish, update_draft
from apps.suites.models import CaseRun, CaseState, RunState, Suite, SuiteRun
from apps.suites.services import runs
from apps.suites.services.dispatch import advance
from apps.suites.services.reconcile import LOST, reconcile
from apps.suites.services.results import take_result
from apps.suites.services.runs import cancel_run, start_run
from media_workers.contract.simulation import CaseRecord, CaseResult, SimulationReport
from telephony.edge.models import MediaNode
from tenants.errors import Conflict, InvalidInput, LimitReached
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.suites.conftest import GOODBYE, HOURS, Player, cases, fresh
from tests.tenancy import script_config

pytestmark = pytest.mark.django_db

MakeSuite = Callable[..., Suite]


def start(suite: Suite, **wish: object) -> SuiteRun:
    with tenant_scope(suite.tenant_id):
        return start_run(suite=suite, **wish)  # type: ignore[arg-type]


def test_a_run_is_played_and_says_what_failed(make_suite: MakeSuite, player: Player) -> None:
    run = player.finish(start(make_suite(GOODBYE, HOURS)))

    assert (run.state, run.total, run.passed, run.failed) == (RunState.FAILED, 2, 1, 1)
    good, bad = cases(run)
    assert (good.state, good.failures) == (CaseState.PASSED, [])
    assert good.record["transcript"][-1]["text"] == "Bye."
    assert bad.state == CaseState.FAILED
    assert [f["assertion"] for f in bad.failures] == [0]
    assert "nine to five" in bad.failures[0]["detail"]
    assert run.ended_at is not None


def test_a_published_version_is_tested_as_it_was(
    make_suite: MakeSuite, agent: Agent, tenant: Tenant, player: Player
) -> None:
    suite = make_suite(GOODBYE)
    with tenant_scope(tenant.pk):
        version = publish(agent=agent)
        silent = {"provider": "script", "nodes": {"start": {"expect": [], "otherwise": "What?"}}}
        update_draft(agent=agent, config=script_config(model=silent))

    assert player.finish(start(suite, version=version)).state == RunState.PASSED
    suite.agent.refresh_from_db = lambda *_: None  # type: ignore[method-assign]
    with tenant_scope(tenant.pk):
        suite = Suite.objects.select_related("agent").get(pk=suite.pk)
    assert player.finish(start(suite)).state == RunState.FAILED


def test_only_so_many_cases_go_on_at_once(make_suite: MakeSuite, player: Player) -> None:
    many = [GOODBYE | {"name": f"Case {n}"} for n in range(6)]
    run = start(make_suite(*many))

    advance(run.tenant_id, run.pk)
    assert len(player.port.tickets) == 4
    assert player.finish(run).passed == 6


def test_a_ticket_is_good_once(make_suite: MakeSuite, player: Player) -> None:
    run = start(make_suite(GOODBYE))
    advance(run.tenant_id, run.pk)
    player.port.tickets *= 2

    assert player.claim() is not None
    assert player.claim() is None


def test_a_case_that_no_node_takes_fails_in_the_end(make_suite: MakeSuite, player: Player) -> None:
    player.port.status = HTTPStatus.SERVICE_UNAVAILABLE
    run = start(make_suite(GOODBYE))

    advance(run.tenant_id, run.pk)
    assert fresh(run).state == RunState.RUNNING
    with tenant_scope(run.tenant_id):
        CaseRun.objects.filter(run=run).update(waiting_since=timezone.now() - timedelta(minutes=2))
    advance(run.tenant_id, run.pk)

    assert fresh(run).state == RunState.FAILED
    assert "No media node" in cases(run)[0].problem


def test_a_lost_node_costs_an_attempt_and_two_the_case(make_suite: MakeSuite, player: Player) -> None:
    run = start(make_suite(GOODBYE))
    later = timezone.now() + timedelta(minutes=10)
    for _ in range(2):
        advance(run.tenant_id, run.pk)
        plan = player.claim()
        assert plan is not None
        reconcile(now=later)
    player.port.tickets.clear()

    assert (fresh(run).state, cases(run)[0].problem) == (RunState.FAILED, LOST)


def test_a_node_that_has_started_anew_plays_nothing_of_its_earlier_life(
    make_suite: MakeSuite, player: Player
) -> None:
    run = start(make_suite(GOODBYE))
    advance(run.tenant_id, run.pk)
    assert player.claim() is not None
    reconcile()
    assert cases(run)[0].state == CaseState.RUNNING

    MediaNode.objects.update(boot_id=uuid4())
    reconcile()
    assert player.finish(run).state == RunState.PASSED
    assert cases(run)[0].attempt == 2


def test_a_result_that_comes_after_its_node_was_given_up_changes_nothing(
    make_suite: MakeSuite, player: Player
) -> None:
    run = start(make_suite(GOODBYE))
    advance(run.tenant_id, run.pk)
    plan = player.claim()
    assert plan is not None
    reconcile(now=timezone.now() + timedelta(minutes=10))

    late = CaseResult(passed=True, record=CaseRecord())
    take_result(player.node, plan.id, SimulationReport(node="node-1", attempt=plan.attempt, result=late))

    assert cases(run)[0].state == CaseState.PENDING


def test_a_result_told_twice_is_kept_once(make_suite: MakeSuite, player: Player) -> None:
    run = start(make_suite(GOODBYE))
    advance(run.tenant_id, run.pk)
    plan = player.claim()
    assert plan is not None
    for passed in (True, False):
        told = CaseResult(passed=passed, record=CaseRecord(problem="" if passed else "\x00broken"))
        take_result(player.node, plan.id, SimulationReport(node="node-1", attempt=1, result=told))

    assert (fresh(run).state, fresh(run).passed) == (RunState.PASSED, 1)


def test_a_cancelled_run_is_over(make_suite: MakeSuite, player: Player) -> None:
    run = start(make_suite(GOODBYE, HOURS))
    advance(run.tenant_id, run.pk)
    with tenant_scope(run.tenant_id):
        cancel_run(run=run)
    player.play()

    assert fresh(run).state == RunState.CANCELLED
    assert {case.state for case in cases(run)} == {CaseState.CANCELLED}
    with tenant_scope(run.tenant_id), pytest.raises(Conflict):
        cancel_run(run=run)


def test_keys_stay_no_longer_than_the_run(make_suite: MakeSuite, agent: Agent, player: Player) -> None:
    with tenant_scope(agent.tenant_id):
        Agent.objects.update(draft_api_keys='{"model": "secret"}')
    suite = make_suite(GOODBYE)
    suite.agent.draft_api_keys = '{"model": "secret"}'
    run = start(suite)

    assert fresh(run).api_keys
    assert not player.finish(run).api_keys


def test_a_tenant_runs_only_so_many(make_suite: MakeSuite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_RUNS", 1)
    suite = make_suite(GOODBYE)
    start(suite)

    with pytest.raises(LimitReached):
        start(suite)


def test_a_suite_without_cases_is_not_run(make_suite: MakeSuite) -> None:
    with pytest.raises(InvalidInput):
        start(make_suite())
