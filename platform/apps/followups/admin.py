from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.followups.models import Callback, TextMessage
from tenants.staff import ReadOnlyAdmin


@admin.register(Callback)
class CallbackAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["to_number", "tenant", "at", "state", "problem"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(TextMessage)
class TextMessageAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["to_number", "tenant", "state", "attempts", "problem", "created_at"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["text"]
