from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.numbers.models import PhoneNumber
from tenants.staff import ReadOnlyAdmin


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "tenant", "carrier", "agent", "archived_at"]
    list_filter: ClassVar = ["carrier"]
    list_select_related: ClassVar = ["tenant", "agent"]
    search_fields: ClassVar = ["e164", "label", "tenant__name"]
