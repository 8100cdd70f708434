"""Staff's pages of invoices, and of what carriers counted otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from apps.billing.services.posting import in_words
from apps.statements.models import Difference, Invoice, Reconciliation
from tenants.models import Tenant
from tenants.staff import ReadOnlyAdmin


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "number",
        "tenant",
        "period_start",
        "period_end",
        "used_micros",
        "closing_micros",
    ]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["tenant__name", "tenant__slug"]


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "day",
        "carrier",
        "state",
        "found_differences",
        "theirs_calls",
        "ours_calls",
        "they_take",
        "we_charged",
        "unpriced",
        "problem",
        "ended_at",
    ]
    list_filter: ClassVar = ["carrier", "state"]
    exclude: ClassVar = ["used"]
    readonly_fields: ClassVar = ["what_was_used"]

    @admin.display(description="All that the carrier bills for the day")
    def what_was_used(self, row: Reconciliation) -> str:
        lines = (
            (
                one["words"] or one["category"],
                one["quantity"],
                one["unit"],
                Decimal(one["cost_micros"]) / 10**6,
                one["currency"],
            )
            for one in row.used
        )
        return format_html_join(mark_safe("<br>"), "{}: {} {}, {} {}", lines) or "Nothing"

    @admin.display(description="Differences", ordering="differences")
    def found_differences(self, row: Reconciliation) -> str:
        page = reverse("admin:statements_difference_changelist")
        link = f"{page}?reconciliation__id__exact={row.pk}"
        return format_html('<a href="{}">{}</a>', link, row.differences) if row.differences else "0"

    @admin.display(description="The carrier takes")
    def they_take(self, row: Reconciliation) -> str:
        return in_words(row.theirs_micros)

    @admin.display(description="Charged for telephony")
    def we_charged(self, row: Reconciliation) -> str:
        return in_words(row.ours_micros)


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "kind",
        "started_at",
        "carrier",
        "whose",
        "our_call",
        "record",
        "direction",
        "ours_seconds",
        "theirs_seconds",
        "ours_micros",
        "theirs_micros",
    ]
    list_filter: ClassVar = ["kind", "reconciliation__carrier", "direction"]
    list_select_related: ClassVar = ["reconciliation"]
    search_fields: ClassVar = ["record"]
    date_hierarchy = "started_at"

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup.startswith("reconciliation__") or super().lookup_allowed(lookup, value, request)

    @admin.display(description="Carrier")
    def carrier(self, row: Difference) -> str:
        return row.reconciliation.carrier

    @admin.display(description="Tenant")
    def whose(self, row: Difference) -> str:
        """By name; one that is gone has its id alone."""
        if row.of_tenant is None:
            return "-"
        name = Tenant.objects.filter(pk=row.of_tenant).values_list("name", flat=True).first()
        return name or str(row.of_tenant)

    @admin.display(description="Our call")
    def our_call(self, row: Difference) -> str:
        if row.call is None:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:calls_call_change", args=[row.call]), row.call.hex[:12]
        )
