from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.campaigns.models import Attempt, Campaign, Contact, Import, NumberRest, Suppression
from tenants.staff import ReadOnlyAdmin


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["name", "tenant", "agent", "state", "pause_reason", "started_at", "ended_at"]
    list_filter: ClassVar = ["state", "paused_by_itself"]
    list_select_related: ClassVar = ["tenant", "agent"]
    search_fields: ClassVar = ["name"]


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "campaign", "state", "next_at", "attempts", "last_outcome", "set_aside"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["campaign"]
    exclude: ClassVar = ["variables"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "campaign", "number", "state", "outcome", "decided_at", "ended_at"]
    list_filter: ClassVar = ["state", "outcome"]
    list_select_related: ClassVar = ["campaign"]


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["filename", "tenant", "kind", "state", "rows", "good", "refused", "problem"]
    list_filter: ClassVar = ["state", "kind"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["preview"]


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["e164", "tenant", "campaign", "source", "created_at"]
    list_filter: ClassVar = ["source"]
    list_select_related: ClassVar = ["tenant", "campaign"]


@admin.register(NumberRest)
class NumberRestAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["number", "tenant", "since", "until", "reason", "ended_by_hand"]
    list_select_related: ClassVar = ["number", "tenant"]
