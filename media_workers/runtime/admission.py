"""An INVITE until the control plane has decided about it, and how it is turned away."""

from __future__ import annotations

import re

from media_workers.contract.calls import CallPlan, InboundCall, Rejection
from media_workers.runtime import logs
from media_workers.runtime.call import RETRY_AFTER_S
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.dialing import CLEAR_S, first
from media_workers.runtime.leg_port import LegPort
from media_workers.sip.message import custom_headers, user_of
from media_workers.sip.types import Invite, Leg

FINAL = ("X-Trunkline-Final", "yes")
"""Tells the edge that another line would say the same; it keeps this to itself."""


def _unavailable(detail: str) -> Rejection:
    return Rejection(
        sip_code=503, sip_reason="Service Unavailable", detail=detail, retry_after_s=RETRY_AFTER_S
    )


BUSY = _unavailable("All places are taken.")
DRAINING = _unavailable("The node is stopping.")
NO_CONTROL = _unavailable("The control plane does not answer.")
NOT_UNDERSTOOD = Rejection(
    sip_code=400, sip_reason="Bad Request", detail="The control plane cannot read this request."
)

_SLUG = re.compile(r"(?=.*[a-z])[a-z0-9-]{1,33}-[a-z0-9]{6}")
"""As the control plane makes them (`telephony.trunks.models.new_slug`)."""

HERE_ONLY = (BUSY, DRAINING, NO_CONTROL)
"""What another line, or another node, may decide otherwise."""


def describe(invite: Invite, *, node: str, line: int, sip_domain: str) -> InboundCall:
    """What the control plane is told of an INVITE.

    A carrier where we are registered calls the contact we gave it, whose user is the trunk's slug; whom
    the call is for stands in P-Called-Party-ID (RFC 7315) or To then.
    """
    hint, dialed = trunk_hint(invite.request_uri, sip_domain), invite.dialed_number
    if not hint and _SLUG.fullmatch(dialed):
        called = invite.headers.get("p-called-party-id") or invite.headers.get("to", "")
        hint, dialed = dialed, user_of(called)
    return InboundCall(
        node=node,
        line=line,
        source_address=invite.source_address,
        source_port=invite.source_port,
        transport=invite.transport,
        request_uri=invite.request_uri,
        dialed_number=dialed,
        caller=invite.caller,
        trunk_hint=hint,
        authenticated_as=invite.authenticated_as,
        edge=invite.edge,
        headers=custom_headers(invite.headers),
        srtp_offered=invite.srtp_offered,
        sip_call_id=invite.sip_call_id,
    )


def trunk_hint(request_uri: str, sip_domain: str) -> str:
    """The trunk that the Request-URI names (`sip:<number>@<slug>.<sip_domain>`), or ""."""
    host = re.split("[:;?>]", request_uri.partition(":")[2].rpartition("@")[2])[0].lower().rstrip(".")
    slug, dot, domain = host.partition(".")
    return slug if dot and domain == sip_domain else ""


async def ask(control: ControlPlane, call: InboundCall) -> CallPlan | Rejection:
    """The plan of an admitted call, or how to reject it; never raises."""
    log = logs.get().bind(sip_call_id=call.sip_call_id)
    try:
        answer = await control.inbound(call)
    except ControlPlaneDown as error:
        log.warning("inbound_not_decided", error=str(error))
        return NO_CONTROL
    except ControlPlaneRefused as error:
        log.error("inbound_not_understood", error=str(error))
        return NOT_UNDERSTOOD
    if answer.plan is not None:
        return answer.plan
    return answer.rejection or NO_CONTROL


def reject(leg: Leg, rejection: Rejection, *, final: bool = False) -> None:
    """Says no, in the words of `rejection`. `final`: an edge need not ask another line."""
    headers = dict([FINAL]) if final else {}
    if rejection.retry_after_s is not None:
        headers["Retry-After"] = str(rejection.retry_after_s)
    leg.reject(rejection.sip_code, rejection.sip_reason, headers)


async def turn_away(leg: Leg, port: LegPort, invite: Invite, rejection: Rejection) -> None:
    """Rejects, and returns when the leg is gone."""
    logs.get().info(
        "call_rejected",
        sip_call_id=invite.sip_call_id,
        sip_code=rejection.sip_code,
        detail=rejection.detail,
    )
    final = bool(invite.edge) and rejection not in HERE_ONLY
    reject(leg, rejection, final=final)
    await first(port.ended, timeout_s=CLEAR_S)
