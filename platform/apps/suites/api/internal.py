"""The internal API of simulations: media nodes claim cases, and tell what came of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.api.problems import problem_response
from apps.calls.api.internal.nodes import answer_with, node_endpoint, own, read
from apps.suites.services.results import claim_case, take_result
from media_workers.contract.simulation import SimulationClaim, SimulationReport
from telephony.edge.models import MediaNode


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


urlpatterns = [
    path("simulations/claim", claim),
    path("simulations/<uuid:case_id>/result", result),
]
