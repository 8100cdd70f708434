"""Reads of follow-ups, in the tenant's scope."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.followups.models import Callback, TextMessage


def list_callbacks() -> QuerySet[Callback]:
    """The newest first."""
    return Callback.objects.order_by("-id")


def list_messages() -> QuerySet[TextMessage]:
    """The newest first."""
    return TextMessage.objects.order_by("-id")
