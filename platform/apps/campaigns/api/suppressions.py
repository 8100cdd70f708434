"""REST views of the do-not-call lists."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.models import Call
from apps.campaigns.models import Campaign, Suppression, SuppressionSource
from apps.campaigns.services import suppression
from apps.campaigns.services.suppression_export import csv_of
from tenants.audit.services import record
from tenants.filters import PublicIdFilter
from tenants.models import Tenant
from tenants.rest import PrefixedIdField, Reference, RowSerializer, StrictSerializer, TenantViewSet
from tenants.streaming import ExportSlot

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="dnc_...")


class SuppressionSerializer(RowSerializer[Suppression]):
    id = PrefixedIdField(Suppression.id_prefix, read_only=True)
    campaign = PrefixedIdField(
        Campaign.id_prefix,
        source="campaign_id",
        read_only=True,
        allow_null=True,
        help_text="Whose list it is; null: the tenant's.",
    )
    call = PrefixedIdField(
        Call.id_prefix,
        source="call_id",
        read_only=True,
        allow_null=True,
        help_text="In which it was asked for.",
    )

    erased = serializers.BooleanField(
        source="digest",
        read_only=True,
        help_text="The person's data were deleted: `e164` is empty, and a digest of it keeps calls away.",
    )

    class Meta:
        model = Suppression
        fields = ["id", "e164", "erased", "campaign", "source", "note", "call", "created_at"]
        read_only_fields = fields


class SuppressionInput(StrictSerializer):
    numbers = serializers.ListField(
        child=serializers.CharField(max_length=40),
        min_length=1,
        max_length=suppression.AT_ONCE,
        help_text="In E.164. When one of them is none, nothing is added.",
    )
    campaign = Reference(Campaign, help_text="Only this campaign's list; without it the tenant's.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=suppression.NOTE_LENGTH)


class SuppressionResult(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="How many were not on the list before.")
    results = SuppressionSerializer(many=True)


class SuppressionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="e164", lookup_expr="contains", max_length=16, help_text="Part of the number."
    )
    campaign = PublicIdFilter(
        prefix=Campaign.id_prefix, field_name="campaign_id", help_text="Its own list; cmp_..."
    )
    source = django_filters.ChoiceFilter(choices=SuppressionSource.choices)

    class Meta:
        model = Suppression
        fields: list[str] = []


@extend_schema(tags=["do-not-call"])
@extend_schema_view(
    list=extend_schema(
        summary="List numbers that are not called",
        description="The tenant's list and those of its campaigns, the newest first.",
        responses=SuppressionSerializer(many=True),
    ),
    create=extend_schema(
        summary="Add numbers that are not called",
        description="From now on no call is placed to them, by nobody of the tenant; calls that wait are "
        "withdrawn. A number that is on the list already stays as it was.",
        request=SuppressionInput,
        responses={201: SuppressionResult},
        examples=[
            OpenApiExample(
                "Two people who wrote",
                request_only=True,
                value={"numbers": ["+12025550180", "+442079460018"], "note": "By letter"},
            )
        ],
    ),
    destroy=extend_schema(
        summary="Take a number off the list",
        description="It may be called again, unless another list has it.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class SuppressionViewSet(TenantViewSet):
    """Numbers that are not called."""

    id_prefix = Suppression.id_prefix
    filterset_class = SuppressionFilter
    required_permissions: ClassVar = {
        "list": "campaigns.read",
        "create": "campaigns.write",
        "destroy": "campaigns.write",
        "export": "campaigns.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(Suppression.objects.all(), SuppressionSerializer)

    def create(self, request: Request) -> Response:
        given = self.checked(SuppressionInput)
        source = SuppressionSource.API if self.principal.kind == "api_key" else SuppressionSource.PERSON
        added, rows = suppression.add_given(
            numbers=given["numbers"],
            source=source,
            campaign=given.get("campaign"),
            note=given.get("note", ""),
        )
        return Response({"added": added, "results": SuppressionSerializer(rows, many=True).data}, status=201)

    def destroy(self, request: Request, id: str) -> Response:
        suppression.remove(suppression_id=self.row_id())
        return Response(status=204)

    @extend_schema(
        summary="Export the numbers that are not called as CSV",
        description="Takes the filters of the list. A cell that a spreadsheet would take for a formula "
        "begins with an apostrophe.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=False, url_path=r"export\.csv", pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        self._narrow(Suppression.objects.all())  # wrong filters must be told before the answer begins
        tenant = Tenant.objects.get(pk=self.principal.tenant_id)
        record("exported", of=tenant, after={"what": "do-not-call lists"})
        slot = ExportSlot(tenant.pk)
        slot.take()
        return StreamingHttpResponse(
            slot.holding(csv_of(tenant.pk, self._narrow)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{tenant.slug}-do-not-call.csv"'},
        )

    def _narrow(self, rows: QuerySet[Suppression]) -> QuerySet[Suppression]:
        return self.filter_queryset(rows)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Suppression.objects.none()
