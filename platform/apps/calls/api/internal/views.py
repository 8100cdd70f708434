"""The endpoints of the internal API. Each translates; the services decide."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.agents.trials import claim_trial
from apps.api.problems import problem_response
from apps.calls.api.internal.nodes import BadBody, answer_with, node_endpoint, own, read
from apps.calls.selectors import lost_among
from apps.calls.services.admit_call import admit_call
from apps.calls.services.captures import save_capture
from apps.calls.services.claim_call import claim_call
from apps.calls.services.reconcile import mark_missing
from apps.calls.services.record_events import record_events
from apps.calls.services.recordings import save_recording
from media_workers.contract.calls import ClaimRequest, Heartbeat, HeartbeatAnswer, InboundCall
from media_workers.contract.events import EventBatch
from media_workers.contract.signalling import SignallingReport
from media_workers.contract.trials import TrialClaim
from media_workers.contract.voices import PreviewClaim, VoicePreview
from telephony.edge.models import MediaNode
from telephony.edge.services import record_heartbeat
from telephony.edge.tickets import read_voice_ticket
from telephony.trunks.signalling import exchange
from tenants.scope import platform_scope


def ping(request: HttpRequest) -> HttpResponse:
    """204: the internal API can be reached. Asked by the reconciler; needs no token, says nothing."""
    return HttpResponse(status=204)


@node_endpoint("POST")
def inbound(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """InboundCall -> InboundAnswer: what to do with an INVITE."""
    call = read(request, InboundCall)
    own(node, call.node)
    return answer_with(admit_call(node, call))


@node_endpoint("POST")
def claim(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """ClaimRequest -> CallPlan, or 409: not yours, drop it."""
    wish = read(request, ClaimRequest)
    own(node, wish.node)
    plan = claim_call(node, call_id, wish)
    if plan is None:
        return problem_response(409, "This call is not waiting to be dialed by you.", "call_not_queued")
    return answer_with(plan)


@node_endpoint("POST")
def events(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """EventBatch -> EventAck."""
    batch = read(request, EventBatch)
    own(node, batch.node)
    if batch.call_id != call_id:
        raise BadBody("call_id: the address and the body name different calls")
    return answer_with(record_events(node, batch))


@node_endpoint("PUT")
def recording(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """A stereo WAV with its SHA-256 in `X-Content-Sha256` -> 204, stored."""
    save_recording(node, call_id, request, sha256=_announced(request))
    return HttpResponse(status=204)


@node_endpoint("PUT")
def capture(request: HttpRequest, node: MediaNode, call_id: UUID) -> HttpResponse:
    """Captured RTP as pcap, announced like a recording -> 204, stored. `X-Truncated: yes`: the oldest
    packets had to go."""
    truncated = request.headers.get("X-Truncated", "") == "yes"
    save_capture(node, call_id, request, sha256=_announced(request), truncated=truncated)
    return HttpResponse(status=204)


def _announced(request: HttpRequest) -> str:
    """The SHA-256 that the body is to have. Raises BadBody."""
    sha256 = request.headers.get("X-Content-Sha256", "").lower()
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise BadBody("X-Content-Sha256: give the SHA-256 of the body in 64 hexadecimal digits")
    return sha256


@node_endpoint("POST")
def voices_claim(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """PreviewClaim -> VoicePreview, or 409: not our ticket."""
    claim = read(request, PreviewClaim)
    try:
        preview = VoicePreview.model_validate(read_voice_ticket(claim.ticket))
    except ValueError:
        return problem_response(409, "This ticket is good for no preview.", "bad_ticket")
    return answer_with(preview)


@node_endpoint("POST")
def tools_claim(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """TrialClaim -> ToolTrial, once; 409: not our ticket."""
    trial = claim_trial(read(request, TrialClaim).ticket)
    if trial is None:
        return problem_response(409, "This ticket is good for no trial.", "bad_ticket")
    return answer_with(trial)


@node_endpoint("POST")
def heartbeat(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """Heartbeat -> HeartbeatAnswer."""
    beat = read(request, Heartbeat)
    own(node, beat.node)
    with platform_scope():
        if record_heartbeat(node, beat):
            mark_missing(node, beat.calls)
        lost = lost_among(beat.calls)
    return answer_with(HeartbeatAnswer(lost=lost))


@node_endpoint("POST")
def signalling(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """SignallingReport -> SignallingWork: registrations and gateways of trunks."""
    report = read(request, SignallingReport)
    own(node, report.node)
    return answer_with(exchange(node, report))
