"""Filters of the list of calls that somebody has kept."""

from __future__ import annotations

from django.db import models

from tenants.models import TenantModel


class SavedView(TenantModel):
    """Filters of a page under a name: the maker's own, or everybody's in the tenant when `shared`."""

    id_prefix = "view_"

    name = models.CharField(max_length=100)
    page = models.CharField(max_length=20, choices=[("calls", "Calls")])
    query = models.JSONField(default=dict, help_text="Query parameters: a text or a list of them for each.")
    shared = models.BooleanField(default=False)
    maker_id = models.UUIDField(help_text="The person, or the API key that nobody is known to have made.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "page", "-id"], name="calls_savedview_newest")]

    def __str__(self) -> str:
        return self.name
