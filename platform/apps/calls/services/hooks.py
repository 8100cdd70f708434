"""What a tenant's call hooks have to say of a call: the question, and what becomes of the call.

A hook is asked between two transactions. What it said stands on the call (`Call.hook`), for its page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import list_agents, version_for_call
from apps.calls.models import Call, Direction
from apps.calls.services.plans import SANDBOX
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import answering_version
from apps.webhooks.decisions import SIP_REASONS, Permission, Welcome
from apps.webhooks.models import HookFallback, HookMoment
from apps.webhooks.services.asking import Hook, Said, ask_once, hook_for, note
from media_workers.contract.calls import InboundCall, Rejection
from telephony.trunks.headers import one_line
from telephony.trunks.numbering import read_caller
from tenants.ids import from_public
from tenants.scope import tenant_scope

HOLDS_FOR = timedelta(minutes=1)
"""A call that was allowed and then put off for a rate is not asked about again within this time."""

DENIED_FOR = timedelta(hours=1)
DOWN_FOR = timedelta(minutes=5)
"""Whoever places calls again and again waits so long after a call that the hook has stopped: when it said so,
and when it could not be asked."""

UNAVAILABLE = 480


@dataclass(frozen=True, slots=True)
class Question:
    hook: Hook
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """How an inbound call is taken: who speaks, and with what; or `rejection`."""

    agent: Agent | None
    version: AgentVersion | None
    variables: Mapping[str, str] = field(default_factory=dict)
    hook: dict[str, Any] | None = None
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether an outbound call is dialed, and with what; `refused`: why not, in words."""

    hook: dict[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


# --- before an inbound call is answered ---------------------------------------------------------------


def before_answer(number: PhoneNumber, inbound: InboundCall) -> Question | None:
    """What to ask of a call to `number`; None: there is nobody to ask."""
    hook = hook_for(HookMoment.BEFORE_ANSWER)
    if hook is None:
        return None
    call = {
        "from": read_caller(inbound.caller, number.trunk),
        "to": number.e164,
        "number": number.public_id,
        "trunk": number.trunk.public_id if number.trunk else None,
        "headers": {name: one_line(value) for name, value in inbound.headers.items()},
        "test": number.carrier == SANDBOX,
    }
    return Question(hook, {"call": call, "agent": number.agent.public_id if number.agent else None})


def taken(number: PhoneNumber, caller: str, said: Said | None) -> Taken:
    """How a call by `caller` to `number` is taken, by what its hook said; None: there is no hook."""
    own = Taken(number.agent, answering_version(number, caller))
    if said is None:
        return own
    said, chosen = _choice(said, caller)
    note(said)
    decision = said.decision
    if not isinstance(decision, Welcome):
        return _without(own, said)
    if decision.action == "reject":
        return _rejected(own, said, decision)
    agent = chosen.agent if chosen else None
    what = f"chose the agent {agent.name}" if agent else "let the call through"
    words = f"The call hook {what}{_given(decision.variables)}{_after(said)}."
    return replace(chosen or own, variables=decision.variables, hook=_kept(said, words, agent=agent))


def _choice(said: Said, caller: str) -> tuple[Said, Taken | None]:
    """The agent that the hook names, and the version that speaks. One that cannot is an answer that makes
    no sense."""
    decision = said.decision
    if not isinstance(decision, Welcome) or decision.action == "reject" or not decision.agent:
        return said, None
    try:
        agent = list_agents().filter(pk=from_public(Agent.id_prefix, decision.agent)).first()
    except ValueError:
        agent = None
    if agent is None:
        problem = f"It chose the agent {one_line(decision.agent)}, which there is not."
        return replace(said, decision=None, problem=problem), None
    version = version_for_call(agent, caller)
    if version is None:
        problem = f"It chose the agent {agent.name}, which is not published."
        return replace(said, decision=None, problem=problem), None
    return said, Taken(agent, version)


def _rejected(own: Taken, said: Said, decision: Welcome) -> Taken:
    words = f"The call hook rejected the call with {decision.code}{_because(decision.reason)}"
    rejection = Rejection(sip_code=decision.code, sip_reason=SIP_REASONS[decision.code], detail=f"{words}.")
    return replace(own, hook=_kept(said, f"{words}{_after(said)}."), rejection=rejection)


def _without(own: Taken, said: Said) -> Taken:
    """The hook did not help: its fallback decides."""
    if not said.hook.refuses:
        return replace(own, hook=_kept(said, f"{_passed_over(said)} The call went on as if there were none."))
    words = f"{_passed_over(said)} The call was refused, as is set for then."
    rejection = Rejection(sip_code=UNAVAILABLE, sip_reason=SIP_REASONS[UNAVAILABLE], detail=words)
    return replace(own, hook=_kept(said, words), rejection=rejection)


# --- before an outbound call is dialed ----------------------------------------------------------------


def before_dial(call: Call, *, now: datetime) -> Question | None:
    """What to ask of `call`; None: there is nobody to ask, or it was asked just now."""
    if call.direction != Direction.OUTBOUND or _was_asked(call, now=now):
        return None
    hook = hook_for(HookMoment.BEFORE_DIAL)
    if hook is None:
        return None
    told = {
        "id": call.public_id,
        "from": call.from_number,
        "to": call.to_number,
        "agent": call.agent.public_id if call.agent else None,
        "variables": call.variables,
        "metadata": call.metadata,
        "campaign": call.metadata.get("campaign"),
        "test": call.test,
    }
    return Question(hook, {"call": told})


def _was_asked(call: Call, *, now: datetime) -> bool:
    return call.hook is not None and datetime.fromisoformat(call.hook["at"]) > now - HOLDS_FOR


def allowed(said: Said) -> Allowed:
    """What becomes of an outbound call, by what its hook said."""
    note(said)
    decision = said.decision
    if decision is None:
        if not said.hook.refuses:
            return Allowed(_kept(said, f"{_passed_over(said)} The call was dialed as if there were none."))
        words = f"{_passed_over(said)} The call was not dialed, as is set for then."
        return Allowed(_kept(said, words), refused=words)
    assert isinstance(decision, Permission)  # noqa: S101
    if decision.action == "deny":
        words = f"The call hook denied the call{_because(decision.reason)}"
        return Allowed(_kept(said, f"{words}{_after(said)}."), refused=f"{words}.")
    words = f"The call hook allowed the call{_given(decision.variables)}{_after(said)}."
    return Allowed(_kept(said, words), decision.variables)


def stopped_for(call: Call) -> timedelta | None:
    """How long to wait before such a call is placed again; None: it was not its hook that stopped it."""
    if call.hook is None or call.dialing_at is not None:
        return None
    if call.hook["action"] == "deny":
        return DENIED_FOR
    return DOWN_FOR if call.hook["fallback"] == HookFallback.REFUSE else None


def try_hook(tenant_id: UUID, hook: Hook, question: Mapping[str, Any]) -> Said:
    """What the hook says to `question`, held against what there is. Outside any scope."""
    said = ask_once(hook, question)
    with tenant_scope(tenant_id):
        said, _ = _choice(said, "")
        note(said)
    return said


# --- what is kept -------------------------------------------------------------------------------------


def _kept(said: Said, words: str, *, agent: Agent | None = None) -> dict[str, Any]:
    """As `GET /calls/{id}` shows it. Of variables the names alone: their values are the call's own."""
    decision = said.decision
    return {
        "moment": said.hook.moment,
        "at": said.at.isoformat(),
        "took_ms": said.took_ms,
        "action": decision.action if decision else None,
        "agent": agent.public_id if agent else None,
        "variables": sorted(decision.variables) if decision else [],
        "reason": decision.reason if decision else "",
        "fallback": None if decision else str(HookFallback(said.hook.fallback).value),
        "problem": said.problem,
        "words": words,
    }


def _given(variables: Mapping[str, str]) -> str:
    return f" and gave {', '.join(sorted(variables))}" if variables else ""


def _because(reason: str) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def _after(said: Said) -> str:
    return f" (after {said.took_ms} ms)"


def _passed_over(said: Said) -> str:
    took = f" (after {said.took_ms} ms)" if said.asked else ""
    return f"The call hook was passed over{took}. {said.problem}"
