"""What a list of calls can be narrowed by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import django_filters
from django import forms

from apps.agents.models import Agent
from apps.calls.models import Call, CallEvent, Direction
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import EndReason
from tenants.ids import from_public

REPEATED = "May be given several times: any of them."


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
    field_class = PublicIdFormField


class NumberFormField(forms.CharField):
    """A telephone number; a plus that nobody escaped arrives as a space."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return f"+{text.strip()}" if text.startswith(" ") else text.strip()


class NumberFilter(django_filters.Filter):
    field_class = NumberFormField


class TimeFormField(django_filters.fields.IsoDateTimeField):
    """A time in ISO 8601, cleaned to UTC: PostgreSQL does not know every offset that Python does."""

    def to_python(self, value: Any) -> datetime | None:
        time: datetime | None = super().to_python(value)
        try:
            return None if time is None else time.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError("This time is out of range.", code="invalid") from error


class TimeFilter(django_filters.Filter):
    field_class = TimeFormField


class CallFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=CallState.choices, help_text=REPEATED)
    direction = django_filters.ChoiceFilter(choices=Direction.choices)
    end_reason = django_filters.MultipleChoiceFilter(
        choices=[(r.value, r.value) for r in EndReason], help_text=REPEATED
    )
    test = django_filters.BooleanFilter(help_text="Calls of the sandbox, or those of real phones.")
    agent = PublicIdFilter(field_name="agent_id", prefix=Agent.id_prefix, help_text="agt_...")
    number = PublicIdFilter(field_name="number_id", prefix=PhoneNumber.id_prefix, help_text="num_...")
    from_number = NumberFilter(help_text="Exactly, as the call shows it.")
    to_number = NumberFilter(help_text="Exactly, as the call shows it.")
    created_after = TimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = TimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Call
        fields: list[str] = []


class EventFilter(django_filters.FilterSet):
    after = django_filters.NumberFilter(
        field_name="seq", lookup_expr="gt", min_value=0, help_text="Only events numbered higher."
    )
    type = django_filters.CharFilter()

    class Meta:
        model = CallEvent
        fields: list[str] = []
