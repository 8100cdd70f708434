"""REST views of the audit log."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.audit.api.filters import AuditFilter
from tenants.audit.api.serializers import AuditEntrySerializer
from tenants.audit.export import csv_of
from tenants.audit.models import AuditEntry
from tenants.audit.selectors import list_entries
from tenants.audit.services import record
from tenants.models import Tenant
from tenants.rest import TenantViewSet
from tenants.streaming import ExportSlot


@extend_schema(tags=["audit"])
@extend_schema_view(
    list=extend_schema(
        summary="Search the audit log",
        description="Every change, login and export: who, from where, what was before and after.",
        responses=AuditEntrySerializer(many=True),
    )
)
class AuditViewSet(TenantViewSet):
    """Who changed what."""

    id_prefix = AuditEntry.id_prefix
    filterset_class = AuditFilter
    required_permissions: ClassVar = {"list": "audit.read", "export": "audit.read"}

    def list(self, request: Request) -> Response:
        return self.page(list_entries(), AuditEntrySerializer)

    @extend_schema(
        summary="Export the audit log as CSV",
        description="Takes the filters of the list. A cell that a spreadsheet would take for a formula "
        "begins with an apostrophe.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        self._narrow(list_entries())  # what is wrong with the filters must be told before the answer begins
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        record("exported", of=tenant, after={"what": "audit log"})
        slot = ExportSlot(tenant.pk)
        slot.take()
        return StreamingHttpResponse(
            slot.holding(csv_of(tenant.pk, self._narrow)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{tenant.slug}-audit.csv"'},
        )

    def _narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return self.filter_queryset(entries)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return AuditEntry.objects.none()
