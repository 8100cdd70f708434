"""What somebody should look at: a purge that could not take everything, a request that failed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from apps.calls.attention import Notice
from apps.privacy.models import PersonRequest, Purge, RequestState

LOOKING_BACK = timedelta(days=7)
OF_A_KIND = 5
PAGE = "privacy"


def privacy_notices(permissions: Collection[str], now: datetime) -> Iterator[Notice]:
    """For whoever may read of it."""
    if "privacy.read" not in permissions:
        return
    last = Purge.objects.order_by("-id").first()
    if last is not None and last.problem:
        yield Notice("purge", "error", "The nightly purge left something", last.problem, PAGE)
    failed = PersonRequest.objects.filter(state=RequestState.FAILED, ended_at__gt=now - LOOKING_BACK)
    for request in failed.order_by("-id")[:OF_A_KIND]:
        title = f"A person's {request.get_kind_display().lower()} failed"
        yield Notice("person_request", "error", title, request.problem, PAGE)
