"""REST views of knowledge bases, their documents, and the search in them."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import BooleanField, Case, Value, When
from django.http import HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.afterwards import Afterwards
from apps.api.pagination import CursorPagination
from apps.api.parsers import StorableJSONParser
from apps.knowledge import selectors
from apps.knowledge.api.serializers import (
    ChunkSerializer,
    DocumentInput,
    DocumentSerializer,
    DocumentUpload,
    KnowledgeAnswerSerializer,
    KnowledgeBaseChanges,
    KnowledgeBaseInput,
    KnowledgeBaseSerializer,
    KnowledgeSearchInput,
)
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.services import bases, documents
from apps.knowledge.services.searching import search
from tenants.errors import InvalidInput
from tenants.ids import from_public
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="kb_...")
_DOCUMENT = OpenApiParameter("document", str, OpenApiParameter.PATH, description="doc_...")
_DOCUMENTS = r"documents/(?P<document>[^/.]+)"
_TAKEN = [
    OpenApiExample(
        "A text",
        request_only=True,
        media_type="application/json",
        value={"title": "Opening hours", "text": "# Opening hours\n\nWe are open from nine to five."},
    ),
    OpenApiExample(
        "A page",
        request_only=True,
        media_type="application/json",
        value={"url": "https://www.example.com/returns"},
    ),
]


class _InOrder(CursorPagination):
    ordering = "position"


@extend_schema(tags=["knowledge"])
@extend_schema_view(
    list=extend_schema(summary="List knowledge bases", responses=KnowledgeBaseSerializer(many=True)),
    retrieve=extend_schema(
        summary="Get a knowledge base", parameters=[_ID, ETAG], responses=KnowledgeBaseSerializer
    ),
    create=extend_schema(
        summary="Create a knowledge base",
        request=KnowledgeBaseInput,
        responses={201: KnowledgeBaseSerializer},
        examples=[OpenApiExample("Words only", request_only=True, value={"name": "House rules"})],
    ),
    partial_update=extend_schema(
        summary="Change a knowledge base",
        parameters=[_ID, IF_MATCH, ETAG],
        request=KnowledgeBaseChanges,
        responses=KnowledgeBaseSerializer,
        examples=[OpenApiExample("Another name", request_only=True, value={"name": "House and garden"})],
    ),
    destroy=extend_schema(
        summary="Delete a knowledge base",
        description="With its documents. Refused while an agent answers from it.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class KnowledgeBaseViewSet(TenantViewSet):
    """Documents that agents answer from."""

    id_prefix = KnowledgeBase.id_prefix
    required_permissions: ClassVar = {
        "list": "agents.read",
        "retrieve": "agents.read",
        "create": "agents.write",
        "partial_update": "agents.write",
        "destroy": "agents.write",
        "search": "agents.read",
        "documents": "agents.read",
        "add_document": "agents.write",
        "document": "agents.read",
        "delete_document": "agents.write",
        "refresh": "agents.write",
        "chunks": "agents.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.with_documents(selectors.list_bases()), KnowledgeBaseSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return self._shown(self._base())

    def create(self, request: Request) -> Response:
        return self._shown(bases.create_base(**self.checked(KnowledgeBaseInput)), status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        base = self._base(lock=True)
        self.check_unchanged(base)
        changes = self.checked(KnowledgeBaseChanges)
        changed = bases.update_base(base=base, change_embedding="embedding" in changes, **changes)
        return self._shown(changed)

    def destroy(self, request: Request, id: str) -> Response:
        bases.delete_base(base=self._base())
        return Response(status=204)

    @extend_schema(
        summary="Search knowledge bases",
        description="As an agent does it: by words, and by meaning in bases with an embedding model.",
        request=KnowledgeSearchInput,
        responses=KnowledgeAnswerSerializer,
        examples=[
            OpenApiExample(
                "A caller's question",
                request_only=True,
                value={"bases": ["kb_0192f0c8a1b27c3d8e4f5a6b7c8d9e0f"], "query": "When are you open?"},
            )
        ],
        filters=False,
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def search(self, request: Request) -> HttpResponse:
        asked = self.checked(KnowledgeSearchInput)
        known = selectors.known_bases(asked["bases"])
        for place, base_id in enumerate(asked["bases"]):
            if base_id not in known:
                raise InvalidInput("There is no such knowledge base.", field=f"bases.{place}", code="unknown")
        return Afterwards(partial(_found, self.principal.tenant_id, asked))

    @extend_schema(
        summary="List documents",
        description="Newest first.",
        parameters=[_ID],
        responses=DocumentSerializer(many=True),
    )
    @action(detail=True, parser_classes=[StorableJSONParser, MultiPartParser])
    def documents(self, request: Request, id: str) -> Response:
        return self.page(selectors.list_documents(self._base()), DocumentSerializer)

    @extend_schema(
        summary="Add a document",
        description="A file as `multipart/form-data`, or as JSON a text or the address of a page. It is read "
        "in the background: `state` tells when it is found. What cannot be read is refused (422 `encrypted`, "
        "`not_pdf`, `not_docx`, `not_text`, `no_text`, `empty`, `damaged`, `too_large`, `unknown_kind`, "
        "`private_address`) as far as it can be told at once; otherwise `problem` says it.",
        parameters=[_ID],
        request={"application/json": DocumentInput, "multipart/form-data": DocumentUpload},
        responses={201: DocumentSerializer},
        examples=_TAKEN,
    )
    @documents.mapping.post
    def add_document(self, request: Request, id: str) -> Response:
        base = self._base()
        if request.content_type.startswith("multipart/"):
            given = self.checked(DocumentUpload)
            file = given["file"]
            document = documents.add_file(
                base=base,
                name=file.name,
                data=file.read(),
                content_type=file.content_type or "",
                title=given["title"],
            )
        else:
            given = self.checked(DocumentInput)
            add = documents.add_text if "text" in given else documents.add_url
            document = add(base=base, **given)
        return Response(DocumentSerializer(document).data, status=201)

    @extend_schema(summary="Get a document", parameters=[_ID, _DOCUMENT], responses=DocumentSerializer)
    @action(detail=True, url_path=_DOCUMENTS)
    def document(self, request: Request, id: str, document: str) -> Response:
        return Response(DocumentSerializer(self._document()).data)

    @extend_schema(summary="Delete a document", parameters=[_ID, _DOCUMENT], responses={204: None})
    @document.mapping.delete
    def delete_document(self, request: Request, id: str, document: str) -> Response:
        documents.delete_document(document=self._document())
        return Response(status=204)

    @extend_schema(
        summary="List a document's pieces",
        description="As agents are given them, in their order.",
        parameters=[_ID, _DOCUMENT],
        responses=ChunkSerializer(many=True),
    )
    @action(detail=True, url_path=rf"{_DOCUMENTS}/chunks", pagination_class=_InOrder)
    def chunks(self, request: Request, id: str, document: str) -> Response:
        embedded = Case(
            When(embedding__isnull=False, then=Value(True)), default=False, output_field=BooleanField()
        )
        rows = selectors.list_chunks(self._document()).annotate(embedded=embedded)
        return self.page(rows, ChunkSerializer)

    @extend_schema(
        summary="Fetch a page again",
        description="Until it has been read, its old text is found.",
        parameters=[_ID, _DOCUMENT],
        request=None,
        responses=DocumentSerializer,
    )
    @action(detail=True, methods=["post"], url_path=rf"{_DOCUMENTS}/refresh")
    def refresh(self, request: Request, id: str, document: str) -> Response:
        return Response(DocumentSerializer(documents.refresh(document=self._document())).data)

    def _base(self, *, lock: bool = False) -> KnowledgeBase:
        return selectors.get_base(self.row_id(), lock=lock)

    def _document(self) -> Document:
        try:
            document_id = from_public(Document.id_prefix, self.kwargs["document"])
        except ValueError:
            document_id = UUID(int=0)
        return selectors.get_document(document_id, base=self._base())

    def _shown(self, base: KnowledgeBase, status: int = 200) -> Response:
        return self.tagged(base, KnowledgeBaseSerializer(base).data, status=status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return KnowledgeBase.objects.none()


def _found(tenant_id: UUID, asked: dict[str, Any]) -> HttpResponse:
    answer = search(tenant_id, asked["bases"], asked["query"], limit=asked["limit"])
    return JsonResponse(KnowledgeAnswerSerializer(answer).data)
