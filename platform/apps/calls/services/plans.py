"""The plan of a call: everything a line needs to run it without asking again."""

from __future__ import annotations

from apps.agents.configuration import with_secret
from apps.agents.selectors import agent_config_for_call
from apps.calls.models import Call, CallDraft, Direction
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan, DialTarget
from telephony.carriers.registry import carrier
from telephony.trunks.models import Auth
from telephony.trunks.selectors import format_number, gateways_for

SANDBOX = "sandbox"
NO_AGENT = "no_agent"
AGENT_UNPUBLISHED = "agent_unpublished"


def build_plan(call: Call) -> CallPlan:
    """The plan of `call`, with secrets: for its node only, never logged."""
    config = _config(call)
    return CallPlan(
        call_id=call.pk,
        tenant_id=call.tenant_id,
        direction=Direction(call.direction).value,
        from_number=call.from_number,
        to_number=call.to_number,
        agent=config,
        variables=(config.variables if config else {}) | call.variables,
        dial=_dial_target(call) if call.direction == Direction.OUTBOUND else None,
        problem="" if config else (AGENT_UNPUBLISHED if call.agent_id else NO_AGENT),
    )


def _config(call: Call) -> AgentConfig | None:
    """The published version that speaks, or the draft that somebody talks to in the browser."""
    if call.agent_version is not None:
        return agent_config_for_call(call.agent_version)
    draft = CallDraft.objects.filter(call=call).first() if call.direction == Direction.BROWSER else None
    return with_secret(draft.config, draft.api_key) if draft else None


def _dial_target(call: Call) -> DialTarget:
    trunk = call.trunk
    if trunk is None:
        gateways = carrier(SANDBOX).gateways()
        return DialTarget(number=call.to_number, caller_id=call.from_number, gateways=gateways)
    digest = trunk.auth == Auth.DIGEST
    return DialTarget(
        number=format_number(trunk, call.to_number),
        caller_id=format_number(trunk, call.from_number),
        gateways=gateways_for(trunk),
        username=trunk.username if digest else "",
        password=trunk.password if digest else "",
    )
