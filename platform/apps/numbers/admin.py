from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.numbers.models import NumberBundle, NumberOrder, PhoneNumber, PortRequest, Rental
from tenants.staff import ReadOnlyAdmin


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "tenant", "carrier", "agent", "archived_at"]
    list_filter: ClassVar = ["carrier"]
    list_select_related: ClassVar = ["tenant", "agent"]
    search_fields: ClassVar = ["e164", "label", "tenant__name"]


@admin.register(NumberOrder)
class NumberOrderAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "tenant", "carrier", "state", "attempts", "next_at", "problem_code"]
    list_filter: ClassVar = ["state", "carrier", "problem_code"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["e164", "carrier_id", "tenant__name"]


@admin.register(Rental)
class RentalAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["number", "tenant", "monthly_micros", "paid_until", "grace_until", "ended_at"]
    list_select_related: ClassVar = ["tenant", "number"]
    search_fields: ClassVar = ["number__e164", "tenant__name"]


@admin.register(PortRequest)
class PortRequestAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "tenant", "carrier", "state", "due_on", "problem"]
    list_filter: ClassVar = ["state", "carrier"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["e164", "carrier_id", "tenant__name"]
    exclude: ClassVar = ["account_number", "pin", "bill"]


@admin.register(NumberBundle)
class NumberBundleAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["label", "tenant", "carrier", "country", "type", "state", "problem"]
    list_filter: ClassVar = ["state", "carrier"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["label", "carrier_id", "tenant__name"]
