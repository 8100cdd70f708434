"""Staff's pages of payments: they read; money is moved through the API, or at Stripe."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from apps.payments.models import (
    GIVEN_UP,
    Customer,
    Dispute,
    Payment,
    Refund,
    StripeDifference,
    StripeEvent,
    StripeReconciliation,
    Subscription,
)
from apps.payments.services.events import try_again
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


class GivenUpFilter(admin.SimpleListFilter):
    title = "given up"
    parameter_name = "given_up"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "Given up")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> QuerySet[StripeEvent]:
        return queryset.filter(GIVEN_UP) if self.value() == "yes" else queryset


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "type", "object_id", "done_at", "attempts", "problem"]
    list_filter: ClassVar = [GivenUpFilter]
    search_fields: ClassVar = ["event_id", "object_id"]
    actions: ClassVar = ["try_again"]

    @admin.action(description="Try those that were given up again")
    def try_again(self, request: HttpRequest, events: QuerySet[StripeEvent]) -> None:
        if not request.user.has_perm("payments.change_stripeevent"):
            messages.error(request, "You may not do that.")
            return
        count = try_again(event_ids=list(events.values_list("pk", flat=True)))
        messages.success(request, f"{count} are looked into again, within some seconds.")


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
    list_display: ClassVar = [
        "day",
        "finished_at",
        "checked",
        "differences",
        "fees_micros",
        "payouts_micros",
        "others_micros",
        "problem",
    ]
    inlines: ClassVar = [DifferenceInline]
