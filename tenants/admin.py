"""Staff's pages of tenants, people and keys."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminTextareaWidget

from tenants.accounts.services import mail_new_password, vouch_for_address
from tenants.impersonation import may_impersonate
from tenants.models import ApiKey, Membership, Tenant, User
from tenants.staff import ReadOnlyAdmin
from tenants.suspension import suspend, unsuspend

STATES = {"suspended": "danger", "leaving": "warning", "active": "success"}

admin.site.unregister(Group)


class MembershipInline(TabularInline):
    """Who belongs to the tenant: its own business, but for a superuser who helps a locked out owner."""

    model = Membership
    fields: ClassVar = ["user", "role", "created_at"]
    readonly_fields: ClassVar = ["created_at"]
    autocomplete_fields: ClassVar = ["user"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


class SuspensionForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="In words: the tenant's members read it.",
    )


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    """Search, suspend and let work again. Tenants are deleted by their owners only."""

    list_display: ClassVar = ["name", "slug", "state", "members", "created_at"]
    list_filter: ClassVar = [("suspended_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["name", "slug", "id"]
    readonly_fields: ClassVar = ["slug", "suspended_at", "suspended_reason", "deleting_at", "created_at"]
    inlines: ClassVar = [MembershipInline]
    actions_detail: ClassVar = ["suspend", "unsuspend"]

    @display(description="State", label=STATES)  # type: ignore[untyped-decorator]
    def state(self, tenant: Tenant) -> str:
        if tenant.deleting_at:
            return "leaving"
        return "suspended" if tenant.suspended else "active"

    @display(description="Members")  # type: ignore[untyped-decorator]
    def members(self, tenant: Tenant) -> int:
        return Membership.objects.filter(tenant=tenant).count()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @action(  # type: ignore[untyped-decorator]
        description="Suspend",
        url_path="suspend",
        permissions=["change"],
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def suspend(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Asks for the reason, then stops the tenant."""
        tenant = Tenant.objects.get(pk=object_id)
        form = SuspensionForm(request.POST or None, initial={"reason": tenant.suspended_reason})
        if request.method == "POST" and form.is_valid():
            suspend(tenant=tenant, reason=form.cleaned_data["reason"])
            messages.success(request, f"{tenant.name} is suspended: it can read and nothing else.")
            return redirect(_page(tenant))
        return self._ask(request, tenant, form, "Suspend")

    @action(  # type: ignore[untyped-decorator]
        description="Let work again", url_path="unsuspend", permissions=["change"], icon="play_circle"
    )
    def unsuspend(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        tenant = Tenant.objects.get(pk=object_id)
        if request.method == "POST":
            unsuspend(tenant=tenant)
            messages.success(request, f"{tenant.name} works again.")
            return redirect(_page(tenant))
        return self._ask(request, tenant, None, "Let work again")

    def _ask(
        self, request: HttpRequest, tenant: Tenant, form: SuspensionForm | None, verb: str
    ) -> HttpResponse:
        """One page for both: what is about to happen, and the button."""
        context = self.admin_site.each_context(request) | {
            "title": f"{verb}: {tenant.name}",
            "opts": self.model._meta,
            "original": tenant,
            "form": form,
            "verb": verb,
            "back": _page(tenant),
        }
        return TemplateResponse(request, "admin/tenants/ask.html", context)


class NewPersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """Somebody without a password: they set one themselves, by a mail."""

    class Meta:
        model = User
        fields: ClassVar = ["email"]

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user


class PersonForm(UserChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password" in self.fields:
            self.fields["password"].help_text = mark_safe(
                'Only they set it: <a href="../password/" class="text-primary-600">send them a mail</a>.'
            )


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """People. Someone who leaves is made inactive; acting as a person begins here."""

    ordering: ClassVar = ["email"]
    list_display = ["email", "full_name", "is_active", "is_staff", "last_login"]
    list_filter: ClassVar = ["is_staff", "is_active"]
    search_fields: ClassVar = ["email", "full_name", "id"]
    form = PersonForm
    add_form = NewPersonForm
    fieldsets: ClassVar = [
        (None, {"fields": ["email", "password", "full_name"]}),
        ("Platform", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Times", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields: ClassVar = ["last_login", "date_joined"]
    filter_horizontal: ClassVar = ["groups", "user_permissions"]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email"]})]
    actions_detail: ClassVar = ["act_as"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a superuser makes staff, or gives a person's account another address: whoever could change
        these fields could become one, or come in as the person."""
        fixed = list(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return fixed
        if obj is not None:
            fixed.append("email")
        return [*fixed, "is_staff", "is_superuser", "groups", "user_permissions"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff who are no superusers do not touch other staff: a new password would make them one."""
        if isinstance(obj, User) and obj.is_staff and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            vouch_for_address(user=obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Instead of Django's form: a mail with which the person sets a password. Staff know nobody's."""
        person = self.get_object(request, unquote(id))
        if person is None or not self.has_change_permission(request, person):
            raise PermissionDenied
        back = reverse("admin:tenants_user_change", args=[person.pk])
        if request.method == "POST":
            mail_new_password(request, user=person)
            messages.success(request, f"A mail to set a password is on its way to {person.email}.")
            return redirect(back)
        context = self.admin_site.each_context(request) | {
            "title": f"Password of {person.email}",
            "opts": self.model._meta,
            "original": person,
            "person": person,
            "back": back,
        }
        return TemplateResponse(request, "admin/tenants/reset_password.html", context)

    @action(  # type: ignore[untyped-decorator]
        description="Act as this person", url_path="act-as", permissions=["act_as"], icon="person_play"
    )
    def act_as(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Says what it means; its button posts to django-hijack."""
        person = User.objects.get(pk=object_id)
        context = self.admin_site.each_context(request) | {
            "title": f"Act as {person.email}",
            "opts": self.model._meta,
            "original": person,
            "person": person,
            "allowed": may_impersonate(hijacker=request.user, hijacked=person),  # type: ignore[arg-type]
            "back": reverse("admin:tenants_user_change", args=[person.pk]),
        }
        return TemplateResponse(request, "admin/tenants/act_as.html", context)

    def has_act_as_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("tenants.impersonate"))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Sets of staff permissions."""


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are seen and revoked here, never made: a secret must reach its owner only."""

    list_display: ClassVar = ["name", "prefix", "tenant", "mode", "expires_at", "revoked_at", "last_used_at"]
    list_filter: ClassVar = ["mode"]
    search_fields: ClassVar = ["name", "prefix", "tenant__name"]
    list_select_related: ClassVar = ["tenant"]
    exclude: ClassVar = ["digest"]
    actions: ClassVar = ["revoke"]

    @admin.action(description="Revoke the selected keys")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        from tenants.services import revoke_api_key

        if not request.user.has_perm("tenants.change_apikey"):
            messages.error(request, "You may not revoke keys.")
            return
        for key in keys:
            revoke_api_key(key=key)
        messages.success(request, "Revoked.")


def _page(tenant: Tenant) -> str:
    return reverse("admin:tenants_tenant_change", args=[tenant.pk])
