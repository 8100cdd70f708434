"""REST views of what is kept how long, of legal holds, purges, and people's requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.core.files.storage import storages
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.privacy.api.serializers import (
    LegalHoldInput,
    LegalHoldSerializer,
    PersonRequestInput,
    PersonRequestSerializer,
    PurgePreviewSerializer,
    PurgeSerializer,
    RetentionSerializer,
)
from apps.privacy.models import Kind, LegalHold, PersonRequest, Purge, RequestKind, RequestState
from apps.privacy.selectors import get_hold, get_purge, get_request, retention_now
from apps.privacy.services.exporting import EXPORTS
from apps.privacy.services.holds import hold, release
from apps.privacy.services.previewing import preview
from apps.privacy.services.requests import ask
from apps.privacy.services.retention import set_retention, tag_of
from tenants.audit.services import record
from tenants.errors import Conflict, NotFound
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

CHUNK_BYTES = 256 * 1024


def _id(example: str) -> OpenApiParameter:
    return OpenApiParameter("id", str, OpenApiParameter.PATH, description=example)


def _shown(kept: dict[Kind, int]) -> Response:
    days = {kind.value: kept.get(kind) for kind in Kind}
    return Response(days, headers={"ETag": tag_of(kept)})


@extend_schema(tags=["privacy"])
class RetentionViewSet(TenantViewSet):
    """How long data are kept."""

    required_permissions: ClassVar = {"retrieve": "privacy.read", "update": "privacy.write"}
    pagination_class = None

    @extend_schema(
        summary="Show how long data are kept",
        description="Days by kind; null: for as long as the workspace exists.",
        parameters=[ETAG],
        responses=RetentionSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return _shown(retention_now())

    @extend_schema(
        summary="Change how long data are kept",
        description="Kinds that are not named stay as they are. What is older goes with the next purge "
        "(every night at 2:00 UTC) and cannot be brought back: look at the preview first.",
        parameters=[IF_MATCH, ETAG],
        request=RetentionSerializer,
        responses=RetentionSerializer,
        examples=[
            OpenApiExample(
                "Recordings for a month", request_only=True, value={"recordings": 30, "transcripts": 365}
            )
        ],
    )
    def update(self, request: Request) -> Response:
        given = self.checked(RetentionSerializer)
        tag = (request.headers.get("If-Match") or "").strip()
        days = {Kind(kind): n for kind, n in given.items()}
        return _shown(set_retention(days=days, unchanged_since="" if tag == "*" else tag))


class HoldFilter(django_filters.FilterSet):
    released = django_filters.BooleanFilter(
        field_name="released_at", lookup_expr="isnull", exclude=True, help_text="Released ones, or live ones."
    )

    class Meta:
        model = LegalHold
        fields: list[str] = []


@extend_schema(tags=["privacy"])
@extend_schema_view(
    list=extend_schema(
        summary="List legal holds",
        description="The newest first, released ones too.",
        responses=LegalHoldSerializer(many=True),
    ),
    create=extend_schema(
        summary="Hold data",
        description="A call, all of a phone number, or (with neither) everything stays from now on, whatever "
        "retention, a deletion by hand or a person's request say.",
        request=LegalHoldInput,
        responses={201: LegalHoldSerializer},
        examples=[
            OpenApiExample(
                "A number in a lawsuit",
                request_only=True,
                value={
                    "name": "Case 12",
                    "reason": "The court asked for it.",
                    "phone_number": "+12025550184",
                },
            )
        ],
    ),
    retrieve=extend_schema(
        summary="Show a legal hold", parameters=[_id("lgh_...")], responses=LegalHoldSerializer
    ),
)
class HoldViewSet(TenantViewSet):
    """Legal holds."""

    id_prefix = LegalHold.id_prefix
    filterset_class = HoldFilter
    required_permissions: ClassVar = {
        "list": "privacy.read",
        "retrieve": "privacy.read",
        "create": "privacy.write",
        "release": "privacy.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(LegalHold.objects.all(), LegalHoldSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(LegalHoldSerializer(get_hold(self.row_id())).data)

    def create(self, request: Request) -> Response:
        given = self.checked(LegalHoldInput)
        row = hold(
            name=given["name"],
            reason=given["reason"],
            call=given.get("call"),
            e164=given["phone_number"],
        )
        return Response(LegalHoldSerializer(row).data, status=201)

    @extend_schema(
        summary="Release a legal hold",
        description="What it held may go, with the next purge; people's requests that it held back go on.",
        parameters=[_id("lgh_...")],
        request=None,
        responses=LegalHoldSerializer,
    )
    @action(detail=True, methods=["post"])
    def release(self, request: Request, id: str) -> Response:
        return Response(LegalHoldSerializer(release(hold_id=self.row_id())).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return LegalHold.objects.none()


@extend_schema(tags=["privacy"])
@extend_schema_view(
    list=extend_schema(
        summary="List purges",
        description="What each night's purge deleted, and its proof; the newest first.",
        responses=PurgeSerializer(many=True),
    ),
    retrieve=extend_schema(summary="Show a purge", parameters=[_id("prg_...")], responses=PurgeSerializer),
)
class PurgeViewSet(TenantViewSet):
    """Purges and their proofs."""

    id_prefix = Purge.id_prefix
    required_permissions: ClassVar = {
        "list": "privacy.read",
        "retrieve": "privacy.read",
        "preview": "privacy.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(Purge.objects.all(), PurgeSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(PurgeSerializer(get_purge(self.row_id())).data)

    @extend_schema(
        summary="Preview the next purge",
        description="What would go, with what is set now or with the days that the body names.",
        request=RetentionSerializer,
        responses=PurgePreviewSerializer,
        examples=[OpenApiExample("With 30 days", request_only=True, value={"recordings": 30})],
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        given = self.checked(RetentionSerializer)
        day = (timezone.now() + timedelta(days=1)).date()
        foreseen = preview(day=day, days={Kind(kind): n for kind, n in given.items()})
        kinds = {
            kind.value: {
                "days": one.days,
                "rows": one.figures.rows,
                "files": one.figures.files,
                "bytes": one.figures.size_bytes,
                "oldest": one.figures.oldest,
                "newest": one.figures.newest,
                "held": one.held,
            }
            for kind, one in foreseen.items()
        }
        return Response({"day": day, "kinds": kinds})

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Purge.objects.none()


class RequestFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=RequestKind.choices)
    state = django_filters.ChoiceFilter(choices=RequestState.choices)

    class Meta:
        model = PersonRequest
        fields: list[str] = []


@extend_schema(tags=["privacy"])
@extend_schema_view(
    list=extend_schema(
        summary="List people's requests",
        description="The newest first. One whose deletion is done names no number any more.",
        responses=PersonRequestSerializer(many=True),
    ),
    create=extend_schema(
        summary="Export or delete a person's data",
        description="Everything about a phone number: as a file that can be fetched for seven days, or gone "
        "for good. A deletion needs the number again in `confirm`; a number on a do-not-call list stays "
        "blocked by a digest. Answered in the background: follow `state`.",
        request=PersonRequestInput,
        responses={202: PersonRequestSerializer},
        examples=[
            OpenApiExample(
                "An export",
                request_only=True,
                value={"kind": "export", "phone_number": "+12025550184", "note": "By letter"},
            ),
            OpenApiExample(
                "A deletion",
                request_only=True,
                value={"kind": "deletion", "phone_number": "+12025550185", "confirm": "+12025550185"},
            ),
        ],
    ),
    retrieve=extend_schema(
        summary="Show a person's request", parameters=[_id("prq_...")], responses=PersonRequestSerializer
    ),
)
class RequestViewSet(TenantViewSet):
    """People's requests."""

    id_prefix = PersonRequest.id_prefix
    filterset_class = RequestFilter
    required_permissions: ClassVar = {
        "list": "privacy.read",
        "retrieve": "privacy.read",
        "create": "privacy.write",
        "file": "privacy.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(PersonRequest.objects.all(), PersonRequestSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(PersonRequestSerializer(get_request(self.row_id())).data)

    def create(self, request: Request) -> Response:
        given = self.checked(PersonRequestInput)
        row = ask(
            kind=RequestKind(given["kind"]),
            e164=given["phone_number"],
            note=given["note"],
            confirm=given.get("confirm"),
        )
        return Response(PersonRequestSerializer(row).data, status=202)

    @extend_schema(
        summary="Fetch an export",
        description="A zip: a JSON file for each kind of data, the recordings as WAV, and `manifest.json` "
        "with each file's SHA-256. 409 while it is being made, 404 of a deletion or when its time is over.",
        parameters=[_id("prq_...")],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    @action(detail=True, pagination_class=None)
    def file(self, request: Request, id: str) -> StreamingHttpResponse:
        row = get_request(self.row_id())
        if row.kind == RequestKind.EXPORT and row.ended_at is None:
            raise Conflict("The export is not made yet: wait until its state is done.", code="not_done")
        if not row.storage_key:
            raise NotFound("There is no file: it was kept for seven days, or never made. Ask again.")
        record("exported", of=row, after={"what": "a person's data"})
        response = StreamingHttpResponse(_chunks(row.storage_key), content_type="application/zip")
        response["Content-Length"] = str(row.size_bytes)
        response["Content-Disposition"] = f'attachment; filename="{row.public_id}.zip"'
        response["Cache-Control"] = "private, no-store"
        return response

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return PersonRequest.objects.none()


async def _chunks(key: str) -> AsyncIterator[bytes]:
    """The bytes, read in threads: the event loop serves everybody."""
    file = await asyncio.to_thread(storages[EXPORTS].open, key, "rb")
    try:
        while data := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield data
    finally:
        await asyncio.to_thread(file.close)
