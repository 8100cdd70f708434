"""REST views of agents."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents import selectors, services
from apps.agents.api.serializers import (
    AgentChanges,
    AgentInput,
    AgentSerializer,
    CheckInput,
    ConfigCheckSerializer,
    DuplicateInput,
    FlowCheckInput,
    FlowCheckSerializer,
    HeldPublicationSerializer,
    NewVersionSerializer,
    PublishInput,
    RollBackInput,
    TemplateListSerializer,
    TestedVersionSerializer,
    VersionSerializer,
)
from apps.agents.api.tools import ToolActions
from apps.agents.checks import Remark
from apps.agents.configuration import config_schema
from apps.agents.models import Agent
from apps.agents.templates import templates
from media_workers.contract.agent import AgentConfig
from tenants.errors import NotAllowed
from tenants.permissions import Role
from tenants.rest import ETAG, IF_MATCH, TenantViewSet
from tenants.selectors import user_of

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="agt_...")
_NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH)
_EXAMPLE = OpenApiExample(
    "A scripted receptionist",
    request_only=True,
    value={
        "name": "Reception",
        "config": {
            "first_message": "Hello, how can I help you?",
            "model": {
                "provider": "script",
                "nodes": {
                    "start": {
                        "expect": [
                            {
                                "phrases": ["[what are your] opening hours"],
                                "reply": "We are open from nine to five. Goodbye.",
                                "action": "end_call",
                            }
                        ]
                    }
                },
            },
        },
    },
)


class AgentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=200, help_text="Part of the name."
    )

    class Meta:
        model = Agent
        fields: list[str] = []


@extend_schema(tags=["agents"])
@extend_schema_view(
    list=extend_schema(summary="List agents", responses=AgentSerializer(many=True)),
    retrieve=extend_schema(summary="Get an agent", parameters=[_ID, ETAG], responses=AgentSerializer),
    create=extend_schema(
        summary="Create an agent", request=AgentInput, responses={201: AgentSerializer}, examples=[_EXAMPLE]
    ),
    partial_update=extend_schema(
        summary="Change an agent's name or draft",
        description="Calls are not affected until the draft is published.",
        parameters=[_ID, IF_MATCH, ETAG],
        request=AgentChanges,
        responses=AgentSerializer,
        examples=[OpenApiExample("Another name", request_only=True, value={"name": "Night reception"})],
    ),
    destroy=extend_schema(
        summary="Delete an agent",
        description="Refused while a number reaches it. Its calls stay.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class AgentViewSet(ToolActions, TenantViewSet):
    """Agents: a draft to work on and the published version that takes calls."""

    id_prefix = Agent.id_prefix
    filterset_class = AgentFilter
    required_permissions: ClassVar = {
        "list": "agents.read",
        "retrieve": "agents.read",
        "create": "agents.write",
        "partial_update": "agents.write",
        "destroy": "agents.write",
        "publish": "agents.write",
        "rollback": "agents.write",
        "versions": "agents.read",
        "version": "agents.read",
        "config_schema": "agents.read",
        "templates": "agents.read",
        "duplicate": "agents.write",
        "check": "agents.read",
        "try_tool": "agents.write",
        "list_tools": "agents.write",
        "flow_check": "agents.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_agents(), AgentSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        agent = self._agent()
        return self.tagged(agent, AgentSerializer(agent).data)

    def create(self, request: Request) -> Response:
        agent = services.create_agent(**self.checked(AgentInput), created_by=user_of(self.principal))
        return self.tagged(agent, AgentSerializer(agent).data, status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        agent = self._agent(lock=True)
        self.check_unchanged(agent)
        agent = services.update_draft(agent=agent, **self.checked(AgentChanges))
        return self.tagged(agent, AgentSerializer(agent).data)

    def destroy(self, request: Request, id: str) -> Response:
        services.archive_agent(agent=self._agent())
        return Response(status=204)

    @extend_schema(
        summary="Duplicate an agent",
        description="The copy has the draft and its key, and no version yet.",
        parameters=[_ID],
        request=DuplicateInput,
        responses={201: AgentSerializer},
        examples=[
            OpenApiExample("To try something", request_only=True, value={"name": "Reception, shorter"})
        ],
    )
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, id: str) -> Response:
        agent = services.duplicate_agent(agent=self._agent(), **self.checked(DuplicateInput))
        return self.tagged(agent, AgentSerializer(agent).data, status=201)

    @extend_schema(
        summary="Publish the draft",
        parameters=[_ID, IF_MATCH],
        request=PublishInput,
        description="Refused (`no_key`) while it names a vendor of which neither the tenant nor the platform "
        "has a key. 202 while the agent has gating test suites: the draft is published once it has passed "
        "them (`/publications/{id}`).",
        responses={201: NewVersionSerializer, 202: HeldPublicationSerializer},
        examples=[OpenApiExample("With a note", request_only=True, value={"note": "New opening hours"})],
    )
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, id: str) -> Response:
        agent = self._agent(lock=True)
        self.check_unchanged(agent)
        wish, by = self.checked(PublishInput), user_of(self.principal)
        if wish["skip_suites"] and self.principal.role != Role.OWNER:
            raise NotAllowed("Only owners, in person, may leave out the suites.", field="skip_suites")
        held = services.hold_publication(agent=agent, note=wish["note"], by=by, skip=wish["skip_suites"])
        if held is not None:
            return Response(held, status=202)
        version = services.publish(agent=agent, created_by=by, note=wish["note"])
        _, worth_a_look = services.review(AgentConfig.model_validate(version.config))
        version.warnings = _told(worth_a_look)  # type: ignore[attr-defined]
        return Response(NewVersionSerializer(version).data, status=201)

    @extend_schema(
        summary="Check a configuration",
        description="Nothing is stored. 422 names what no agent can be saved with; `warnings` what keeps it "
        "from being published (`no_key`), and what is worth a look.",
        request=CheckInput,
        responses=ConfigCheckSerializer,
        examples=[
            OpenApiExample(
                "A model of Anthropic's",
                request_only=True,
                value={"config": {"model": {"provider": "anthropic", "model": "claude-haiku-4-5"}}},
            )
        ],
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def check(self, request: Request) -> Response:
        missing, worth_a_look = services.review(self.checked(CheckInput)["config"])
        return Response({"warnings": _told([*missing, *worth_a_look])})

    @extend_schema(
        summary="Check a flow",
        description="As the draft would be saved with it; nothing is stored. `problems` keep it from being "
        "saved, `warnings` are worth a look.",
        parameters=[_ID],
        request=FlowCheckInput,
        responses=FlowCheckSerializer,
        examples=[
            OpenApiExample(
                "Without a way out",
                request_only=True,
                value={
                    "flow": {
                        "start": "ask",
                        "nodes": {
                            "ask": {
                                "kind": "collect",
                                "ask": "What is your order number?",
                                "save_as": "order",
                                "type": "digits",
                                "edges": [{"goto": "ask"}],
                            }
                        },
                    }
                },
            )
        ],
    )
    @action(detail=True, methods=["post"], url_path="flow/check")
    def flow_check(self, request: Request, id: str) -> Response:
        problems, warnings = services.review_flow(agent=self._agent(), **self.checked(FlowCheckInput))
        return Response({"problems": _placed(problems), "warnings": _placed(warnings)})

    @extend_schema(
        summary="Roll back to an older version",
        parameters=[_ID],
        request=RollBackInput,
        responses={200: VersionSerializer},
        examples=[OpenApiExample("To the first version", request_only=True, value={"number": 1})],
    )
    @action(detail=True, methods=["post"])
    def rollback(self, request: Request, id: str) -> Response:
        version = services.roll_back(agent=self._agent(), **self.checked(RollBackInput))
        return Response(VersionSerializer(version).data)

    @extend_schema(
        summary="List published versions", parameters=[_ID], responses=VersionSerializer(many=True)
    )
    @action(detail=True, filterset_class=None)
    def versions(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_versions(self._agent()), VersionSerializer)

    @extend_schema(
        summary="Get a published version", parameters=[_ID, _NUMBER], responses=TestedVersionSerializer
    )
    @action(detail=True, url_path=r"versions/(?P<number>[0-9]{1,9})")
    def version(self, request: Request, id: str, number: str) -> Response:
        return Response(TestedVersionSerializer(selectors.get_version(self._agent(), int(number))).data)

    @extend_schema(
        summary="JSON schema of a configuration", responses={200: OpenApiTypes.OBJECT}, filters=False
    )
    @action(detail=False, url_path="config-schema", pagination_class=None)
    def config_schema(self, request: Request) -> Response:
        return Response(config_schema())

    @extend_schema(
        summary="List templates of agents",
        description="Configurations to begin with.",
        responses=TemplateListSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def templates(self, request: Request) -> Response:
        return Response({"results": templates()})

    def _agent(self, *, lock: bool = False) -> Agent:
        return selectors.get_agent(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Agent.objects.none()


def _placed(remarks: list[Remark]) -> list[dict[str, str]]:
    return [{"path": r.place, "code": r.code, "detail": r.detail} for r in remarks]


def _told(remarks: list[Remark]) -> list[dict[str, str]]:
    return [{"field": f"config.{r.place}", "code": r.code, "detail": r.detail} for r in remarks]
