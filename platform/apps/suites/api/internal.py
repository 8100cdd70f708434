"""The internal API of simulations: media nodes claim cases, and tell what came of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from apps.api.problems import problem_response
from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.suites.services.audio import script_for
from apps.suites.services.results import claim_case, look_up, take_result
from media_workers.contract.requests import KnowledgeQuery
from media_workers.contract.simulation import SimulationClaim, SimulationReport
from telephony.edge.models import MediaNode
from telephony.edge.tickets import BadTicket, read_phone_ticket
from tenants.selectors import bearer_token


@node_endpoint("POST")
def claim(request: HttpRequest, node: MediaNode) -> HttpResponse:
    """SimulationClaim -> SimulationPlan, or 409: not yours."""
    wish = read(request, SimulationClaim)
    own(node, wish.node)
    plan = claim_case(node, wish.ticket)
    if plan is None:
        return problem_response(409, "This case waits for nobody.", "case_not_waiting")
    return answer_with(plan)


@node_endpoint("POST")
def result(request: HttpRequest, node: MediaNode, case_id: UUID) -> HttpResponse:
    """SimulationReport -> 204."""
    report = read(request, SimulationReport)
    own(node, report.node)
    take_result(node, case_id, report)
    return HttpResponse(status=204)


@node_endpoint("POST")
def knowledge(request: HttpRequest, node: MediaNode, case_id: UUID) -> HttpResponse:
    """KnowledgeQuery -> KnowledgeAnswer, or 409: the case is not yours."""
    query = read(request, KnowledgeQuery)
    own(node, query.node)
    answer = look_up(node, case_id, query)
    if answer is None:
        return problem_response(409, "This case is not played by you.", "case_not_yours")
    return answer_with(answer)


def phone(request: HttpRequest) -> HttpResponse:
    """PhoneScript, by the ticket that came in the INVITE; the sandbox has nothing else to show."""
    try:
        script = script_for(read_phone_ticket(bearer_token(request.headers) or ""))
    except BadTicket:
        return problem_response(401, "This needs the ticket of a call.", "bad_ticket")
    if script is None:
        return problem_response(404, "Nobody is to be played in this call.", "not_found")
    return answer_with(script)


urlpatterns = [
    path("simulations/phone", require_GET(phone)),
    path("simulations/claim", claim),
    path("simulations/<uuid:case_id>/knowledge", knowledge),
    path("simulations/<uuid:case_id>/result", result),
]
