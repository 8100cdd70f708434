"""What REST views of every layer share: public ids, strict serializers, the base of the viewsets.

Authentication, permissions, errors and pagination come from the settings' defaults, so that views of
`telephony` and `tenants` need nothing of `apps`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tenants.audit.selectors import last_entry_of
from tenants.errors import Stale
from tenants.ids import from_public, to_public
from tenants.models import TenantModel, Timed, User
from tenants.principals import Principal

M = TypeVar("M", bound=models.Model)

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what was read: 412 when somebody else has changed it meanwhile.",
)
"""For the document: a change that looks at `If-Match` (`ApiViewSet.check_unchanged`)."""

ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200], description="Of this state; give it as `If-Match`."
)
"""For the document: an answer of `ApiViewSet.tagged`."""


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


class Reference(PrefixedIdField):
    """The public id of another of the tenant's rows; the validated value is the row."""

    default_error_messages = {"unknown": "There is no such {what}."}

    def __init__(self, model: type[TenantModel], **kwargs: Any) -> None:
        super().__init__(model.id_prefix, required=False, allow_null=True, **kwargs)
        self.model = model

    def to_internal_value(self, data: Any) -> Any:
        row_id = super().to_internal_value(data)
        row = self.model._default_manager.filter(pk=row_id).first()
        if row is None or getattr(row, "archived_at", None) is not None:
            self.fail("unknown", what=self.model._meta.verbose_name)
        return row


class _PrefixedIdSchema(OpenApiSerializerFieldExtension):
    target_class = PrefixedIdField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.target.prefix}[0-9a-f]{{32}}$"}


class UtcTimeField(serializers.DateTimeField):
    """A time that is in UTC already, as PostgreSQL gives it, without DRF's slow way to convert nothing."""

    def to_representation(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is UTC:
            return value.isoformat().replace("+00:00", "Z")
        return super().to_representation(value)


class RowSerializer(serializers.ModelSerializer[M]):
    """A ModelSerializer for long lists: what a field reads, and how it shows it, is found out once for all
    rows. DRF asks anew for each field of each row, which is most of the time of such a list."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateTimeField: UtcTimeField
    }

    def to_representation(self, instance: M) -> dict[str, Any]:
        return {name: show(instance) for name, show in self._shows}

    @cached_property
    def _shows(self) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(str(field.field_name), self._show(field)) for field in self._readable_fields]

    def _show(self, field: serializers.Field[Any, Any, Any, Any]) -> Callable[[Any], Any]:
        if isinstance(field, serializers.SerializerMethodField):
            return getattr(self, str(field.method_name))  # type: ignore[no-any-return]
        represent, source = field.to_representation, str(field.source)

        def show(row: Any) -> Any:
            value = getattr(row, source, None)  # a related row that is not there has no attribute
            return None if value is None else represent(value)

        return show


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer of input that names a field it does not know instead of ignoring it."""

    def to_internal_value(self, data: Any) -> Any:
        known = {name for name, field in self.fields.items() if not field.read_only}
        if isinstance(data, Mapping):
            unknown = {k: ["Unknown field."] for k in sorted(map(str, data)) if k not in known}
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown_field")
        return super().to_internal_value(data)


def etag_of(row: Timed) -> str:
    """The strong entity tag (RFC 9110, section 8.8.3) of a row whose every change moves `updated_at`."""
    return f'"{int(row.updated_at.timestamp() * 1_000_000):x}"'


class ApiViewSet(GenericViewSet[Any]):
    """What the viewsets share: permissions by action, rows by public id, cursor pages.

    `required_permissions` maps each action to a permission or an `Access` of `tenants.permissions`; an
    action that is missing there is a programming error and is never served. Those of `in_person` are
    refused to API keys, whatever their scopes.
    """

    required_permissions: ClassVar[Mapping[str, str]] = {}
    in_person: ClassVar[frozenset[str]] = frozenset()
    id_prefix: ClassVar[str] = ""
    lookup_field = "id"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After DRF has looked at credentials, permission and limits: an answer that is known already
        (`apps.api.idempotency`) is given instead of the action's."""
        super().initial(request, *args, **kwargs)
        replay = getattr(request._request, "replay", None)
        if replay is not None:
            setattr(self, str(request.method).lower(), lambda *_, **__: replay)

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

    def check_unchanged(self, row: Timed) -> None:
        """Stale (412) unless the request's `If-Match` names this state of `row`; without the header nothing.

        `row` is locked, so that nobody comes between this and the change.
        """
        wanted = self.request.headers.get("If-Match")
        if wanted is None or wanted.strip() == "*":
            return
        if etag_of(row) not in [tag.strip() for tag in wanted.split(",")]:
            last = last_entry_of(row)
            raise Stale(
                "Somebody else has changed this meanwhile: read it again, then repeat your change.",
                updated_by=last.actor_label if last else "",
                updated_at=row.updated_at.isoformat(),
            )

    @staticmethod
    def tagged(row: Timed, data: Any, status: int = 200) -> Response:
        """The answer that shows `row`, with its entity tag."""
        return Response(data, status=status, headers={"ETag": etag_of(row)})


class TenantViewSet(ApiViewSet):
    """Base of the viewsets of a tenant's things; they run in its scope."""

    @property
    def principal(self) -> Principal:
        """Whoever asks; views run only for someone."""
        return self.request.auth  # type: ignore[return-value]


class PersonViewSet(ApiViewSet):
    """Base of the viewsets about the person who is logged in; they run outside any tenant's scope.

    X-Tenant means nothing to them, and API keys have no person: they get 403.
    """

    @property
    def user(self) -> User:
        """Whoever is logged in; not for actions that anybody may use."""
        return self.request.auth.user  # type: ignore[no-any-return]
