from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.analysis.models import Analysis, Rerun
from tenants.staff import ReadOnlyAdmin


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["call", "tenant", "state", "extractor", "revision", "attempts", "problem"]
    list_filter: ClassVar = ["state", "extractor"]
    list_select_related: ClassVar = ["tenant", "call"]
    exclude: ClassVar = ["values", "summary", "reasons", "unanswered", "flags"]


@admin.register(Rerun)
class RerunAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["agent", "tenant", "state", "calls", "done", "failed", "started_at"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant", "agent"]
