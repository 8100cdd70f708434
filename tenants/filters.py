"""What lists of every layer can be narrowed by: public ids and times, as people and programs write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django_filters.fields import IsoDateTimeField

from tenants.ids import from_public


class PublicIdFormField(forms.CharField):
    """A public id, cleaned to the UUID behind it."""

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix

    def clean(self, value: Any) -> UUID | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return from_public(self.prefix, text)
        except ValueError as error:
            raise forms.ValidationError(f"An id like {self.prefix}0192f0c8... is expected.") from error


class PublicIdFilter(django_filters.Filter):
    """Rows by a public id; `prefix` is the one of the kind referred to."""

    field_class = PublicIdFormField


class TimeFormField(IsoDateTimeField):
    """A time in ISO 8601, cleaned to UTC: PostgreSQL does not know every offset that Python does."""

    def to_python(self, value: Any) -> datetime | None:
        time: datetime | None = super().to_python(value)
        try:
            return None if time is None else time.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError("This time is out of range.", code="invalid") from error


class TimeFilter(django_filters.Filter):
    """Rows by a time in ISO 8601, with an offset or in UTC."""

    field_class = TimeFormField
