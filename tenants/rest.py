"""What REST views of every layer share: public ids, strict serializers, the base of the viewsets.

Authentication, permissions, errors and pagination come from the settings' defaults, so that views of
`telephony` and `tenants` need nothing of `apps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tenants.ids import from_public, to_public
from tenants.principals import Principal


class PrefixedIdField(serializers.Field[UUID, str, str, Any]):
    """A UUID that the outside sees with its prefix: ``agt_0192f0c8...``."""

    default_error_messages = {"invalid": "An id like {example} is expected."}

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prefix = prefix

    def to_representation(self, value: UUID) -> str:
        return to_public(self.prefix, value)

    def to_internal_value(self, data: Any) -> UUID:
        try:
            return from_public(self.prefix, data if isinstance(data, str) else "")
        except ValueError:
            self.fail("invalid", example=f"{self.prefix}0192f0c8...")


class _PrefixedIdSchema(OpenApiSerializerFieldExtension):
    target_class = PrefixedIdField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.target.prefix}[0-9a-f]{{32}}$"}


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer of input that names a field it does not know instead of ignoring it."""

    def to_internal_value(self, data: Any) -> Any:
        known = {name for name, field in self.fields.items() if not field.read_only}
        if isinstance(data, Mapping):
            unknown = {k: ["Unknown field."] for k in sorted(map(str, data)) if k not in known}
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown_field")
        return super().to_internal_value(data)


class TenantViewSet(GenericViewSet[Any]):
    """Base of the viewsets: permissions by action, rows by public id, cursor pages.

    `required_permissions` maps each action to a permission of `tenants.permissions`; an action that
    is missing there is a programming error and is never served.
    """

    required_permissions: ClassVar[Mapping[str, str]] = {}
    id_prefix: ClassVar[str] = ""
    lookup_field = "id"

    @property
    def principal(self) -> Principal:
        """Whoever asks; views run only for someone."""
        return self.request.auth  # type: ignore[return-value]

    def row_id(self) -> UUID:
        """The id in the path. NotFound (404) when it has another form."""
        try:
            return from_public(self.id_prefix, self.kwargs[self.lookup_field])
        except ValueError as error:
            raise NotFound from error

    def page(self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]]) -> Response:
        """One page of `rows`, filtered as the view's `filterset_class` says."""
        found = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(
            serializer(found, many=True, context={"request": self.request}).data
        )

    def checked(self, serializer: type[serializers.BaseSerializer[Any]]) -> Any:
        """The request's body after `serializer` has checked it; 422 names what is wrong in it."""
        body = serializer(data=self.request.data, context={"request": self.request})
        body.is_valid(raise_exception=True)
        return body.validated_data
