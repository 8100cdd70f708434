"""REST views of test suites, their runs, and publications that wait for them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.agents.selectors import get_agent, get_version
from apps.suites import selectors
from apps.suites.api.serializers import (
    DRAFT,
    ComparisonQuery,
    ComparisonSerializer,
    PublicationSerializer,
    RunInput,
    RunSerializer,
    SuiteChanges,
    SuiteInput,
    SuiteSerializer,
    WholeRunSerializer,
)
from apps.suites.cases import case_schema
from apps.suites.compare import compare
from apps.suites.models import Publication, Suite, SuiteRun
from apps.suites.services.runs import cancel_run, start_run
from apps.suites.services.suites import change_suite, create_suite, delete_suite
from tenants.errors import InvalidInput, NotFound
from tenants.rest import ETAG, IF_MATCH, TenantViewSet
from tenants.selectors import user_of

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH)
_CASE = {
    "name": "Asks for the opening hours",
    "caller": {
        "kind": "script",
        "steps": [
            {"do": "say", "text": "What are your opening hours?"},
            {"do": "say", "text": "Thank you, goodbye."},
        ],
    },
    "assertions": [
        {"kind": "said", "text": "nine to five"},
        {"kind": "never_said", "text": "technical problem"},
        {"kind": "ended_by", "by": "agent"},
    ],
}


@extend_schema(tags=["suites"])
class AgentSuitesViewSet(TenantViewSet):
    """The suites and publications of one agent."""

    id_prefix = Agent.id_prefix
    required_permissions: ClassVar = {
        "suites": "agents.read",
        "create_suite": "agents.write",
        "publications": "agents.read",
    }

    @extend_schema(
        summary="List an agent's test suites", parameters=[_ID], responses=SuiteSerializer(many=True)
    )
    @action(detail=True)
    def suites(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_suites(self._agent()), SuiteSerializer)

    @extend_schema(
        summary="Create a test suite",
        parameters=[_ID],
        request=SuiteInput,
        responses={201: SuiteSerializer},
        examples=[
            OpenApiExample(
                "One scripted caller",
                request_only=True,
                value={"name": "Reception", "gate": True, "cases": [_CASE]},
            )
        ],
    )
    @suites.mapping.post
    def create_suite(self, request: Request, id: str) -> Response:
        suite = create_suite(agent=self._agent(), **self.checked(SuiteInput))
        return self.tagged(suite, SuiteSerializer(suite).data, status=201)

    @extend_schema(
        summary="List publications that waited for suites",
        description="Newest first.",
        parameters=[_ID],
        responses=PublicationSerializer(many=True),
    )
    @action(detail=True)
    def publications(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_publications(self._agent()), PublicationSerializer)

    def _agent(self) -> Agent:
        return get_agent(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Agent.objects.none()


@extend_schema(tags=["suites"])
@extend_schema_view(
    retrieve=extend_schema(summary="Get a test suite", parameters=[_ID, ETAG], responses=SuiteSerializer),
    partial_update=extend_schema(
        summary="Change a test suite",
        description="`cases` replaces all of them. Runs that have begun keep theirs.",
        parameters=[_ID, IF_MATCH, ETAG],
        request=SuiteChanges,
        responses=SuiteSerializer,
        examples=[OpenApiExample("Asked before publishing", request_only=True, value={"gate": True})],
    ),
    destroy=extend_schema(
        summary="Delete a test suite", description="With its runs.", parameters=[_ID], responses={204: None}
    ),
)
class SuiteViewSet(TenantViewSet):
    """Test suites: simulated callers and what must be true of their calls."""

    id_prefix = Suite.id_prefix
    required_permissions: ClassVar = {
        "retrieve": "agents.read",
        "partial_update": "agents.write",
        "destroy": "agents.write",
        "runs": "agents.read",
        "start_run": "agents.write",
        "case_schema": "agents.read",
    }

    def retrieve(self, request: Request, id: str) -> Response:
        suite = self._suite()
        return self.tagged(suite, SuiteSerializer(suite).data)

    def partial_update(self, request: Request, id: str) -> Response:
        suite = self._suite(lock=True)
        self.check_unchanged(suite)
        suite = change_suite(suite=suite, **self.checked(SuiteChanges))
        return self.tagged(suite, SuiteSerializer(suite).data)

    def destroy(self, request: Request, id: str) -> Response:
        delete_suite(suite=self._suite())
        return Response(status=204)

    @extend_schema(
        summary="List a suite's runs",
        description="Newest first.",
        parameters=[_ID],
        responses=RunSerializer(many=True),
    )
    @action(detail=True)
    def runs(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_runs(self._suite()), RunSerializer)

    @extend_schema(
        summary="Run a test suite",
        description="Against the draft as it is now, or a published version. Ask for the run until its "
        "`state` is no longer `running`. 429 while five runs of the tenant go on.",
        parameters=[_ID],
        request=RunInput,
        responses={202: RunSerializer},
        examples=[OpenApiExample("The draft", request_only=True, value={"source": "draft"})],
    )
    @runs.mapping.post
    def start_run(self, request: Request, id: str) -> Response:
        suite, source = self._suite(), self.checked(RunInput)["source"]
        version = None if source == DRAFT else _version(suite.agent, source)
        run = start_run(suite=suite, version=version, started_by=user_of(self.principal))
        return Response(RunSerializer(run).data, status=202)

    @extend_schema(summary="JSON schema of a case", responses={200: OpenApiTypes.OBJECT}, filters=False)
    @action(detail=False, url_path="case-schema", pagination_class=None)
    def case_schema(self, request: Request) -> Response:
        return Response(case_schema())

    def _suite(self, *, lock: bool = False) -> Suite:
        return selectors.get_suite(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Suite.objects.none()


@extend_schema(tags=["suites"])
class RunViewSet(TenantViewSet):
    """Runs of suites."""

    id_prefix = SuiteRun.id_prefix
    required_permissions: ClassVar = {
        "retrieve": "agents.read",
        "cancel": "agents.write",
        "comparison": "agents.read",
    }

    @extend_schema(summary="Get a run with its results", parameters=[_ID], responses=WholeRunSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(_whole(self._run()))

    @extend_schema(
        summary="Cancel a run",
        description="409 when it is over. A publication that waits for it is cancelled too.",
        parameters=[_ID],
        request=None,
        responses=RunSerializer,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        return Response(RunSerializer(cancel_run(run=self._run())).data)

    @extend_schema(
        summary="Compare a run with an earlier one",
        description="Which cases were fixed and which broken.",
        parameters=[_ID, ComparisonQuery],
        responses=ComparisonSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def comparison(self, request: Request, id: str) -> Response:
        run = self._run()
        query = ComparisonQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        before = _earlier(run, query.validated_data["before"])
        found = {"before": before, "after": run, "cases": compare(before, run)}
        return Response(ComparisonSerializer(found).data)

    def _run(self) -> SuiteRun:
        return selectors.get_run(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return SuiteRun.objects.none()


@extend_schema(tags=["suites"])
@extend_schema_view(
    retrieve=extend_schema(
        summary="Get a publication",
        description="What publishing behind gating suites has come to.",
        parameters=[_ID],
        responses=PublicationSerializer,
    )
)
class PublicationViewSet(TenantViewSet):
    """Publications that wait for gating suites."""

    id_prefix = Publication.id_prefix
    required_permissions: ClassVar = {"retrieve": "agents.read"}

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(PublicationSerializer(selectors.get_publication(self.row_id())).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Publication.objects.none()


def _whole(run: SuiteRun) -> dict[str, Any]:
    run.shown_cases = selectors.cases_of(run)  # type: ignore[attr-defined]
    return dict(WholeRunSerializer(run).data)


def _version(agent: Agent, number: int) -> Any:
    try:
        return get_version(agent, number)
    except NotFound as error:
        raise InvalidInput(error.detail, field="source", code="unknown_version") from error


def _earlier(run: SuiteRun, before: Any) -> SuiteRun:
    found = selectors.list_runs(run.suite).filter(pk=before).first()
    if found is None:
        raise InvalidInput("The suite has no such run.", field="before", code="unknown")
    return found
