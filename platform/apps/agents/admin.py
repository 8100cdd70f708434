from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from apps.agents.models import Agent, AgentVersion


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For support: agents are changed through the API, which checks their configuration."""

    list_display = ["name", "tenant", "published_version", "archived_at", "updated_at"]
    list_filter = ["archived_at"]
    search_fields = ["name", "tenant__name"]
    exclude = ["draft_api_key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        return False


@admin.register(AgentVersion)
class AgentVersionAdmin(AgentAdmin):
    list_display = ["agent", "number", "note", "created_at"]
    list_filter = []
    search_fields = ["agent__name"]
    exclude = ["api_key"]
