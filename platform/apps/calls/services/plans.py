"""The plan of a call: everything a line needs to run it without asking again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from apps.agents.checks import choices, keys_needed
from apps.agents.model_keys import read, with_keys
from apps.agents.selectors import agent_config_for_call
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.selectors import usage_of
from apps.calls.services.rules import heeding
from apps.vendors.selectors import credentials_for
from media_workers.contract.agent import AgentConfig, ChatModel, OpenAICompatibleModel
from media_workers.contract.calls import CallPlan, DialTarget, LegPolicy
from media_workers.contract.simulation import TOLD_BY, TOLD_PHONE
from media_workers.contract.vendors import Credential, key_of
from telephony.carriers.registry import CARRIERS
from telephony.carriers.values import Dialing
from telephony.edge.tickets import phone_ticket
from telephony.trunks.headers import headers_to_send
from telephony.trunks.models import Auth, Registration, Trunk
from telephony.trunks.numbering import write_dialed, write_number
from telephony.trunks.selectors import backups_of, gateways_for
from telephony.trunks.uris import SipAddress

SANDBOX = "sandbox"
FORWARD = "forward"
"""The key of the leg to the fallback number."""
ENDPOINT = "openai_compatible"
NO_AGENT = "no_agent"
AGENT_UNPUBLISHED = "agent_unpublished"


def build_plan(call: Call) -> CallPlan:
    """The plan of `call`, with secrets: for its node only, never logged."""
    config = _config(call)
    if config is not None:
        config = heeding(call, config)
    variables = (config.variables if config else {}) | call.variables
    outbound = call.direction == Direction.OUTBOUND
    return CallPlan(
        call_id=call.pk,
        tenant_id=call.tenant_id,
        direction=Direction(call.direction).value,
        from_number=call.from_number,
        to_number=call.to_number,
        agent=config,
        variables=variables,
        credentials=credentials_of(config) if config else {},
        dial=dial_target(call, call.to_number, call.from_number, variables) if outbound else None,
        forward=_forward(call, variables) if config is None and not outbound else None,
        leg=_leg_of(call),
        capture_rtp=call.number is not None and call.number.capture_rtp,
        allow_private=settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
        problem="" if config else (AGENT_UNPUBLISHED if call.agent_id else NO_AGENT),
    )


def _config(call: Call) -> AgentConfig | None:
    """The published version that speaks, or the draft that somebody talks to in the browser or tries."""
    if call.agent_version is not None:
        return agent_config_for_call(call.agent_version)
    draft = CallDraft.objects.filter(call=call).first() if call.direction != Direction.INBOUND else None
    return with_keys(draft.config, read(draft.api_keys)) if draft else None


def credentials_of(
    config: AgentConfig, beside: Sequence[ChatModel | OpenAICompatibleModel] = ()
) -> dict[str, Credential]:
    """Of every vendor that the agent names, and of the models `beside` it. An endpoint of the tenant's own
    brings its key, and is left alone in our own network. Never log or return it to a tenant."""
    names = [m.provider for m in beside if m.provider != ENDPOINT]
    found = credentials_for(keys_needed(config) | {key_of(name) for name in names})
    endpoints = [c.provider for c in choices(config)] + [m.provider for m in beside]
    if not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES and ENDPOINT in endpoints:
        found[ENDPOINT] = Credential(vendor=ENDPOINT, api_key="", public_only=True)
    return found


def _forward(call: Call, variables: Mapping[str, str]) -> DialTarget | None:
    """Where a caller goes whom no agent can answer: the number's fallback, when a call can go there now.

    The number itself is shown as calling: carriers refuse a caller id that is not their customer's.
    """
    number = call.number
    if number is None or not number.fallback_number:
        return None
    # A plan that is asked for again has taken its room already.
    if call.trunk and FORWARD not in call.legs and not can_send(call.trunk):
        return None
    return dial_target(call, number.fallback_number, number.e164, variables)


def dial_target(call: Call, to: str, caller_id: str, variables: Mapping[str, str]) -> DialTarget:
    """Through the call's trunk and the backups behind it; without a trunk through the number's carrier, and
    a test through the sandbox."""
    if call.trunk is None and call.test:
        gateways = CARRIERS[SANDBOX].gateways()
        told = {TOLD_BY: phone_ticket(call.pk)} if to == TOLD_PHONE else {}
        return DialTarget(number=to, caller_id=caller_id, gateways=gateways, headers=told)
    if call.trunk is None:
        return _through_carrier(call, to, caller_id)
    told = {"call_id": call.public_id, "from_number": caller_id, "to_number": to} | dict(variables)
    backup: DialTarget | None = None
    for trunk in reversed(backups_of(call.trunk)[1:]):
        if can_send(trunk):
            backup = _through(trunk, to, caller_id, told, backup)
    return _through(call.trunk, to, caller_id, told, backup)


def through_trunk(call: Call, user: str, caller_id: str) -> DialTarget:
    """`user` at the call's trunk, as it stands."""
    assert call.trunk is not None  # noqa: S101  (asked before)
    told = {"call_id": call.public_id, "from_number": caller_id, "to_number": user} | call.variables
    return _through(call.trunk, user, caller_id, told, None).model_copy(update={"number": user})


