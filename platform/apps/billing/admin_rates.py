"""Staff's pages of plans and rates."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action

from apps.billing.models import MinutesUsed, Plan, PlanOfTenant, Rate
from apps.billing.services.importing_rates import COLUMNS, import_rates
from apps.billing.services.rates import put_on_plan
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.staff import ReadOnlyAdmin

MOST_BYTES = 50 * 2**20


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What is changed holds for calls that begin from then on. A plan is archived, never deleted."""

    list_display: ClassVar = [
        "name",
        "code",
        "price_micros_month",
        "included_minutes",
        "concurrency",
        "seats",
        "rounding_s",
        "archived_at",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj is not None else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PutOnPlanForm(forms.Form):
    tenant = forms.SlugField(help_text="The tenant's slug.")
    plan = forms.ModelChoiceField(queryset=Plan.objects.filter(archived_at=None))


@admin.register(PlanOfTenant)
class PlanOfTenantAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "plan", "since", "until"]
    list_select_related: ClassVar = ["tenant", "plan"]
    search_fields: ClassVar = ["tenant__name", "tenant__slug"]
    list_filter: ClassVar = ["plan"]
    actions_list: ClassVar = ["put"]

    def has_put_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_planoftenant")

    @action(  # type: ignore[untyped-decorator]
        description="Put a tenant on a plan", url_path="put", permissions=["put"], icon="swap_horiz"
    )
    def put(self, request: HttpRequest) -> HttpResponse:
        """Asks whom and on which, from now on."""
        form = PutOnPlanForm(request.POST or None)
        page = reverse("admin:billing_planoftenant_changelist")
        if request.method == "POST" and form.is_valid():
            tenant = Tenant.objects.filter(slug=form.cleaned_data["tenant"]).first()
            if tenant is None:
                form.add_error("tenant", "There is no such tenant.")
            else:
                with tenant_scope(tenant.pk):
                    put_on_plan(code=form.cleaned_data["plan"].code, at=timezone.now())
                messages.success(request, f"{tenant.name} has the plan {form.cleaned_data['plan'].name}.")
                return redirect(page)
        words = "From now on. Who pays for a plan by subscription changes it there."
        return _asked(self, request, form, title="Put a tenant on a plan", words=words, verb="Put", back=page)


class ImportForm(forms.Form):
    carrier = forms.SlugField(max_length=20, help_text="Its name in the platform, like twilio.")
    file = forms.FileField(
        help_text=f"CSV with the columns {', '.join(COLUMNS)}; prefix and price are needed."
    )
    effective_from = forms.DateTimeField(
        required=False, help_text="UTC; now when left out. Rows may have their own."
    )


@admin.register(Rate)
class RateAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "carrier",
        "direction",
        "prefix",
        "name",
        "micros_per_minute",
        "cost_micros_per_minute",
        "effective_from",
        "effective_until",
    ]
    list_filter: ClassVar = ["carrier", "direction"]
    search_fields: ClassVar = ["prefix__startswith", "name"]
    actions_list: ClassVar = ["bring"]

    def has_bring_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.add_rate")

    @action(  # type: ignore[untyped-decorator]
        description="Import rates", url_path="import", permissions=["bring"], icon="upload"
    )
    def bring(self, request: HttpRequest) -> HttpResponse:
        """Takes a file, all of it or nothing."""
        form = ImportForm(request.POST or None, request.FILES or None)
        page = reverse("admin:billing_rate_changelist")
        if request.method == "POST" and form.is_valid() and self._imported(request, form):
            return redirect(page)
        words = "All rows, or none when one is wrong. Rates of the same prefix end when the new ones begin."
        return _asked(self, request, form, title="Import rates", words=words, verb="Import", back=page)

    def _imported(self, request: HttpRequest, form: ImportForm) -> bool:
        told = form.cleaned_data
        try:
            if told["file"].size > MOST_BYTES:
                raise InvalidInput("The file is larger than 50 MB.", field="file")
            done = import_rates(
                carrier=told["carrier"],
                lines=io.StringIO(told["file"].read().decode("utf-8-sig"), newline=""),
                effective_from=told["effective_from"] or timezone.now(),
            )
        except UnicodeDecodeError:
            form.add_error("file", "The file is not UTF-8.")
        except InvalidInput as error:
            form.add_error("file" if error.field != "carrier" else "carrier", error.detail)
        else:
            messages.success(request, f"{done.rates} rates; {done.closed} of before end when they begin.")
            return True
        return False


@admin.register(MinutesUsed)
class MinutesUsedAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["tenant", "month", "seconds"]
    list_select_related: ClassVar = ["tenant"]


def _asked(
    page: ModelAdmin, request: HttpRequest, form: forms.Form, *, title: str, words: str, verb: str, back: str
) -> HttpResponse:
    context = page.admin_site.each_context(request) | {
        "title": title,
        "opts": page.model._meta,
        "form": form,
        "words": words,
        "verb": verb,
        "back": back,
    }
    return TemplateResponse(request, "admin/billing/ask.html", context)
