"""The audit log of every tenant and of the platform itself, for staff."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from tenants.audit.models import AuditEntry
from tenants.staff import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "at",
        "tenant",
        "actor_label",
        "impersonator",
        "action",
        "object_type",
        "object_label",
    ]
    list_filter: ClassVar = ["actor_kind", "action"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["actor_label", "impersonator", "object_label", "tenant__name", "tenant__slug"]
    ordering: ClassVar = ["-id"]