def direct_target(call: Call, address: SipAddress, caller_id: str) -> DialTarget:
    """A SIP address anywhere: nothing of a trunk but its ways with media, no password, no headers, and
    nothing of a carrier of ours."""
    plain = LegPolicy(srtp="optional" if address.transport == "tls" else "off")
    return DialTarget(
        number=address.user,
        caller_id=caller_id,
        gateways=[address.gateway],
        leg=plain if call.trunk is None else leg_policy(call.trunk),
        allow_private=settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES,
    )


def _through(
    trunk: Trunk, to: str, caller_id: str, told: Mapping[str, str], backup: DialTarget | None
) -> DialTarget:
    digest = trunk.auth == Auth.DIGEST or trunk.registration == Registration.OUTBOUND
    return DialTarget.model_validate(
        {
            "number": write_dialed(trunk, to),
            "caller_id": write_number(trunk, caller_id),
            "gateways": gateways_for(trunk),
            "username": trunk.username if digest else "",
            "password": trunk.password if digest else "",
            "caller_id_header": trunk.caller_id_header,
            "caller_id_private": trunk.caller_id_private,
            "headers": headers_to_send(trunk.headers_out, told),
            "leg": leg_policy(trunk),
            "invite_timeout_ms": trunk.invite_timeout_ms,
            "trunk_id": trunk.pk,
            "allow_private": settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES,
            "backup": backup,
        }
    )


def _through_carrier(call: Call, to: str, caller_id: str) -> DialTarget:
    """Through the carrier that sold the number; without a gateway when it is not set up any more."""
    dialing = _dialing_of(call)
    if dialing is None:
        return DialTarget(number=to, caller_id=caller_id, gateways=[])
    return DialTarget(
        number=to,
        caller_id=caller_id,
        gateways=dialing.gateways,
        username=dialing.username,
        password=dialing.password,
        leg=dialing.leg,
    )


def _dialing_of(call: Call) -> Dialing | None:
    """How calls go to the carrier of the call's number."""
    found = CARRIERS.get(call.number.carrier) if call.number is not None else None
    return None if found is None else found.dialing()


def _leg_of(call: Call) -> LegPolicy:
    """How the call's own leg is spoken on: as its trunk wants it, or the carrier of its number."""
    if call.trunk is not None:
        return leg_policy(call.trunk)
    dialing = None if call.test or call.direction == Direction.BROWSER else _dialing_of(call)
    return LegPolicy() if dialing is None else dialing.leg


def leg_policy(trunk: Trunk) -> LegPolicy:
    """What the trunk wants of its legs, in and out."""
    return LegPolicy.model_validate(
        {"srtp": trunk.srtp, "codecs": trunk.codecs, "dtmf": trunk.dtmf, "early_media": trunk.early_media}
    )


def can_send(trunk: Trunk) -> bool:
    """Whether one more call can go out through the trunk now."""
    used = usage_of(trunk.pk)
    full = used.inbound + used.outbound >= trunk.max_concurrent_calls
    return trunk.sends_calls and not full and bool(gateways_for(trunk))
