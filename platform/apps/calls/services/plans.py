"""The plan of a call: everything a line needs to run it without asking again."""

from __future__ import annotations

from apps.agents.selectors import agent_config_for_call
from apps.calls.models import Call, Direction
from media_workers.contract.calls import CallPlan, DialTarget
from telephony.carriers.registry import carrier
from telephony.trunks.models import Auth
from telephony.trunks.selectors import format_number, gateways_for

SANDBOX = "sandbox"
NO_AGENT = "no_agent"
AGENT_UNPUBLISHED = "agent_unpublished"


def build_plan(call: Call) -> CallPlan:
    """The plan of `call`, with secrets: for its node only, never logged."""
    config = agent_config_for_call(call.agent_version) if call.agent_version else None
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
