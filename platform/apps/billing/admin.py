"""Staff's pages of money."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import action

from apps.billing import admin_limits as admin_limits  # registers its own, as the next one does
from apps.billing import admin_rates as admin_rates
from apps.billing.models import CallCharge, Entry, Hold, Posting, Wallet
from apps.billing.services import MOST_MICROS, credit
from tenants.errors import InvalidInput
from tenants.staff import ReadOnlyAdmin


class CreditForm(forms.Form):
    amount = forms.DecimalField(min_value=0, max_value=MOST_MICROS // 10**6, decimal_places=6, max_digits=16)
    why = forms.CharField(max_length=300, help_text="The tenant's members read it.")


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "currency", "balance_micros", "held_micros", "updated_at"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["tenant__name", "tenant__slug"]
    actions_detail: ClassVar = ["credit"]

    def has_credit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("billing.change_wallet")

    @action(  # type: ignore[untyped-decorator]
        description="Credit", url_path="credit", permissions=["credit"], icon="add_card"
    )
    def credit(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Asks how much and why, then adds it to the balance."""
        wallet = Wallet.objects.select_related("tenant").get(pk=object_id)
        form = CreditForm(request.POST or None)
        page = reverse("admin:billing_wallet_change", args=[wallet.pk])
        if request.method == "POST" and form.is_valid():
            amount_micros = int(form.cleaned_data["amount"] * 10**6)
            try:
                credit(tenant=wallet.tenant, amount_micros=amount_micros, why=form.cleaned_data["why"])
            except InvalidInput as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, f"{wallet.tenant.name} has {form.cleaned_data['amount']} more.")
                return redirect(page)
        context = self.admin_site.each_context(request) | {
            "title": f"Credit {wallet.tenant.name}",
            "opts": self.model._meta,
            "original": wallet.tenant,
            "form": form,
            "verb": "Credit",
            "back": page,
        }
        return TemplateResponse(request, "admin/billing/credit.html", context)


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "subject",
        "subject_id",
        "tenant",
        "amount_micros",
        "held_ms",
        "settled_micros",
        "created_at",
    ]
    list_filter: ClassVar = ["subject"]
    list_select_related: ClassVar = ["tenant"]


class PostingInline(TabularInline):
    model = Posting
    fields: ClassVar = ["account", "amount_micros", "balance_after_micros"]
    readonly_fields: ClassVar = ["account", "amount_micros", "balance_after_micros"]
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["created_at", "tenant", "kind", "why", "reference", "subject"]
    list_filter: ClassVar = ["kind"]
    list_select_related: ClassVar = ["tenant"]
    search_fields: ClassVar = ["reference", "subject"]
    inlines: ClassVar = [PostingInline]


@admin.register(CallCharge)
class CallChargeAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "created_at",
        "tenant",
        "call",
        "total_micros",
        "charged_micros",
        "written_off_micros",
    ]
    list_select_related: ClassVar = ["tenant"]
