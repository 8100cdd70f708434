"""What a list of calls can be narrowed by, of what is known of them after they ended."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from apps.analysis.models import Analysis, Label, LabelKind
from apps.calls.api.filters import CallFilter
from apps.calls.models import Call


def _success(rows: QuerySet[Call], name: str, value: Any) -> QuerySet[Call]:
    return rows.filter(pk__in=Analysis.objects.filter(success=value).values("call_id"))


def _sentiment_below(rows: QuerySet[Call], name: str, value: Any) -> QuerySet[Call]:
    return rows.filter(pk__in=Analysis.objects.filter(sentiment_score__lt=value).values("call_id"))


def _topic(rows: QuerySet[Call], name: str, value: str) -> QuerySet[Call]:
    return _labelled(rows, LabelKind.TOPIC, value)


def _flag(rows: QuerySet[Call], name: str, value: str) -> QuerySet[Call]:
    return _labelled(rows, LabelKind.FLAG, value)


def _labelled(rows: QuerySet[Call], kind: LabelKind, name: str) -> QuerySet[Call]:
    return rows.filter(pk__in=Label.objects.filter(kind=kind, name=name).values("call_id"))


def add_to_calls() -> None:
    """Called as applications start: calls lie below their analyses, and know nothing of them."""
    CallFilter.base_filters |= {
        "success": django_filters.BooleanFilter(
            method=_success, help_text="Calls that reached the agent's goals, or did not."
        ),
        "sentiment_below": django_filters.NumberFilter(
            method=_sentiment_below, min_value=-1, max_value=1, help_text="-1 to 1, of the whole call."
        ),
        "topic": django_filters.CharFilter(method=_topic, max_length=80, help_text="Exactly, as configured."),
        "flag": django_filters.CharFilter(
            method=_flag,
            max_length=80,
            help_text="A compliance rule that was broken, or `incomplete`: a required value is missing.",
        ),
    }
