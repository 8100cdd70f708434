"""What the audit log can be narrowed by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from tenants.audit.models import AuditEntry
from tenants.audit.selectors import searched
from tenants.filters import TimeFilter
from tenants.ids import first_id_at

Entries = QuerySet[AuditEntry]
_MILLISECOND = timedelta(milliseconds=1)


class AnyIdFormField(forms.CharField):
    """A public id of any kind, cleaned to the UUID behind it."""

    def clean(self, value: Any) -> UUID | None:
        text = super().clean(value)
        digits = text.rpartition("_")[2]
        if not text:
            return None
        try:
            return UUID(digits)
        except ValueError as error:
            raise forms.ValidationError("An id like agt_0192f0c8... is expected.") from error


class AnyIdFilter(django_filters.Filter):
    field_class = AnyIdFormField


class AuditFilter(filters.FilterSet):
    q = filters.CharFilter(
        method="search",
        max_length=200,
        help_text="Part of a name, an action, a kind of object; or an IP address's beginning.",
    )
    actor = filters.CharFilter(
        method="by_actor", max_length=300, help_text="An id (`usr_...`, `key_...`) or part of a name."
    )
    action = filters.CharFilter(help_text="`created`, `changed`, `deleted`, `login`, ...")
    object_type = filters.CharFilter(help_text="`agent`, `phone_number`, `trunk`, `membership`, ...")
    object = AnyIdFilter(field_name="object_id", help_text="An id: `agt_...`, `num_...`, ...")
    after = TimeFilter(method="not_before", help_text="ISO 8601; entries from then on.")
    before = TimeFilter(method="older_than", help_text="ISO 8601; entries before that time.")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def search(self, entries: Entries, name: str, value: str) -> Entries:
        return searched(entries, value)

    def by_actor(self, entries: Entries, name: str, value: str) -> Entries:
        if value.startswith(("usr_", "key_")):
            return entries.filter(actor_id=value)
        return entries.filter(actor_label__icontains=value)

    def not_before(self, entries: Entries, name: str, value: datetime) -> Entries:
        # Ids are made from the time: the index finds the place.
        return entries.filter(at__gte=value, id__gte=first_id_at(value))

    def older_than(self, entries: Entries, name: str, value: datetime) -> Entries:
        return entries.filter(at__lt=value, id__lt=first_id_at(value + _MILLISECOND))
