"""REST views of files of contacts and of numbers not to call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import django_filters
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.parsers import StorableJSONParser
from apps.campaigns.importing.mapping import FIELDS, suggest, wrong_variables
from apps.campaigns.models import Campaign, Import, ImportKind, ImportState
from apps.campaigns.sandbox_only import ensure_in_reach
from apps.campaigns.services import uploads
from tenants.errors import InvalidInput, NotFound
from tenants.filters import PublicIdFilter
from tenants.rest import PrefixedIdField, Reference, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="imp_...")
CHUNK_BYTES = 256 * 1024
IMPORT_KINDS = ImportKind.choices
IMPORT_STATES = ImportState.choices


class MappingSerializer(StrictSerializer):
    """Columns by what they are: names out of `columns`; null or left out: there is none."""

    number = serializers.CharField(max_length=120, required=False, allow_null=True)
    time_zone = serializers.CharField(max_length=120, required=False, allow_null=True)
    region = serializers.CharField(max_length=120, required=False, allow_null=True)
    country = serializers.CharField(max_length=120, required=False, allow_null=True)
    external_id = serializers.CharField(max_length=120, required=False, allow_null=True)
    consent_source = serializers.CharField(max_length=120, required=False, allow_null=True)
    consent_at = serializers.CharField(max_length=120, required=False, allow_null=True)
    consent_text = serializers.CharField(max_length=120, required=False, allow_null=True)
    note = serializers.CharField(max_length=120, required=False, allow_null=True)
    variables = serializers.DictField(
        child=serializers.CharField(max_length=120),
        required=False,
        help_text="Columns by the variable's name.",
    )

    def validate_variables(self, variables: dict[str, str]) -> dict[str, str]:
        if wrong := wrong_variables(variables):
            raise serializers.ValidationError(wrong)
        return variables


class MapInput(StrictSerializer):
    mapping = MappingSerializer(
        required=False, help_text="Left out: the file is only looked at again with the encoding or delimiter."
    )
    encoding = serializers.CharField(max_length=40, required=False, help_text="When it was found wrongly.")
    delimiter = serializers.CharField(
        max_length=1, required=False, trim_whitespace=False, help_text="When it was found wrongly."
    )


class ImportUpload(StrictSerializer):
    file = serializers.FileField(help_text="CSV, plain, as .gz or alone in a .zip.")
    kind = serializers.ChoiceField(choices=IMPORT_KINDS, required=False, default=ImportKind.CONTACTS)
    campaign = Reference(Campaign, help_text="Whose contacts, or own list; without it the tenant's.")


class ImportSerializer(serializers.ModelSerializer[Import]):
    id = PrefixedIdField(Import.id_prefix, read_only=True)
    campaign = PrefixedIdField(Campaign.id_prefix, source="campaign_id", read_only=True, allow_null=True)
    kind = serializers.ChoiceField(choices=IMPORT_KINDS)
    state = serializers.ChoiceField(choices=IMPORT_STATES)
    columns = serializers.SerializerMethodField()
    preview = serializers.SerializerMethodField(help_text="The first rows below the header.")
    suggested_mapping = serializers.SerializerMethodField()
    mapping = serializers.DictField(help_text="As it was chosen; empty before.")
    progress = serializers.SerializerMethodField(help_text="How much of the file is read: 0 to 1.")
    refusals = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by why.")
    summary = serializers.SerializerMethodField(help_text="What would be, or was, imported.")
    has_report = serializers.SerializerMethodField()

    class Meta:
        model = Import
        fields = [
            "id", "kind", "campaign", "filename", "size_bytes", "encoding", "delimiter", "columns", "preview",
            "suggested_mapping", "mapping", "state", "progress", "rows", "good", "duplicates", "refused",
            "refusals", "summary", "problem", "has_report", "created_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_columns(self, row: Import) -> list[str]:
        return list(row.preview["columns"])

    def get_preview(self, row: Import) -> list[list[str]]:
        return list(row.preview["rows"])

    def get_suggested_mapping(self, row: Import) -> dict[str, Any]:
        return suggest(row.preview["columns"], kind=row.kind)

    def get_progress(self, row: Import) -> float:
        return min(1.0, row.read_bytes / row.size_bytes) if row.size_bytes else 0.0

    def get_summary(self, row: Import) -> dict[str, Any]:
        return {name: value for name, value in row.summary.items() if name != "keys"}

    def get_has_report(self, row: Import) -> bool:
        return bool(row.report_key)


class ImportFilter(django_filters.FilterSet):
    campaign = PublicIdFilter(prefix=Campaign.id_prefix, field_name="campaign_id", help_text="cmp_...")
    kind = django_filters.ChoiceFilter(choices=IMPORT_KINDS)

    class Meta:
        model = Import
        fields: list[str] = []


@extend_schema(tags=["campaigns"])
@extend_schema_view(
    list=extend_schema(
        summary="List imports", description="Newest first.", responses=ImportSerializer(many=True)
    ),
    retrieve=extend_schema(summary="Get an import", parameters=[_ID], responses=ImportSerializer),
    create=extend_schema(
        summary="Upload a file",
        description="Encoding, delimiter and columns are found at once. What cannot be imported is refused "
        "(422 `empty`, `no_header`, `too_many_columns`, `line_too_long`, `not_text`, `zip_bomb`, "
        "`not_one_file`, `damaged`, `too_large`). Nothing counts before `commit`.",
        request={"multipart/form-data": ImportUpload},
        responses={201: ImportSerializer},
    ),
)
class ImportViewSet(TenantViewSet):
    """Files on their way into a campaign, or into a do-not-call list."""

    id_prefix = Import.id_prefix
    filterset_class = ImportFilter
    required_permissions: ClassVar = {
        "list": "campaigns.read",
        "retrieve": "campaigns.read",
        "create": "campaigns.write",
        "map": "campaigns.write",
        "commit": "campaigns.write",
        "cancel": "campaigns.write",
        "report": "campaigns.read",
    }

    def get_parsers(self) -> Any:
        return [MultiPartParser()] if self.action_map.get("post") == "create" else [StorableJSONParser()]

    def list(self, request: Request) -> Response:
        return self.page(Import.objects.all(), ImportSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return self._shown(self._import())

    def create(self, request: Request) -> Response:
        given = self.checked(ImportUpload)
        file = given["file"]
        row = uploads.take_file(
            file=file, name=file.name or "", kind=ImportKind(given["kind"]), campaign=given.get("campaign")
        )
        return self._shown(row, status=201)

    @extend_schema(
        summary="Choose an import's columns",
        description="Has the file read in the background: `state` is `ready` then, or `failed`. Without "
        "`mapping` it only looks at the file again, in another encoding or with another delimiter (200): "
        "`columns`, `preview` and `suggested_mapping` are new then, and a mapping is to be chosen.",
        parameters=[_ID],
        request=MapInput,
        responses={200: ImportSerializer, 202: ImportSerializer},
        examples=[
            OpenApiExample(
                "Number and name",
                request_only=True,
                value={"mapping": {"number": "Phone", "variables": {"first_name": "First name"}}},
            ),
            OpenApiExample("Look again", request_only=True, value={"encoding": "cp1252", "delimiter": ";"}),
        ],
    )
    @action(detail=True, methods=["post"])
    def map(self, request: Request, id: str) -> Response:
        given = self.checked(MapInput)
        if "mapping" not in given:
            return self._looked_at_again(given)
        mapping = {name: given["mapping"][name] for name in FIELDS if given["mapping"].get(name)}
        mapping["variables"] = given["mapping"].get("variables", {})
        row = uploads.map_columns(
            row=self._import(),
            mapping=mapping,
            encoding=given.get("encoding", ""),
            delimiter=given.get("delimiter", ""),
        )
        return self._shown(row, status=202)

    def _looked_at_again(self, given: dict[str, Any]) -> Response:
        encoding, delimiter = given.get("encoding", ""), given.get("delimiter", "")
        if not (encoding or delimiter):
            raise InvalidInput("Say which column is what.", field="mapping", code="required")
        return self._shown(uploads.look_again(row=self._import(), encoding=encoding, delimiter=delimiter))

    @extend_schema(
        summary="Import what was read",
        description="All good rows at once, in the background; asked again it does nothing more.",
        parameters=[_ID],
        request=None,
        responses={202: ImportSerializer},
    )
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, id: str) -> Response:
        row = self._import()
        if row.campaign is not None and row.kind == ImportKind.CONTACTS:
            ensure_in_reach(row.campaign, test_key=self.principal.mode == "test")
        return self._shown(uploads.commit_import(row=row), status=202)

    @extend_schema(summary="Cancel an import", parameters=[_ID], request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        return self._shown(uploads.cancel_import(row=self._import()))

    @extend_schema(
        summary="Download what was wrong with a file",
        description="CSV: row (the header is 1), column, value, reason, detail. 404: nothing was.",
        parameters=[_ID],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        filters=False,
    )
    @action(detail=True, url_path="report.csv", pagination_class=None)
    def report(self, request: Request, id: str) -> StreamingHttpResponse:
        row = self._import()
        if not row.report_key:
            raise NotFound("Nothing was wrong with this file, or it has not been read.")
        response = StreamingHttpResponse(_file(row.report_key), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{row.public_id}-report.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _import(self) -> Import:
        return uploads.get_import(self.row_id())

    def _shown(self, row: Import, status: int = 200) -> Response:
        return Response(ImportSerializer(row).data, status=status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Import.objects.none()


async def _file(key: str) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(uploads.import_storage().open, key, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece
    finally:
        await asyncio.to_thread(file.close)
