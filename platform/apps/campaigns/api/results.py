"""Results of a campaign as files."""

from __future__ import annotations

from typing import ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.campaigns.models import Campaign
from apps.campaigns.selectors import get_campaign
from apps.campaigns.services.results_export import CSV_HEADER, Render, as_csv, as_json_lines, results_of
from tenants.audit.services import record
from tenants.rest import TenantViewSet
from tenants.streaming import ExportSlot

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")
_WHAT = (
    "A row for each contact with its last attempt: outcome, times, version of the agent, duration "
    "in seconds, cost in micro-units, what the call collected."
)


@extend_schema(tags=["campaigns"], parameters=[_ID])
class ResultsViewSet(TenantViewSet):
    """What came of every contact."""

    id_prefix = Campaign.id_prefix
    required_permissions: ClassVar = {"csv": "campaigns.read", "jsonl": "campaigns.read"}

    @extend_schema(
        operation_id="campaigns_results_csv",
        summary="Export the results as CSV",
        description=f"{_WHAT} A cell that a spreadsheet would take for a formula begins with an apostrophe.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    @action(detail=True, url_path=r"results\.csv", pagination_class=None)
    def csv(self, request: Request, id: str) -> StreamingHttpResponse:
        return self._file(as_csv, CSV_HEADER, "csv", "text/csv; charset=utf-8")

    @extend_schema(
        operation_id="campaigns_results_jsonl",
        summary="Export the results as JSON lines",
        description=_WHAT,
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    @action(detail=True, url_path=r"results\.jsonl", pagination_class=None)
    def jsonl(self, request: Request, id: str) -> StreamingHttpResponse:
        return self._file(as_json_lines, b"", "jsonl", "application/x-ndjson")

    def _file(self, render: Render, header: bytes, ending: str, content_type: str) -> StreamingHttpResponse:
        campaign = get_campaign(self.row_id())
        record("exported", of=campaign, after={"what": "results"})
        slot = ExportSlot(self.principal.tenant_id)
        slot.take()
        rows = results_of(self.principal.tenant_id, campaign.pk, render, header=header)
        name = f"{campaign.public_id}-results.{ending}"
        return StreamingHttpResponse(
            slot.holding(rows),
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
