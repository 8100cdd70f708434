"""Staff's pages of payments: they read; money is moved through the API, or at Stripe."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.admin import TabularInline

from apps.payments.models import (
    Customer,
    Dispute,
    Payment,
    Refund,
    StripeDifference,
    StripeEvent,
    StripeReconciliation,
    Subscription,
)
from tenants.staff import ReadOnlyAdmin


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "created_at",
        "tenant",
        "kind",
        "state",
        "amount_micros",
        "tax_micros",
        "problem",
    ]
    list_filter: ClassVar = ["kind", "state"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["intent_id", "charge_id", "invoice_id", "session_id", "tenant__slug"]


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "stripe_id", "card_brand", "card_last4"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["stripe_id", "tenant__slug"]


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "plan_code", "state", "period_end", "cancel_at_period_end", "problem"]
    list_filter: ClassVar = ["state", "plan_code"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "tenant", "amount_micros", "state", "asked_here", "problem"]
    list_filter: ClassVar = ["state", "asked_here"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "tenant", "reason", "state", "amount_micros", "evidence_due_at"]
    list_filter: ClassVar = ["state"]
    list_select_related: ClassVar = ["tenant"]


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "type", "object_id", "done_at", "attempts", "problem"]
    search_fields: ClassVar = ["event_id", "object_id"]


class DifferenceInline(TabularInline):
    model = StripeDifference
    fields: ClassVar = ["kind", "words", "whose"]
    readonly_fields: ClassVar = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: object) -> bool:
        return False


@admin.register(StripeReconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["day", "finished_at", "checked", "passed_over", "differences", "problem"]
    inlines: ClassVar = [DifferenceInline]
