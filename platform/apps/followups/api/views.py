"""REST views of follow-ups."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.models import Call
from apps.followups import selectors, services
from apps.followups.api.serializers import CallbackSerializer, TextMessageSerializer
from apps.followups.models import Callback, CallbackState, MessageState, TextMessage
from tenants.filters import PublicIdFilter
from tenants.rest import TenantViewSet

_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="cbk_...")


class CallbackFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=CallbackState.choices)
    call = PublicIdFilter(prefix=Call.id_prefix, field_name="call_id", help_text="call_...")

    class Meta:
        model = Callback
        fields: list[str] = []


class TextMessageFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=MessageState.choices)
    call = PublicIdFilter(prefix=Call.id_prefix, field_name="call_id", help_text="call_...")

    class Meta:
        model = TextMessage
        fields: list[str] = []


@extend_schema(tags=["calls"])
@extend_schema_view(
    list=extend_schema(
        summary="List callbacks",
        description="What agents promised in their calls (`schedule_callback`), the newest first.",
        responses=CallbackSerializer(many=True),
    ),
    destroy=extend_schema(
        summary="Cancel a callback",
        description="One that waits; 409 of any other.",
        parameters=[_ID],
        responses={204: None},
    ),
)
class CallbackViewSet(TenantViewSet):
    """Callbacks."""

    id_prefix = Callback.id_prefix
    filterset_class = CallbackFilter
    required_permissions: ClassVar = {"list": "calls.read", "destroy": "calls.place"}

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_callbacks(), CallbackSerializer)

    def destroy(self, request: Request, id: str) -> Response:
        services.cancel_callback(callback_id=self.row_id())
        return Response(status=204)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Callback.objects.none()


@extend_schema(tags=["calls"])
@extend_schema_view(
    list=extend_schema(
        summary="List text messages",
        description="What agents sent in their calls (`send_sms`), the newest first.",
        responses=TextMessageSerializer(many=True),
    )
)
class TextMessageViewSet(TenantViewSet):
    """Text messages."""

    id_prefix = TextMessage.id_prefix
    filterset_class = TextMessageFilter
    required_permissions: ClassVar = {"list": "calls.read"}

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_messages(), TextMessageSerializer)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return TextMessage.objects.none()
