from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from apps.calls.models import Call
from tenants.staff import ReadOnlyAdmin


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """How calls went, for support. What was said, and who was called, is the tenant's and not shown here."""

    list_display: ClassVar = [
        "public_id", "tenant", "direction", "state", "end_reason", "agent", "node", "gateway", "duration_ms",
        "pdd_ms", "mos", "one_way", "created_at",
    ]  # fmt: skip
    list_filter: ClassVar = ["direction", "state", "end_reason", "one_way", "transport", "srtp", "test"]
    list_select_related: ClassVar = ["tenant", "agent", "node"]
    search_fields: ClassVar = ["=id", "tenant__slug"]
    fields: ClassVar = [
        "public_id", "tenant", "direction", "test", "state", "agent", "agent_version", "number", "trunk",
        "node", "line", "sip_call_id", "source_address",
        "queued_at", "dial_at", "dialing_at", "ringing_at", "answered_at", "ended_at", "duration_ms",
        "end_reason", "end_detail", "sip_code", "sip_reason",
        "gateway", "transport", "srtp", "remote_agent", "codec", "ptime_ms", "pdd_ms", "setup_ms", "mos",
        "one_way", "media",
        "last_seq", "last_event_at", "missing_since", "job_id", "hangup_requested_at", "hangup_reason",
    ]  # fmt: skip
    ordering: ClassVar = ["-id"]
