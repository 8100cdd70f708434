"""What a list of calls can be narrowed by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from apps.agents.models import Agent
from apps.calls import search
from apps.calls.models import AnsweredBy, Call, CallEvent, CallTag, Direction
from apps.calls.models.after import TAG_CHARS
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import EndReason
from telephony.trunks.models import Trunk
from tenants.filters import PublicIdFilter, TimeFilter

MAX_MS = 2**31 - 1
REPEATED = "May be given several times: any of them."


class NumberFormField(forms.CharField):
    """A telephone number; a plus that nobody escaped arrives as a space."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return f"+{text.strip()}" if text.startswith(" ") else text.strip()


class NumberFilter(django_filters.Filter):
    field_class = NumberFormField


class CallFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=CallState.choices, help_text=REPEATED)
    direction = django_filters.ChoiceFilter(choices=Direction.choices)
    end_reason = django_filters.MultipleChoiceFilter(
        choices=[(r.value, r.value) for r in EndReason], help_text=REPEATED
    )
    answered_by = django_filters.MultipleChoiceFilter(
        choices=AnsweredBy.choices, help_text=f"Who answered an outbound call. {REPEATED}"
    )
    test = django_filters.BooleanFilter(help_text="Calls of the sandbox, or those of real phones.")
    agent = PublicIdFilter(field_name="agent_id", prefix=Agent.id_prefix, help_text="agt_...")
    number = PublicIdFilter(field_name="number_id", prefix=PhoneNumber.id_prefix, help_text="num_...")
    trunk = PublicIdFilter(field_name="trunk_id", prefix=Trunk.id_prefix, help_text="trk_...")
    from_number = NumberFilter(help_text="Exactly, as the call shows it.")
    to_number = NumberFilter(help_text="Exactly, as the call shows it.")
    live = django_filters.BooleanFilter(method="_live", help_text="Calls that go on, or those that ended.")
    min_duration_ms = django_filters.NumberFilter(
        field_name="duration_ms", lookup_expr="gte", min_value=0, max_value=MAX_MS
    )
    max_duration_ms = django_filters.NumberFilter(
        field_name="duration_ms", lookup_expr="lte", min_value=0, max_value=MAX_MS
    )
    tag = django_filters.CharFilter(
        method="_tag", max_length=TAG_CHARS, help_text="Calls that have this tag."
    )
    created_after = TimeFilter(method="_created_after")
    created_before = TimeFilter(method="_created_before")
    q = django_filters.CharFilter(
        method="_q",
        max_length=100,
        help_text="Digits: part of either number, among the newest 50 000 calls of the time asked for. "
        "call_...: this call. Else: the beginning of the agent's name.",
    )

    class Meta:
        model = Call
        fields: list[str] = []

    def _live(self, rows: QuerySet[Call], name: str, value: bool) -> QuerySet[Call]:
        return rows.exclude(state=CallState.ENDED) if value else rows.filter(state=CallState.ENDED)

    def _tag(self, rows: QuerySet[Call], name: str, value: str) -> QuerySet[Call]:
        return rows.filter(pk__in=CallTag.objects.filter(name=value.casefold()).values("call_id"))

    def _created_after(self, rows: QuerySet[Call], name: str, value: datetime) -> QuerySet[Call]:
        return search.created(rows, after=value)

    def _created_before(self, rows: QuerySet[Call], name: str, value: datetime) -> QuerySet[Call]:
        return search.created(rows, before=value)

    def _q(self, rows: QuerySet[Call], name: str, value: str) -> QuerySet[Call]:
        asked = self.form.cleaned_data
        return search.matching(
            rows, value, after=asked.get("created_after"), before=asked.get("created_before")
        )


class EventFilter(django_filters.FilterSet):
    after = django_filters.NumberFilter(
        field_name="seq", lookup_expr="gt", min_value=0, help_text="Only events numbered higher."
    )
    type = django_filters.CharFilter()

    class Meta:
        model = CallEvent
        fields: list[str] = []
