from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.vendors.models import VendorKey
from tenants.staff import ReadOnlyAdmin


@admin.register(VendorKey)
class VendorKeyAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["vendor", "tenant", "last4", "last_error", "last_error_at", "updated_at"]
    list_filter: ClassVar = ["vendor", ("last_error_at", admin.EmptyFieldListFilter)]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["vendor", "tenant__name"]
    exclude: ClassVar = ["api_key"]
