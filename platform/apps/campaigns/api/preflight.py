"""REST views of what would come of a campaign: who may be called when, and why it cannot start."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns import selectors
from apps.campaigns.api.serializers import ConfigPartsField
from apps.campaigns.configuration import with_parts
from apps.campaigns.hours.presets import PRESETS, Minutes
from apps.campaigns.hours.windows import LocalDay
from apps.campaigns.models import Campaign, Place
from apps.campaigns.services.preview import PlaceSeen, Preview, preview
from tenants.rest import PrefixedIdField, StrictSerializer, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cmp_...")
_SAMPLE = OpenApiExample(
    "Judge other hours before they are saved",
    request_only=True,
    value={
        "config": {"hours": {"windows": [{"days": ["sat"], "start": "10:00", "end": "14:00"}]}},
    },
)


class WeekQuery(serializers.Serializer[Any]):
    week = serializers.DateField(
        required=False, help_text="First of the seven days in `grid`; this week's Monday when left out."
    )


class PreflightInput(StrictSerializer):
    config = ConfigPartsField(required=False, help_text="Parts to judge in the place of those stored.")
    week = serializers.DateField(
        required=False, help_text="First of the seven days in `grid`; this week's Monday when left out."
    )


class RefusalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs.")
    detail = serializers.CharField(help_text="Why not, and the remedy.")

    def get_fields(self) -> dict[str, Any]:
        told = serializers.CharField(allow_blank=True, help_text="The part of the campaign that is at fault.")
        return super().get_fields() | {"field": told}


class PlaceSerializer(serializers.Serializer[Any]):
    id = PrefixedIdField(Place.id_prefix, source="place.pk")
    zones = serializers.ListField(child=serializers.CharField(), source="place.zones")
    country = serializers.CharField(source="place.country", allow_blank=True)
    region = serializers.CharField(
        source="place.region", allow_blank=True, help_text="ISO 3166-2 without the country; empty: unknown."
    )
    contacts = serializers.IntegerField(help_text="That wait to be called.")
    open = serializers.BooleanField(source="verdict.open")
    next_opens_at = serializers.SerializerMethodField(help_text="Null while open, and when `never`.")
    never = serializers.BooleanField(source="verdict.never", help_text="It does not open any more.")
    why = serializers.CharField(source="verdict.why", allow_blank=True, help_text="Why it is closed.")

    def get_next_opens_at(self, seen: PlaceSeen) -> str | None:
        until = None if seen.verdict.open else seen.verdict.until
        return until.isoformat().replace("+00:00", "Z") if until else None


class GridDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="In the place's (first) time zone.")
    intervals = serializers.SerializerMethodField(
        help_text='[["09:00", "20:00"]]: from, until in that zone\'s time.'
    )
    note = serializers.CharField(allow_blank=True, help_text="Why nobody is called: a holiday, for example.")

    def get_intervals(self, day: LocalDay) -> list[list[str]]:
        return [_clocks(minutes) for minutes in day.local]


class GridRowSerializer(serializers.Serializer[Any]):
    place = PrefixedIdField(Place.id_prefix, source="place.pk")
    days = GridDaySerializer(many=True, source="week", help_text="Seven; none when its zone is unknown.")


class EstimateSerializer(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    cost_micros = serializers.IntegerField(help_text="Millionths of `currency`.")
    currency = serializers.CharField()
    finish_at = serializers.DateTimeField(allow_null=True, help_text="Null when that cannot be said.")


class PreflightSerializer(serializers.Serializer[Any]):
    can_start = serializers.SerializerMethodField(help_text="There are no refusals.")
    refusals = RefusalSerializer(many=True)
    places = PlaceSerializer(many=True, help_text="Those with most contacts first, at most 300.")
    places_left_out = serializers.IntegerField(source="left_out", help_text="Places beyond those.")
    grid = GridRowSerializer(many=True, source="places", help_text="Of each of `places`.")
    estimate = EstimateSerializer()

    def get_can_start(self, found: Preview) -> bool:
        return not found.refusals


class PresetSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="For `hours.rules` of a configuration.")
    name = serializers.CharField()
    country = serializers.CharField()
    regions = serializers.ListField(child=serializers.CharField(), help_text="None: the whole country.")
    days = serializers.SerializerMethodField(
        help_text='What is allowed on Monday … Sunday: [["08:00", "21:00"]] each.'
    )
    no_holidays = serializers.BooleanField(help_text="Nobody is called on holidays.")
    source = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField(allow_blank=True)
    checked = serializers.CharField(help_text="How far the rule was compared with its source.")

    def get_days(self, rule: Any) -> list[list[list[str]]]:
        return [[_clocks(minutes) for minutes in day] for day in rule.days]


class PresetListSerializer(serializers.Serializer[Any]):
    results = PresetSerializer(many=True)


@extend_schema(tags=["campaigns"])
class PreflightViewSet(TenantViewSet):
    """What would come of a campaign."""

    id_prefix = Campaign.id_prefix
    required_permissions: ClassVar = {
        "preflight": "campaigns.read",
        "preflight_with": "campaigns.read",
        "presets": "campaigns.read",
    }

    @extend_schema(
        summary="See what would come of a campaign",
        description="Every reason why it cannot start, its contacts by place with the hours in which they "
        "may be called, and an estimate.",
        parameters=[_ID, WeekQuery],
        responses=PreflightSerializer,
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def preflight(self, request: Request, id: str) -> Response:
        query = WeekQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        return self._seen(**query.validated_data)

    @extend_schema(
        summary="See what would come of a campaign with changes",
        description="As GET, with parts of the configuration that are not saved.",
        parameters=[_ID],
        request=PreflightInput,
        responses=PreflightSerializer,
        examples=[_SAMPLE],
    )
    @preflight.mapping.post
    def preflight_with(self, request: Request, id: str) -> Response:
        return self._seen(**self.checked(PreflightInput))

    @extend_schema(
        summary="List rules for calling hours",
        description="What laws and regulators allow, each with its source. This is no legal advice.",
        responses=PresetListSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def presets(self, request: Request) -> Response:
        return Response(PresetListSerializer({"results": list(PRESETS.values())}).data)

    def _seen(self, config: Any = None, week: Any = None) -> Response:
        campaign = selectors.get_campaign(self.row_id())
        changed = with_parts(campaign.config, config) if config is not None else None
        found = preview(campaign, config=changed, week=week, now=timezone.now())
        return Response(PreflightSerializer(found).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Campaign.objects.none()


def _clocks(minutes: Minutes) -> list[str]:
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]
