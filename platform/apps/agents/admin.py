from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.agents.models import Agent, AgentVersion
from tenants.staff import ReadOnlyAdmin


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "tenant", "published_version", "archived_at", "updated_at"]
    list_filter: ClassVar = [("archived_at", admin.EmptyFieldListFilter)]
    list_select_related: ClassVar = ["tenant", "published_version"]
    search_fields: ClassVar = ["name", "tenant__name"]
    exclude: ClassVar = ["draft_api_keys"]


@admin.register(AgentVersion)
class AgentVersionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["agent", "number", "note", "created_at"]
    list_select_related: ClassVar = ["agent"]
    search_fields: ClassVar = ["agent__name"]
    exclude: ClassVar = ["api_keys"]
