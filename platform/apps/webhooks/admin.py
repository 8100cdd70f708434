from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.webhooks.models import CallHook, Delivery, Endpoint, Event
from tenants.staff import ReadOnlyAdmin


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["url", "tenant", "state", "failing_since", "disabled_reason"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["headers"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["type", "key", "sequence", "tenant", "at", "test"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["data"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "event",
        "endpoint",
        "tenant",
        "state",
        "attempts",
        "status",
        "problem",
        "next_at",
    ]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant", "event", "endpoint"]


@admin.register(CallHook)
class CallHookAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["moment", "url", "tenant", "enabled", "fallback", "trouble"]
    list_filter: ClassVar = ["moment"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["headers", "secret"]
