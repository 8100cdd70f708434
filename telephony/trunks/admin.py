from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway


class GatewayInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TrunkGateway
    exclude = ["tenant"]
    can_delete = False


class AddressInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TrunkAddress
    exclude = ["tenant"]
    can_delete = False


@admin.register(Trunk)
class TrunkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For support: trunks are changed through the API, which checks that their parts fit."""

    list_display = ["name", "tenant", "direction", "auth", "max_concurrent_calls", "archived_at"]
    list_filter = ["direction", "auth"]
    search_fields = ["name", "tenant__name"]
    exclude = ["password"]
    inlines = [GatewayInline, AddressInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Trunk | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Trunk | None = None) -> bool:
        return False
