"""Staff's pages of what is kept, held, purged and asked for: numbers are not shown."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.privacy.models import LegalHold, PersonRequest, Purge, Retention
from tenants.staff import ReadOnlyAdmin


@admin.register(Retention)
class RetentionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "kind", "days"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "tenant", "created_at", "released_at"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["e164"]


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["day", "tenant", "left", "files_gone", "problem", "ended_at"]
    list_filter: ClassVar = ["files_gone"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(PersonRequest)
class PersonRequestAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["kind", "tenant", "state", "progress", "problem", "created_at", "ended_at"]
    list_filter: ClassVar = ["kind", "state"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["e164", "digest", "storage_key"]
