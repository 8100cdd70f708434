"""REST views of the catalogue and of a tenant's own keys."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.afterwards import Afterwards
from apps.vendors import catalog, selectors, services
from apps.vendors.api.serializers import (
    KEY_NAMES,
    CatalogQuery,
    CatalogSerializer,
    VendorKeyCheckSerializer,
    VendorKeyInput,
    VendorKeySerializer,
)
from apps.vendors.asking import ask
from apps.vendors.models import VendorKey
from media_workers.contract.vendors import Credential
from tenants.permissions import Access
from tenants.rest import TenantViewSet
from tenants.scope import tenant_scope

_VENDOR = OpenApiParameter("vendor", str, OpenApiParameter.PATH, enum=KEY_NAMES)


@extend_schema(tags=["vendors"])
@extend_schema_view(
    list=extend_schema(
        operation_id="catalog_retrieve",
        summary="List vendors, models and voices",
        description="What there is to choose from, with list prices, languages, whose key calls take, and "
        "what the tenant's own turns of the last 7 days took.",
        parameters=[CatalogQuery],
        responses=CatalogSerializer,
        filters=False,
    )
)
class CatalogViewSet(TenantViewSet):
    """What there is to choose from."""

    required_permissions: ClassVar = {"list": Access.MEMBER}
    pagination_class = None

    def list(self, request: Request) -> Response:
        asked = CatalogQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        found = {"vendors": catalog.sellers(), "offers": catalog.offers(**asked.validated_data)}
        return Response(CatalogSerializer(found).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return VendorKey.objects.none()


@extend_schema(tags=["vendors"])
@extend_schema_view(
    list=extend_schema(
        summary="List own vendor keys",
        description="Of vendors without one, calls take the platform's key where there is one.",
        responses=VendorKeySerializer(many=True),
    ),
    retrieve=extend_schema(
        summary="Get an own vendor key", parameters=[_VENDOR], responses=VendorKeySerializer
    ),
    update=extend_schema(
        summary="Set an own vendor key",
        description="Calls that begin from now on take it, and the tenant pays the vendor. It is stored "
        "encrypted and never shown. What is left out is empty then, but for the key itself.",
        parameters=[_VENDOR],
        request=VendorKeyInput,
        responses={200: VendorKeySerializer, 201: VendorKeySerializer},
        examples=[
            OpenApiExample(
                "In a region of the vendor's",
                request_only=True,
                value={"api_key": "the key as the vendor shows it", "region": "westeurope"},
            )
        ],
    ),
    destroy=extend_schema(
        summary="Delete an own vendor key",
        description="Calls that begin from now on take the platform's key, where there is one.",
        parameters=[_VENDOR],
        responses={204: None},
    ),
)
class VendorKeyViewSet(TenantViewSet):
    """The tenant's own keys at vendors."""

    lookup_field = "vendor"
    lookup_value_regex = "[a-z0-9_]+"
    required_permissions: ClassVar = {
        "list": "keys.read",
        "retrieve": "keys.read",
        "update": "keys.write",
        "destroy": "keys.write",
        "check": "keys.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_keys(), VendorKeySerializer)

    def retrieve(self, request: Request, vendor: str) -> Response:
        return Response(VendorKeySerializer(selectors.get_key(vendor)).data)

    def update(self, request: Request, vendor: str) -> Response:
        key, new = services.put_key(vendor=vendor, **self.checked(VendorKeyInput))
        return Response(VendorKeySerializer(key).data, status=201 if new else 200)

    def destroy(self, request: Request, vendor: str) -> Response:
        services.delete_key(vendor=vendor)
        return Response(status=204)

    @extend_schema(
        summary="Check an own vendor key",
        description="Asks the vendor for something that costs nothing, and tells what it said.",
        parameters=[_VENDOR],
        request=None,
        responses=VendorKeyCheckSerializer,
    )
    @action(detail=True, methods=["post"])
    def check(self, request: Request, vendor: str) -> HttpResponse:
        credential = selectors.credential_of(selectors.get_key(vendor))
        return Afterwards(partial(_asked, self.principal.tenant_id, credential))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return VendorKey.objects.none()


def _asked(tenant_id: UUID, credential: Credential) -> HttpResponse:
    answer = ask(credential)
    with tenant_scope(tenant_id):
        if answer.ok:
            services.note_success(vendor=credential.vendor)
        elif answer.ok is False:
            services.note_error(vendor=credential.vendor, error=answer.words, at=timezone.now())
    return JsonResponse(asdict(answer))
