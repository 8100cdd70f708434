"""REST views of what compares an agent's versions: differences, and a share of the calls for one of them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents import selectors, services
from apps.agents.differences import differences
from apps.agents.models import Agent
from tenants.errors import InvalidInput, NotFound
from tenants.rest import StrictSerializer, TenantViewSet

DRAFT = "draft"
_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="agt_...")
_SIDE = "The number of a version, or `draft`."


@extend_schema_field(OpenApiTypes.ANY)
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """A value as it stands in the configuration."""

    def to_representation(self, value: Any) -> Any:
        return value


class TextLineSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["same", "removed", "added"])
    line = serializers.CharField()


class ConfigChangeSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="Dotted; tools and other parts with a name go by it.")
    before = AnyField(help_text="Null: there was nothing.")
    after = AnyField(help_text="Null: there is nothing.")
    text = TextLineSerializer(many=True, allow_null=True, help_text="Of a long text, line by line.")


class DifferenceSerializer(serializers.Serializer[Any]):
    before = serializers.CharField(help_text=_SIDE)
    after = serializers.CharField(help_text=_SIDE)
    changes = ConfigChangeSerializer(many=True)


class SplitInput(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=999_999_999, help_text="A published version.")
    percent = serializers.IntegerField(min_value=1, max_value=99, help_text="Its share of the calls.")


class SplitSerializer(serializers.Serializer[Agent]):
    published = serializers.IntegerField(
        source="published_version.number", default=None, allow_null=True, help_text="Takes the other calls."
    )
    number = serializers.IntegerField(
        source="split_version.number", default=None, allow_null=True, help_text="Null: calls are not split."
    )
    percent = serializers.IntegerField(source="split_percent")
    since = serializers.DateTimeField(source="split_since", allow_null=True)


@extend_schema(tags=["agents"])
class ComparingViewSet(TenantViewSet):
    """An agent's versions beside each other."""

    id_prefix = Agent.id_prefix
    required_permissions: ClassVar = {
        "diff": "agents.read",
        "split": "agents.read",
        "put_split": "agents.write",
        "delete_split": "agents.write",
    }

    @extend_schema(
        summary="Compare two versions",
        description="What leads from one to the other, place by place. Keys and secrets are not looked at.",
        parameters=[
            _ID,
            OpenApiParameter("from", str, description=f"{_SIDE} Left out: the published one."),
            OpenApiParameter("to", str, description=f"{_SIDE} Left out: the draft."),
        ],
        responses=DifferenceSerializer,
        filters=False,
    )
    @action(detail=True, url_path="versions/diff", pagination_class=None)
    def diff(self, request: Request, id: str) -> Response:
        agent = self._agent()
        published = agent.published_version.number if agent.published_version else DRAFT
        before = request.query_params.get("from", str(published))
        after = request.query_params.get("to", DRAFT)
        changes = differences(_config(agent, before, "from"), _config(agent, after, "to"))
        return Response(DifferenceSerializer({"before": before, "after": after, "changes": changes}).data)

    @extend_schema(summary="Get the split of the calls", parameters=[_ID], responses=SplitSerializer)
    @action(detail=True, pagination_class=None)
    def split(self, request: Request, id: str) -> Response:
        return Response(SplitSerializer(self._agent()).data)

    @extend_schema(
        summary="Split the calls between two versions",
        description="`percent` of the calls get version `number`, the others the published one; the same "
        "other party always gets the same one. Calls that a number or the API pins are left alone. "
        "Publishing and rolling back end it.",
        parameters=[_ID],
        request=SplitInput,
        responses=SplitSerializer,
        examples=[OpenApiExample("A fifth", request_only=True, value={"number": 1, "percent": 20})],
    )
    @split.mapping.put
    def put_split(self, request: Request, id: str) -> Response:
        agent = services.split_calls(agent=self._agent(), **self.checked(SplitInput))
        return Response(SplitSerializer(agent).data)

    @extend_schema(summary="End the split of the calls", parameters=[_ID], responses={204: None})
    @split.mapping.delete
    def delete_split(self, request: Request, id: str) -> Response:
        services.end_split(agent=self._agent())
        return Response(status=204)

    def _agent(self) -> Agent:
        return selectors.get_agent(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Agent.objects.none()


def _config(agent: Agent, side: str, field: str) -> dict[str, Any]:
    """The configuration of a side. InvalidInput when there is none such."""
    if side == DRAFT:
        return agent.draft  # type: ignore[no-any-return]
    if not side.isascii() or not side.isdigit() or len(side) > 9:
        raise InvalidInput("Give the number of a version, or `draft`.", field=field)
    try:
        return selectors.get_version(agent, int(side)).config  # type: ignore[no-any-return]
    except NotFound as error:
        raise InvalidInput(error.detail, field=field, code="unknown_version") from error
