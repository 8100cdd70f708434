"""REST views of campaigns and of their life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.campaigns import selectors
from apps.campaigns.api.serializers import (
    CampaignChanges,
    CampaignInput,
    CampaignItemSerializer,
    CampaignSerializer,
    CloneInput,
    StopInput,
)
from apps.campaigns.configuration import config_schema, with_parts
from apps.campaigns.models import Campaign, CampaignState, Progress
from apps.campaigns.sandbox_only import ensure_in_reach
from apps.campaigns.services import counting, lifecycle
from tenants.filters import PublicIdFilter
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")
_EXAMPLE = OpenApiExample(
    "Weekday afternoons, in the callee's time",
    request_only=True,
    value={
        "name": "Reminders",
        "agent": "agt_0192f0c8000070008000000000000000",
        "config": {
            "hours": {
                "windows": [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "13:00", "end": "18:00"}],
                "default_time_zone": "America/New_York",
            },
            "pacing": {"max_concurrent": 5, "calls_per_second": 1},
            "callers": {"numbers": ["num_0192f0c8000070008000000000000000"]},
        },
    },
)


class CampaignFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=200, help_text="Part of the name."
    )
    state = django_filters.MultipleChoiceFilter(
        choices=CampaignState.choices, help_text="May be repeated: any of them."
    )
    agent = PublicIdFilter(prefix=Agent.id_prefix, field_name="agent_id", help_text="agt_...")

    class Meta:
        model = Campaign
        fields: list[str] = []


@extend_schema(tags=["campaigns"])
@extend_schema_view(
    list=extend_schema(
        summary="List campaigns", description="Newest first.", responses=CampaignItemSerializer(many=True)
    ),
    retrieve=extend_schema(summary="Get a campaign", parameters=[_ID, ETAG], responses=CampaignSerializer),
    create=extend_schema(
        summary="Create a campaign",
        description="A draft: nothing is dialed before it is started.",
        request=CampaignInput,
        responses={201: CampaignSerializer},
        examples=[_EXAMPLE],
    ),
    partial_update=extend_schema(
        summary="Change a campaign",
        description="In any state: the next decision to dial obeys. `config` holds the parts that change.",
        parameters=[_ID, IF_MATCH, ETAG],
        request=CampaignChanges,
        responses=CampaignSerializer,
        examples=[
            OpenApiExample("Faster", request_only=True, value={"config": {"pacing": {"max_concurrent": 20}}})
        ],
    ),
    destroy=extend_schema(
        summary="Delete a campaign",
        description="409 while it runs or is paused, or a call of it goes on. Its calls stay.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class CampaignViewSet(TenantViewSet):
    """Campaigns: contacts that an agent calls."""

    id_prefix = Campaign.id_prefix
    filterset_class = CampaignFilter
    required_permissions: ClassVar = {
        "list": "campaigns.read",
        "retrieve": "campaigns.read",
        "create": "campaigns.write",
        "partial_update": "campaigns.write",
        "destroy": "campaigns.write",
        "clone": "campaigns.write",
        "config_schema": "campaigns.read",
        "start": "campaigns.run",
        "pause": "campaigns.run",
        "resume": "campaigns.run",
        "stop": "campaigns.run",
    }

    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(selectors.list_campaigns())) or []
        return self.get_paginated_response(CampaignItemSerializer(_with_progress(found), many=True).data)

    def retrieve(self, request: Request, id: str) -> Response:
        return self._shown(self._campaign())

    def create(self, request: Request) -> Response:
        return self._shown(lifecycle.create_campaign(**self.checked(CampaignInput)), status=201)

    def partial_update(self, request: Request, id: str) -> Response:
        counting.lock(self.row_id())  # before the campaign's own row, as everybody does
        campaign = self._campaign(lock=True)
        self.check_unchanged(campaign)
        changes = self.checked(CampaignChanges)
        if "config" in changes:
            changes["config"] = with_parts(campaign.config, changes["config"])
        ensure_in_reach(campaign, test_key=self._test_key, config=changes.get("config"))
        return self._shown(lifecycle.change_campaign(campaign=campaign, **changes))

    def destroy(self, request: Request, id: str) -> Response:
        lifecycle.archive_campaign(campaign=self._reached())
        return Response(status=204)

    @extend_schema(
        summary="Start a campaign",
        description="A draft, or one that completed and got contacts since. 422 names every reason why it "
        "could never dial.",
        parameters=[_ID],
        request=None,
        responses=CampaignSerializer,
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: str) -> Response:
        return self._shown(lifecycle.start_campaign(campaign=self._reached(dials=True), now=timezone.now()))

    @extend_schema(
        summary="Pause a campaign",
        description="No call begins from now on; calls in the queue are withdrawn, others go on.",
        parameters=[_ID],
        request=None,
        responses=CampaignSerializer,
    )
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return self._shown(lifecycle.pause_campaign(campaign=self._reached(), now=timezone.now()))

    @extend_schema(
        summary="Resume a paused campaign",
        description="422 names every reason why it could never dial.",
        parameters=[_ID],
        request=None,
        responses=CampaignSerializer,
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return self._shown(lifecycle.resume_campaign(campaign=self._reached(dials=True), now=timezone.now()))

    @extend_schema(
        summary="Stop a campaign for good",
        parameters=[_ID],
        request=StopInput,
        responses=CampaignSerializer,
        examples=[
            OpenApiExample("At once", request_only=True, value={"running_calls": "hang_up"}),
        ],
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, id: str) -> Response:
        campaign = self._reached()
        wish = self.checked(StopInput)
        return self._shown(lifecycle.stop_campaign(campaign=campaign, now=timezone.now(), **wish))

    @extend_schema(
        summary="Clone a campaign",
        description="A draft of the same agent and configuration.",
        parameters=[_ID],
        request=CloneInput,
        responses={201: CampaignSerializer},
        examples=[
            OpenApiExample("Once more", request_only=True, value={"name": "Again", "with_contacts": True})
        ],
    )
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, id: str) -> Response:
        campaign = self._campaign()
        copied = lifecycle.clone_campaign(campaign=campaign, **self.checked(CloneInput))
        return self._shown(copied, status=201)

    @extend_schema(
        summary="JSON schema of a campaign's configuration",
        responses={200: OpenApiTypes.OBJECT},
        filters=False,
    )
    @action(detail=False, url_path="config-schema", pagination_class=None)
    def config_schema(self, request: Request) -> Response:
        return Response(config_schema())

    def _campaign(self, *, lock: bool = False) -> Campaign:
        return selectors.get_campaign(self.row_id(), lock=lock)

    def _reached(self, *, dials: bool = False) -> Campaign:
        campaign = self._campaign()
        ensure_in_reach(campaign, test_key=self._test_key, dials=dials)
        return campaign

    @property
    def _test_key(self) -> bool:
        return self.principal.mode == "test"

    def _shown(self, campaign: Campaign, status: int = 200) -> Response:
        (shown,) = _with_progress([campaign])
        return self.tagged(campaign, CampaignSerializer(shown).data, status=status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Campaign.objects.none()


def _with_progress(campaigns: Sequence[Campaign]) -> Sequence[Campaign]:
    found = {row.campaign_id: row for row in Progress.objects.filter(campaign__in=campaigns)}
    for campaign in campaigns:
        campaign.shown_progress = found.get(campaign.pk) or Progress()  # type: ignore[attr-defined]
    return campaigns
