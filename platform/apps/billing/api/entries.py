"""REST views of what happened to a tenant's money."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing import selectors
from apps.billing.api.serializers import EntrySerializer
from apps.billing.entries_export import csv_of
from apps.billing.models import Entry, EntryKind
from tenants.audit.services import record
from tenants.filters import TimeFilter
from tenants.ids import first_id_at
from tenants.models import Tenant
from tenants.rest import TenantViewSet
from tenants.streaming import ExportSlot


class EntryFilter(django_filters.FilterSet):
    kind = django_filters.MultipleChoiceFilter(
        choices=EntryKind.choices, help_text="May be given several times: any of them."
    )
    vars()["from"] = TimeFilter(method="_from", help_text="Entries from then on.")  # a word of the language
    until = TimeFilter(method="_until", help_text="Entries before then.")

    class Meta:
        model = Entry
        fields: list[str] = []

    def _from(self, rows: QuerySet[Entry], name: str, value: datetime) -> QuerySet[Entry]:
        return rows.filter(pk__gte=first_id_at(value))

    def _until(self, rows: QuerySet[Entry], name: str, value: datetime) -> QuerySet[Entry]:
        return rows.filter(pk__lt=first_id_at(value))


@extend_schema(tags=["billing"])
@extend_schema_view(
    list=extend_schema(
        summary="List what happened to the balance",
        description="Every entry of the ledger, the newest first: what was paid in, what was taken and why.",
        responses=EntrySerializer(many=True),
    )
)
class EntryViewSet(TenantViewSet):
    """Entries of the ledger."""

    id_prefix = Entry.id_prefix
    filterset_class = EntryFilter
    required_permissions: ClassVar = {"list": "billing.read", "csv": "billing.read"}

    def list(self, request: Request) -> Response:
        return self.page(selectors.entries(), EntrySerializer)

    @extend_schema(
        operation_id="billing_entries_csv",
        summary="Export what happened to the balance as CSV",
        description="Takes the filters of the list. Amounts are in units of the currency, with a point. "
        "A cell that a spreadsheet would take for a formula begins with an apostrophe.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def csv(self, request: Request) -> StreamingHttpResponse:
        self._narrow(selectors.entries())  # what is wrong with the filters is told before the answer begins
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        record("exported", of=tenant, after={"what": "billing entries"})
        slot = ExportSlot(tenant.pk)
        slot.take()
        return StreamingHttpResponse(
            slot.holding(csv_of(tenant.pk, self._narrow)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{tenant.slug}-billing.csv"'},
        )

    def _narrow(self, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        return self.filter_queryset(entries)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Entry.objects.none()
