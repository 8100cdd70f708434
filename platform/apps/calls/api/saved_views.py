"""REST views of saved views."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.models import SavedView
from apps.calls.services import saved_views as services
from tenants.rest import PrefixedIdField, StrictSerializer, TenantViewSet

MAX_PARAMETERS = 30
MAX_VALUES = 50
MAX_VALUE = 200
_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="view_...")
_EXAMPLE = OpenApiExample(
    "Failed calls of real phones",
    request_only=True,
    value={
        "name": "Failed",
        "page": "calls",
        "query": {"end_reason": ["provider_failed", "node_lost"], "test": "false"},
        "shared": True,
    },
)
_QUERY_SCHEMA = {
    "type": "object",
    "maxProperties": MAX_PARAMETERS,
    "propertyNames": {"maxLength": MAX_VALUE},
    "additionalProperties": {
        "oneOf": [
            {"type": "string", "maxLength": MAX_VALUE},
            {
                "type": "array",
                "items": {"type": "string", "maxLength": MAX_VALUE},
                "maxItems": MAX_VALUES,
            },
        ]
    },
}


@extend_schema_field(_QUERY_SCHEMA)
class QueryField(serializers.Field[Any, Any, Any, Any]):
    """Query parameters: a text or a list of texts for each."""

    default_error_messages = {
        "invalid": "Give an object whose values are texts or lists of texts.",
        "too_long": f"At most {MAX_PARAMETERS} parameters of at most {MAX_VALUES} values of {MAX_VALUE} "
        "characters.",
    }

    def to_internal_value(self, data: Any) -> dict[str, str | list[str]]:
        if not isinstance(data, dict):
            self.fail("invalid")
        for value in data.values():
            if not isinstance(value, str | list):
                self.fail("invalid")
        texts = [(name, v if isinstance(v, list) else [v]) for name, v in data.items()]
        if not all(isinstance(text, str) for _, values in texts for text in values):
            self.fail("invalid")
        if len(texts) > MAX_PARAMETERS or any(
            len(values) > MAX_VALUES or max(map(len, [name, *values])) > MAX_VALUE for name, values in texts
        ):
            self.fail("too_long")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    id = PrefixedIdField(SavedView.id_prefix, read_only=True)
    query = QueryField(read_only=True)
    mine = serializers.SerializerMethodField(help_text="Whether whoever asks made it.")

    class Meta:
        model = SavedView
        fields = ["id", "name", "page", "query", "shared", "mine", "created_at", "updated_at"]
        read_only_fields = fields

    def get_mine(self, view: SavedView) -> bool:
        return view.maker_id == services.maker_of(self.context["request"].auth)


class SavedViewChanges(StrictSerializer):
    name = serializers.CharField(max_length=100, required=False)
    query = QueryField(required=False, help_text="The query parameters of the list.")
    shared = serializers.BooleanField(required=False, help_text="Whether everybody in the tenant sees it.")


class SavedViewInput(SavedViewChanges):
    name = serializers.CharField(max_length=100)
    page = serializers.ChoiceField(choices=["calls"])
    query = QueryField(help_text="The query parameters of the list.")


@extend_schema(tags=["calls"])
@extend_schema_view(
    list=extend_schema(
        summary="List saved views",
        description="One's own and the shared ones.",
        responses=SavedViewSerializer(many=True),
    ),
    retrieve=extend_schema(summary="Get a saved view", parameters=[_ID], responses=SavedViewSerializer),
    create=extend_schema(
        summary="Save a view",
        request=SavedViewInput,
        responses={201: SavedViewSerializer},
        examples=[_EXAMPLE],
    ),
    partial_update=extend_schema(
        summary="Change a saved view",
        description="A shared one can be changed by its maker, an admin or the owner.",
        parameters=[_ID],
        request=SavedViewChanges,
        responses=SavedViewSerializer,
        examples=[OpenApiExample("For everybody", request_only=True, value={"shared": True})],
    ),
    destroy=extend_schema(summary="Delete a saved view", parameters=[_ID], responses={204: None}),
)
class SavedViewViewSet(TenantViewSet):
    """Filters kept under a name."""

    id_prefix = SavedView.id_prefix
    required_permissions: ClassVar = dict.fromkeys(
        ["list", "retrieve", "create", "partial_update", "destroy"], "calls.read"
    )

    def list(self, request: Request) -> Response:
        return self.page(services.list_views(self.principal), SavedViewSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return self._answer(services.get_view(self.principal, self.row_id()))

    def create(self, request: Request) -> Response:
        view = services.create_view(principal=self.principal, **self.checked(SavedViewInput))
        return self._answer(view, status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        changes = self.checked(SavedViewChanges)
        return self._answer(services.update_view(principal=self.principal, view_id=self.row_id(), **changes))

    def destroy(self, request: Request, id: str) -> Response:
        services.delete_view(principal=self.principal, view_id=self.row_id())
        return Response(status=204)

    def _answer(self, view: SavedView, status: int = 200) -> Response:
        return Response(SavedViewSerializer(view, context={"request": self.request}).data, status=status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return SavedView.objects.none()
