"""REST views of usage and invoices."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.statements.api.serializers import (
    InvoiceSerializer,
    StatementSettingsInput,
    StatementSettingsSerializer,
    UsageQuery,
    UsageSerializer,
    WholeInvoiceSerializer,
)
from apps.statements.models import Invoice, StatementSettings, UsageDay
from apps.statements.pdf import invoice_pdf
from apps.statements.selectors import Usage, UsageWish, get_invoice, get_settings, usage, usage_days
from apps.statements.services.preferences import change_settings
from apps.statements.usage_csv import usage_csv
from tenants.audit.services import record
from tenants.models import Tenant
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="stmt_...")
_DAYS = (
    "Days are those of the time zone in the statement settings. Charges appear within seconds; what costs "
    "nothing (test calls, the sandbox) is not in it."
)


@extend_schema(tags=["billing"], filters=False)
class UsageViewSet(TenantViewSet):
    """What was used."""

    required_permissions: ClassVar = {"retrieve": "billing.read", "csv": "billing.read"}

    @extend_schema(
        summary="Show usage",
        description=f"By day, agent, campaign, number or component. {_DAYS}",
        parameters=[UsageQuery],
        responses=UsageSerializer,
    )
    def retrieve(self, request: Request) -> Response:
        return Response(UsageSerializer(self._usage()).data)

    @extend_schema(
        operation_id="billing_usage_csv",
        summary="Export usage as CSV",
        description=f"The same as a table, with the total in its last row. {_DAYS}",
        parameters=[UsageQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=False, pagination_class=None)
    def csv(self, request: Request) -> HttpResponse:
        found = self._usage()
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        record("exported", of=tenant, after={"what": "usage"})
        name = f"{tenant.slug}-usage-{found.wish.first}-{found.wish.last}.csv"
        return HttpResponse(
            usage_csv(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _usage(self) -> Usage:
        asked = UsageQuery(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        first, last = usage_days(values.pop("from", None), values.pop("until", None), now=timezone.now())
        return usage(UsageWish(first, last, **values))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return UsageDay.objects.none()


@extend_schema(tags=["billing"])
@extend_schema_view(
    list=extend_schema(
        summary="List invoices",
        description="One for each month in which something was charged or paid, the newest first. They are "
        "made some hours after the month ends.",
        responses=InvoiceSerializer(many=True),
    ),
    retrieve=extend_schema(
        operation_id="billing_invoice_retrieve",
        summary="Show an invoice",
        parameters=[_ID],
        responses=WholeInvoiceSerializer,
    ),
)
class InvoiceViewSet(TenantViewSet):
    """Monthly invoices."""

    id_prefix = Invoice.id_prefix
    required_permissions: ClassVar = {
        "list": "billing.read",
        "retrieve": "billing.read",
        "pdf": "billing.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(Invoice.objects.all(), InvoiceSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(WholeInvoiceSerializer(get_invoice(self.row_id())).data)

    @extend_schema(
        summary="Fetch an invoice as PDF",
        parameters=[_ID],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    @action(detail=True, pagination_class=None)
    def pdf(self, request: Request, id: str) -> HttpResponse:
        invoice = get_invoice(self.row_id())
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        return HttpResponse(
            invoice_pdf(invoice),
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="{tenant.slug}-{invoice.number}.pdf"',
                "Cache-Control": "private, no-store",
            },
        )

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Invoice.objects.none()


@extend_schema(tags=["billing"])
class StatementSettingsViewSet(TenantViewSet):
    """How usage is counted, and what stands on invoices."""

    required_permissions: ClassVar = {"retrieve": "billing.read", "update": "billing.write"}

    @extend_schema(
        summary="Show the statement settings", responses=StatementSettingsSerializer, parameters=[ETAG]
    )
    def retrieve(self, request: Request) -> Response:
        kept = get_settings()
        return self.tagged(kept, StatementSettingsSerializer(kept).data)

    @extend_schema(
        summary="Change the statement settings",
        description="With another time zone all usage is counted anew, in the background. Invoices that "
        "were made stay as they are.",
        parameters=[IF_MATCH, ETAG],
        request=StatementSettingsInput,
        responses=StatementSettingsSerializer,
        examples=[
            OpenApiExample(
                "A company in Berlin",
                request_only=True,
                value={"timezone": "Europe/Berlin", "bill_to": "Accounts department\n10115 Berlin"},
            )
        ],
    )
    def update(self, request: Request) -> Response:
        given = self.checked(StatementSettingsInput)
        self.check_unchanged(get_settings(lock=True))
        kept = change_settings(zone=given["timezone"], bill_to=given["bill_to"])
        return self.tagged(kept, StatementSettingsSerializer(kept).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return StatementSettings.objects.none()
