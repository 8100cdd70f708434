"""Cases over audio: a real call to a phone of the sandbox that plays the case's caller."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.calls.models import Call, CallEvent, Turn
from apps.calls.services.test_call import place_test_call
from apps.suites.models import CaseRun, CaseState, RunState
from apps.suites.services.enqueue import advance_after_commit
from apps.suites.services.runs import lock_run
from media_workers.contract.events import END_REASON_WORDS, EndReason
from media_workers.contract.simulation import (
    TOLD_PHONE,
    Case,
    CaseRecord,
    PhoneScript,
    ScriptedCaller,
    SimulatedTool,
    SimulatedTurn,
)
from tenants.scope import platform_scope, tenant_scope

SHOWN_AS = "+12025550149"
"""Whose number it sees."""

BY_AGENT = {
    EndReason.AGENT_HUNG_UP,
    EndReason.SILENCE,
    EndReason.TRANSFERRED,
    EndReason.VOICEMAIL,
}
BY_CALLER = {EndReason.CALLER_HUNG_UP, EndReason.CALLEE_HUNG_UP}
TALKED = BY_AGENT | BY_CALLER | {EndReason.MAX_DURATION}
"""After any other end nothing can be said of the agent."""

SHORTEST_CALL_MS = 10_000
"""Less no agent can be limited to."""


def place(case: CaseRun, parsed: Case) -> None:
    """Queues the call of `case`, whose run is locked by the caller. Raises what placing a call raises."""
    run = case.run
    # Who answers is known: looking for a machine would only spend the case's time.
    changes = {
        "voicemail": run.config.get("voicemail", {}) | {"detect": False},
        "max_duration_ms": max(SHORTEST_CALL_MS, parsed.limit_s * 1000),
    }
    case.call = place_test_call(
        agent=run.suite.agent,
        config=run.config | changes,
        api_keys=run.api_keys,
        variables=parsed.variables,
        from_number=SHOWN_AS,
        to_number=TOLD_PHONE,
        metadata={"suite_run": run.public_id, "case": case.name},
    )
    case.state = CaseState.CALLING
    case.save(update_fields=["call", "state", "updated_at"])


def script_for(call_id: UUID) -> PhoneScript | None:
    """What the phone that is called in `call_id` is to do; None: it is a case's call no more."""
    with platform_scope():
        rows = CaseRun.objects.filter(call_id=call_id, state=CaseState.CALLING)
        case = rows.select_related("run").first()
    if case is None:
        return None
    parsed = Case.model_validate(case.case)
    if not isinstance(parsed.caller, ScriptedCaller):
        return None
    variables = case.run.config.get("variables", {}) | parsed.variables
    return PhoneScript(steps=parsed.caller.filled(variables))


def take_call(tenant_id: UUID, case_id: UUID) -> None:
    """The call of a case is over: its record waits for a node that looks at the assertions."""
    with tenant_scope(tenant_id):
        case = CaseRun.objects.filter(pk=case_id).select_related("call").first()
        if case is None or case.call is None or case.call.ended_at is None:
            return
        run = lock_run(case)
        case.refresh_from_db()
        case.run = run
        if case.state != CaseState.CALLING or run.state != RunState.RUNNING:
            return
        case.record = record_of(case.call).model_dump(mode="json")
        case.state, case.waiting_since = CaseState.PENDING, timezone.now()
        case.save(update_fields=["record", "state", "waiting_since", "updated_at"])
        advance_after_commit(run)


def record_of(call: Call) -> CaseRecord:
    """What happened in a call that is over."""
    reason = EndReason(call.end_reason)
    bodies = [event.body for event in CallEvent.objects.filter(call=call).order_by("seq")]
    ended_by = "agent" if reason in BY_AGENT else "caller" if reason in BY_CALLER else "nobody"
    words = f"{END_REASON_WORDS[reason]} {call.end_detail}".strip()
    turns = list(Turn.objects.filter(call=call).order_by("index", "seq"))
    return CaseRecord(
        transcript=[_turn(turn) for turn in turns],
        tools=[_tool(body, turns) for body in _of(bodies, "tool")],
        slots={name: str(value) for name, value in call.slots.items()},
        path=[body["node"] for body in _of(bodies, "flow")],
        ended_by=ended_by,
        end_reason=reason.value,
        transferred=_transferred(bodies),
        troubles=[str(body.get("detail") or body.get("what", "")) for body in _of(bodies, "trouble")],
        problem="" if call.answered_at and reason in TALKED else words,
        took_ms=call.duration_ms,
    )


def _of(bodies: Iterable[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [body for body in bodies if body["type"] == kind]


def _turn(turn: Turn) -> SimulatedTurn:
    return SimulatedTurn(
        speaker="agent" if turn.speaker == "agent" else "caller",
        text=turn.text,
        keys=turn.dtmf,
        response_ms=turn.total_ms,
        interrupted=turn.interrupted,
        sources=_sources(turn),
    )


def _sources(turn: Turn) -> list[str]:
    lookups = (turn.account or {}).get("retrieval") or []
    found = lookups if isinstance(lookups, list) else [lookups]
    return list(dict.fromkeys(s["title"] for lookup in found for s in lookup.get("sources", [])))


def _tool(body: dict[str, Any], turns: list[Turn]) -> SimulatedTool:
    at_ms = int(body.get("at_ms", 0))
    return SimulatedTool(
        name=body["name"],
        arguments=body.get("arguments", {}),
        result=body.get("result", ""),
        trouble=body.get("trouble", ""),
        took_ms=body.get("took_ms", 0),
        turn=sum(turn.end_ms <= at_ms for turn in turns),
    )


def _transferred(bodies: list[dict[str, Any]]) -> list[str]:
    """Targets that took the caller; a hand-over names the agent."""
    targets = [b["target"] for b in _of(bodies, "transfer") if b["state"] in ("joined", "referred")]
    return targets + [b.get("agent_name") or b["agent"] for b in _of(bodies, "handed_over")]
