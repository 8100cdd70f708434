"""REST views of numbers."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.numbers import selectors, services
from apps.numbers.api.serializers import CallerNameInput, NumberChanges, NumberInput, NumberSerializer
from apps.numbers.models import PhoneNumber
from apps.numbers.services.caller_names import set_caller_name
from tenants.filters import PublicIdFilter
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="num_...")
_EXAMPLES = [
    OpenApiExample("Any number of the sandbox", request_only=True, value={"carrier": "sandbox"}),
    OpenApiExample(
        "A number of your own carrier",
        request_only=True,
        value={
            "carrier": "byoc",
            "e164": "+442079460018",
            "trunk": "trk_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f",
            "agent": "agt_0192f0c8a1b27c3d8e4f5a6b7c8d9e10",
        },
    ),
]


class NumberFilter(django_filters.FilterSet):
    agent = PublicIdFilter(
        field_name="agent_id", prefix=Agent.id_prefix, help_text="Whom they reach; agt_..."
    )

    class Meta:
        model = PhoneNumber
        fields: list[str] = []


@extend_schema(tags=["numbers"])
@extend_schema_view(
    list=extend_schema(summary="List numbers", responses=NumberSerializer(many=True)),
    retrieve=extend_schema(summary="Get a number", parameters=[_ID, ETAG], responses=NumberSerializer),
    create=extend_schema(
        summary="Add a number",
        description="Of the sandbox carrier, or of your own carrier (byoc) through one of your trunks.",
        request=NumberInput,
        responses={201: NumberSerializer},
        examples=_EXAMPLES,
    ),
    partial_update=extend_schema(
        summary="Change where a number leads",
        parameters=[_ID, IF_MATCH, ETAG],
        request=NumberChanges,
        responses=NumberSerializer,
        examples=[
            OpenApiExample(
                "To an agent's published version",
                request_only=True,
                value={"agent": "agt_0192f0c8a1b27c3d8e4f5a6b7c8d9e10", "agent_version": None},
            ),
            OpenApiExample(
                "To somebody outside when no agent can answer",
                request_only=True,
                value={"fallback_number": "+442079460099", "capture_rtp": True},
            ),
        ],
    ),
    destroy=extend_schema(
        summary="Give a number back",
        description="Its calls stay. One that was ordered goes back to its carrier, and costs nothing from "
        "the next month on. 409 `in_use` while a live campaign calls from it, or an agent takes the calls of "
        "one that was ordered, unless `confirm` is the number.",
        parameters=[
            _ID,
            OpenApiParameter("confirm", str, description="The number itself, typed: it goes all the same."),
        ],
        responses={204: None},
    ),
)
class NumberViewSet(TenantViewSet):
    """Phone numbers and the agent each reaches."""

    id_prefix = PhoneNumber.id_prefix
    filterset_class = NumberFilter
    required_permissions: ClassVar = {
        "list": "numbers.read",
        "retrieve": "numbers.read",
        "create": "numbers.write",
        "partial_update": "numbers.write",
        "destroy": "numbers.write",
        "caller_name": "numbers.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_shown(), NumberSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        number = self._number()
        return self.tagged(number, NumberSerializer(number).data)

    def create(self, request: Request) -> Response:
        number = services.assign_number(**self.checked(NumberInput))
        return self.tagged(number, NumberSerializer(number).data, status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        number = self._number(lock=True)
        self.check_unchanged(number)
        number = services.update_number(number=number, **self.checked(NumberChanges))
        return self.tagged(number, NumberSerializer(number).data)

    def destroy(self, request: Request, id: str) -> Response:
        confirm = request.query_params.get("confirm", "")
        services.release_number(number=self._number(), confirm=confirm, test=self._for_tests())
        return Response(status=204)

    @extend_schema(
        summary="Set the caller name",
        description="What is shown beside the number when it calls, where networks look it up (CNAM). Its "
        "carrier decides, which may take days: see `caller_name_state`. 409 for a number of no carrier of "
        "ours.",
        parameters=[_ID, ETAG],
        request=CallerNameInput,
        responses=NumberSerializer,
        examples=[OpenApiExample("A company", request_only=True, value={"caller_name": "ACME DENTAL"})],
    )
    @action(detail=True, methods=["put"], url_path="caller-name")
    def caller_name(self, request: Request, id: str) -> Response:
        given = self.checked(CallerNameInput)
        number = set_caller_name(number=self._number(), test=self._for_tests(), **given)
        return self.tagged(number, NumberSerializer(number).data)

    def _for_tests(self) -> bool:
        return self.principal.mode == "test"

    def _number(self, *, lock: bool = False) -> PhoneNumber:
        return selectors.get_number(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return PhoneNumber.objects.none()
