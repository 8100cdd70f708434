"""REST views of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.webhooks import selectors
from apps.webhooks.api.serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    EndpointChanges,
    EndpointInput,
    EndpointSerializer,
    EventTypeListSerializer,
    NewEndpointSerializer,
    ReplayedSerializer,
    ReplayInput,
    RotatedSecretSerializer,
    RotationInput,
    ToldEventSerializer,
    WebhookTrialInput,
)
from apps.webhooks.catalogue import TYPES
from apps.webhooks.message import example_of, schema_of
from apps.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState, Event
from apps.webhooks.services import endpoints, replaying, trying
from apps.webhooks.services.purging import KEPT
from tenants.rest import ETAG, IF_MATCH, TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="whe_...")
_DELIVERY_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="whd_...")
_EXAMPLE = OpenApiExample(
    "Hear of calls and campaigns",
    request_only=True,
    value={
        "url": "https://crm.example.com/hooks/calls",
        "description": "The CRM",
        "event_types": ["call.*", "contact.completed"],
        "headers": {"X-Team": "reception"},
    },
)


class EndpointFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=EndpointState.choices)

    class Meta:
        model = Endpoint
        fields: list[str] = []


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)
    type = django_filters.CharFilter(field_name="event__type", max_length=60, help_text="Of the event.")
    key = django_filters.CharFilter(max_length=80, help_text="What the event is about, like call_...")

    class Meta:
        model = Delivery
        fields: list[str] = []


class EventFilter(django_filters.FilterSet):
    key = django_filters.CharFilter(max_length=80, help_text="What they are about, like call_...")
    type = django_filters.CharFilter(max_length=60)

    class Meta:
        model = Event
        fields: list[str] = []


@extend_schema(tags=["webhooks"])
@extend_schema_view(
    list=extend_schema(
        summary="List webhooks", description="Newest first.", responses=EndpointSerializer(many=True)
    ),
    retrieve=extend_schema(summary="Get a webhook", parameters=[_ID, ETAG], responses=EndpointSerializer),
    create=extend_schema(
        summary="Make a webhook",
        description="Events from now on are sent there, signed as Standard Webhooks has it. The answer is the"
        " only one that shows the secret.",
        request=EndpointInput,
        responses={201: NewEndpointSerializer},
        examples=[_EXAMPLE],
    ),
    partial_update=extend_schema(
        summary="Change a webhook",
        description="What waits is sent to the new address.",
        parameters=[_ID, IF_MATCH, ETAG],
        request=EndpointChanges,
        responses=EndpointSerializer,
        examples=[OpenApiExample("Only what ends", request_only=True, value={"event_types": ["call.ended"]})],
    ),
    destroy=extend_schema(
        summary="Delete a webhook",
        description="With the log of its deliveries; what waits is not sent.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class EndpointViewSet(TenantViewSet):
    """Where the tenant hears of what happens."""

    id_prefix = Endpoint.id_prefix
    filterset_class = EndpointFilter
    required_permissions: ClassVar = {
        "list": "webhooks.read",
        "retrieve": "webhooks.read",
        "create": "webhooks.write",
        "partial_update": "webhooks.write",
        "destroy": "webhooks.write",
        "rotate_secret": "webhooks.write",
        "test": "webhooks.write",
        "enable": "webhooks.write",
        "disable": "webhooks.write",
        "deliveries": "webhooks.read",
        "replay": "webhooks.write",
        "event_types": "webhooks.read",
    }

    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(selectors.list_endpoints())) or []
        return self.get_paginated_response(_shown(found))

    def retrieve(self, request: Request, id: str) -> Response:
        return self._answer(self._endpoint())

    def create(self, request: Request) -> Response:
        endpoint, secret = endpoints.create(**self.checked(EndpointInput))
        shown = NewEndpointSerializer(endpoint, context={"secret": secret}).data
        response = self.tagged(endpoint, shown, status=201)
        response["Location"] = f"{request.path.rstrip('/')}/{endpoint.public_id}"
        return response

    def partial_update(self, request: Request, id: str) -> Response:
        endpoint = self._endpoint(lock=True)
        self.check_unchanged(endpoint)
        changes = self.checked(EndpointChanges)
        if "headers" in changes:
            changes["headers"] = {name: value or None for name, value in changes["headers"].items()}
        return self._answer(endpoints.change(endpoint=endpoint, **changes))

    def destroy(self, request: Request, id: str) -> Response:
        endpoints.delete(endpoint=self._endpoint(lock=True))
        return Response(status=204)

    @extend_schema(
        summary="Make a new secret of a webhook",
        description="What is sent is signed with both until `old_expires_at`: receivers change in between and"
        " miss nothing.",
        parameters=[_ID],
        request=RotationInput,
        responses=RotatedSecretSerializer,
        examples=[OpenApiExample("Within two days", request_only=True, value={"overlap_hours": 48})],
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:
        wish = self.checked(RotationInput)
        secret, until = endpoints.rotate(endpoint=self._endpoint(lock=True), **wish)
        return Response(RotatedSecretSerializer({"secret": secret, "old_expires_at": until}).data)

    @extend_schema(
        summary="Try a webhook",
        description='Sends the example of an event, with `"test": true` in it. The answer is the delivery;'
        " how it went is there a moment later.",
        parameters=[_ID],
        request=WebhookTrialInput,
        responses={201: DeliverySerializer},
        examples=[OpenApiExample("The end of a call", request_only=True, value={"type": "call.ended"})],
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:
        delivery = trying.send_test(endpoint=self._endpoint(lock=True), **self.checked(WebhookTrialInput))
        return Response(DeliverySerializer(delivery).data, status=201)

    @extend_schema(
        summary="Enable a webhook",
        description="Events from now on are sent there again; what was given up meanwhile can be replayed.",
        parameters=[_ID],
        request=None,
        responses=EndpointSerializer,
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, id: str) -> Response:
        return self._answer(endpoints.enable(endpoint=self._endpoint(lock=True)))

    @extend_schema(
        summary="Disable a webhook",
        description="Nothing is sent there until it is enabled; events meanwhile are not kept for it.",
        parameters=[_ID],
        request=None,
        responses=EndpointSerializer,
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, id: str) -> Response:
        return self._answer(endpoints.disable(endpoint=self._endpoint(lock=True)))

    @extend_schema(
        summary="List a webhook's deliveries",
        description="Newest first.",
        parameters=[_ID],
        responses=DeliverySerializer(many=True),
    )
    @action(detail=True, filterset_class=DeliveryFilter)
    def deliveries(self, request: Request, id: str) -> Response:
        return self.page(selectors.deliveries_of(self._endpoint()), DeliverySerializer)

    @extend_schema(
        summary="Send events of a time again",
        description="To this webhook, each with its id: a receiver that drops repeats takes only those that"
        " it missed. 10,000 at most at once; without `since` what is still kept (30 days).",
        parameters=[_ID],
        request=ReplayInput,
        responses=ReplayedSerializer,
        examples=[
            OpenApiExample(
                "What was given up in a night",
                request_only=True,
                value={
                    "since": "2026-01-04T20:00:00Z",
                    "until": "2026-01-05T08:00:00Z",
                    "states": ["dead"],
                    "types": ["call.ended"],
                },
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:
        wish, now = self.checked(ReplayInput), timezone.now()
        wish["since"] = wish.get("since") or now - KEPT
        wish["until"] = wish.get("until") or now
        count = replaying.replay_range(endpoint=self._endpoint(), **wish)
        return Response(ReplayedSerializer({"replayed": count}).data)

    @extend_schema(
        summary="List the events that there are",
        description="The catalogue: of each its version, its JSON Schema and an example. The same schemas are"
        " under `webhooks` in this document.",
        responses=EventTypeListSerializer,
        filters=False,
    )
    @action(detail=False, url_path="event-types", pagination_class=None)
    def event_types(self, request: Request) -> Response:
        return Response({"results": _catalogue()})

    def _endpoint(self, *, lock: bool = False) -> Endpoint:
        return selectors.get_endpoint(self.row_id(), lock=lock)

    def _answer(self, endpoint: Endpoint) -> Response:
        return self.tagged(endpoint, _shown([endpoint])[0])

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Delivery.objects.none() if self.action == "deliveries" else Endpoint.objects.none()


def _shown(found: Sequence[Endpoint]) -> list[dict[str, Any]]:
    counts = selectors.counts_of(found, now=timezone.now())
    return list(EndpointSerializer(found, many=True, context={"counts": counts}).data)


def _catalogue() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "description": TYPES[name].description,
            "version": TYPES[name].version,
            "schema": schema_of(TYPES[name]),
            "example": example_of(TYPES[name]),
        }
        for name in sorted(TYPES)
    ]


@extend_schema(tags=["webhooks"])
@extend_schema_view(
    retrieve=extend_schema(
        summary="Get a delivery",
        description="With what was sent, and every request with its answer.",
        parameters=[_DELIVERY_ID],
        responses=DeliveryDetailSerializer,
    )
)
class DeliveryViewSet(TenantViewSet):
    """What is sent to webhooks."""

    id_prefix = Delivery.id_prefix
    required_permissions: ClassVar = {"retrieve": "webhooks.read", "replay": "webhooks.write"}

    def retrieve(self, request: Request, id: str) -> Response:
        return Response(DeliveryDetailSerializer(self._delivery()).data)

    @extend_schema(
        summary="Send a delivery's event again",
        description="At once, whatever became of it; with the id that it had.",
        parameters=[_DELIVERY_ID],
        request=None,
        responses={201: DeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:
        delivery = replaying.replay(delivery=self._delivery(lock=True))
        return Response(DeliverySerializer(delivery).data, status=201)

    def _delivery(self, *, lock: bool = False) -> Delivery:
        return selectors.get_delivery(self.row_id(), lock=lock)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Delivery.objects.none()


@extend_schema(tags=["webhooks"])
@extend_schema_view(
    list=extend_schema(
        summary="List what was told",
        description="Events that some webhook wanted to hear of, the newest first, with their deliveries.",
        responses=ToldEventSerializer(many=True),
    )
)
class EventViewSet(TenantViewSet):
    """What was told."""

    id_prefix = Event.id_prefix
    filterset_class = EventFilter
    required_permissions: ClassVar = {"list": "webhooks.read"}

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_events(), ToldEventSerializer)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Event.objects.none()
