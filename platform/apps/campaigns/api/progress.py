"""REST views of what campaigns have come to: progress, minutes, attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns import selectors
from apps.campaigns.api.serializers import AttemptSerializer, MinuteListSerializer, ProgressSerializer
from apps.campaigns.models import Attempt, AttemptState, Campaign, Contact
from apps.campaigns.outcomes import Outcome
from apps.campaigns.progress import progress_of
from tenants.errors import InvalidInput
from tenants.filters import PublicIdFilter
from tenants.rest import TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")
USUAL_SPAN = timedelta(hours=3)
LONGEST_SPAN = timedelta(days=2)
"""Of the minutes in one answer."""


class MinutesQuery(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.DateTimeField(
                required=False, default_timezone=UTC, help_text="3 hours before `until` when left out."
            ),
            "until": serializers.DateTimeField(
                required=False, default_timezone=UTC, help_text="Not included; now when left out."
            ),
        }


class AttemptFilter(django_filters.FilterSet):
    contact = PublicIdFilter(prefix=Contact.id_prefix, field_name="contact_id", help_text="con_...")
    state = django_filters.ChoiceFilter(choices=AttemptState.choices)
    outcome = django_filters.MultipleChoiceFilter(
        choices=Outcome.choices, help_text="May be repeated: any of them."
    )

    class Meta:
        model = Attempt
        fields: list[str] = []


@extend_schema(tags=["campaigns"])
class CampaignProgressViewSet(TenantViewSet):
    """How far a campaign is."""

    id_prefix = Campaign.id_prefix
    filterset_class = AttemptFilter
    required_permissions: ClassVar = {
        "progress": "campaigns.read",
        "minutes": "campaigns.read",
        "attempts": "campaigns.read",
    }

    @extend_schema(
        summary="Get a campaign's progress",
        description="The socket /ws/v1/campaigns/ tells the same whenever it changes.",
        parameters=[_ID],
        responses=ProgressSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def progress(self, request: Request, id: str) -> Response:
        return Response(progress_of(self._campaign(), now=timezone.now()))

    @extend_schema(
        summary="Get a campaign minute by minute",
        description="At most two days at once.",
        parameters=[_ID, MinutesQuery],
        responses=MinuteListSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def minutes(self, request: Request, id: str) -> Response:
        campaign = self._campaign()
        query = MinutesQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        since, until = _span(query.validated_data, timezone.now())
        found = selectors.minutes_of(campaign, since=since).filter(begins__lt=until)
        return Response(MinuteListSerializer({"results": found}).data)

    @extend_schema(
        summary="List a campaign's attempts",
        description="Newest first. Each is one call.",
        parameters=[_ID],
        responses=AttemptSerializer(many=True),
    )
    @action(detail=True)
    def attempts(self, request: Request, id: str) -> Response:
        return self.page(selectors.attempts_of(self._campaign()), AttemptSerializer)

    def _campaign(self) -> Campaign:
        return selectors.get_campaign(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Attempt.objects.none()


def _span(query: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """InvalidInput for one that is empty or too long."""
    until = query.get("until", now)
    try:
        since = query.get("from", until - USUAL_SPAN)
    except OverflowError as error:
        raise InvalidInput("This time is out of range.", field="until") from error
    if since >= until:
        raise InvalidInput("Give a time before `until`.", field="from")
    if until - since > LONGEST_SPAN:
        raise InvalidInput("At most two days at once.", field="from")
    return since, until
