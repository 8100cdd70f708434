from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from apps.numbers.models import PhoneNumber


@admin.register(PhoneNumber)
class PhoneNumberAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For support: numbers are changed through the API."""

    list_display = ["e164", "tenant", "carrier", "agent", "archived_at"]
    list_filter = ["carrier"]
    search_fields = ["e164", "label", "tenant__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PhoneNumber | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PhoneNumber | None = None) -> bool:
        return False
