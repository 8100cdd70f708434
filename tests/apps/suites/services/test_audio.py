from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.calls.models import Call, CallEvent, Turn
from apps.calls.services.finish_call import finish_call
from apps.calls.services.plans import build_plan
from apps.calls.states import CallState
from apps.suites.models import CaseState, RunState, Suite, SuiteRun
from apps.suites.services.audio import script_for, take_call
from apps.suites.services.dispatch import advance
from apps.suites.services.runs import cancel_run, start_run
from media_workers.contract.events import Ended, EndReason
from media_workers.contract.simulation import TOLD_BY, SayStep
from telephony.edge.tickets import read_phone_ticket
from tenants.scope import tenant_scope
from tests.apps.suites.conftest import HOURS, Player, cases, fresh

pytestmark = pytest.mark.django_db

MakeSuite = Callable[..., Suite]
AUDIO = HOURS | {
    "over": "audio",
    "limit_s": 30,
    "variables": {"name": "Kim"},
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Is it {{name}}?"}]},
}


@pytest.fixture
def run(make_suite: MakeSuite, player: Player) -> SuiteRun:
    """A run whose case is being called."""
    suite = make_suite(AUDIO)
    with tenant_scope(suite.tenant_id):
        started = start_run(suite=suite)
    advance(started.tenant_id, started.pk)
    return started


def call_of(run: SuiteRun) -> Call:
    with tenant_scope(run.tenant_id):
        return Call.objects.get(pk=cases(run)[0].call_id)


def finish(run: SuiteRun, reason: EndReason, player: Player) -> None:
    """The call has been answered and is over."""
    with tenant_scope(run.tenant_id):
        call = Call.objects.get(pk=cases(run)[0].call_id)
        call.node, call.state, call.answered_at = player.node, CallState.IN_PROGRESS, timezone.now()
        call.save()
        spoken: list[dict[str, Any]] = [
            {"speaker": "agent", "text": "Hello, Kim.", "start_ms": 0, "end_ms": 900},
            {"speaker": "caller", "text": "is it kim", "start_ms": 1_000, "end_ms": 2_000},
            {
                "speaker": "agent",
                "text": "From nine to five.",
                "start_ms": 2_400,
                "end_ms": 4_000,
                "total_ms": 400,
            },
        ]
        for n, turn in enumerate(spoken, 1):
            Turn.objects.create(call=call, seq=n, index=n, **turn)
        used = {"type": "tool", "name": "book", "arguments": {"day": "Monday"}, "at_ms": 2_100, "took_ms": 5}
        for n, body in enumerate([used, {"type": "flow", "node": "start", "at_ms": 0}], 4):
            CallEvent.objects.create(call=call, seq=n, type=body["type"], at=timezone.now(), body=body)
        finish_call(call, Ended(reason=reason, duration_ms=5_000, slots={"day": "Monday"}), at=timezone.now())
    take_call(run.tenant_id, cases(run)[0].pk)


def test_the_phone_is_told_what_to_say_and_the_agent_speaks_its_draft(run: SuiteRun) -> None:
    call = call_of(run)
    assert (call.test, call.trunk, call.agent_version, cases(run)[0].state) == (True, None, None, "calling")
    with tenant_scope(run.tenant_id):
        plan = build_plan(call)
    assert plan.dial is not None
    assert plan.agent is not None
    assert (plan.agent.first_message, plan.agent.max_duration_ms) == ("Hello, {{name}}.", 30_000)
    assert not plan.agent.voicemail.detect
    script = script_for(read_phone_ticket(plan.dial.headers[TOLD_BY]))
    assert script is not None
    assert script.steps == [SayStep(text="Is it Kim?")]


def test_what_is_stored_of_the_call_is_looked_at(run: SuiteRun, player: Player) -> None:
    finish(run, EndReason.CALLEE_HUNG_UP, player)

    assert player.finish(run).state == RunState.PASSED
    (case,) = cases(run)
    assert (case.record["ended_by"], case.record["slots"]) == ("caller", {"day": "Monday"})
    assert [turn["response_ms"] for turn in case.record["transcript"]] == [None, None, 400]
    assert (case.record["tools"][0]["turn"], case.record["path"]) == (2, ["start"])
    assert script_for(case.call_id) is None


def test_a_call_that_was_lost_is_a_problem(run: SuiteRun, player: Player) -> None:
    finish(run, EndReason.NODE_LOST, player)

    assert player.finish(run).state == RunState.FAILED
    assert "media node" in cases(run)[0].problem


def test_a_call_that_lasts_too_long_is_ended_by_nobody(run: SuiteRun, player: Player) -> None:
    finish(run, EndReason.MAX_DURATION, player)

    assert player.finish(run).state == RunState.PASSED
    assert cases(run)[0].record["ended_by"] == "nobody"


def test_the_call_of_a_cancelled_run_is_ended(run: SuiteRun) -> None:
    with tenant_scope(run.tenant_id):
        cancel_run(run=run)

    assert call_of(run).state == CallState.ENDED
    take_call(run.tenant_id, cases(run)[0].pk)
    assert (fresh(run).state, cases(run)[0].state) == (RunState.CANCELLED, CaseState.CANCELLED)
