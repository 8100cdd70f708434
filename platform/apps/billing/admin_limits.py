"""Staff's pages of limits, and of what stopped tenants' calls."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.billing.models import OutboundStop, SpendLimit
from tenants.staff import ReadOnlyAdmin


@admin.register(SpendLimit)
class SpendLimitAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "scope", "scope_id", "period", "amount_micros", "created_at"]
    list_filter: ClassVar = ["scope", "period"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["tenant__name", "tenant__slug"]


@admin.register(OutboundStop)
class OutboundStopAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "tenant", "kind", "words", "lifted_at", "lifted_by"]
    list_filter: ClassVar = ["kind", ("lifted_at", admin.EmptyFieldListFilter)]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["tenant__name", "tenant__slug"]
