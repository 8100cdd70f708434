from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.admin import TabularInline

from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway
from tenants.staff import ReadOnlyAdmin


class GatewayInline(TabularInline):
    model = TrunkGateway
    exclude: ClassVar = ["tenant"]
    can_delete = False


class AddressInline(TabularInline):
    model = TrunkAddress
    exclude: ClassVar = ["tenant"]
    can_delete = False


@admin.register(Trunk)
class TrunkAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "tenant", "direction", "auth", "max_concurrent_calls", "archived_at"]
    list_filter: ClassVar = ["direction", "auth"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["name", "tenant__name"]
    exclude: ClassVar = ["password", "inbound_password"]
    inlines: ClassVar = [GatewayInline, AddressInline]
