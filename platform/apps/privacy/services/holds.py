"""Legal holds: what must not go, whoever asks."""

from __future__ import annotations

from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone

from apps.calls.models import Call
from apps.privacy.jobs import LOOK_REQUESTS
from apps.privacy.models import LegalHold, PersonRequest, RequestState
from apps.privacy.selectors import get_hold, live_holds
from apps.privacy.services.erasing import in_line
from tenants.errors import InvalidInput

MOST = 1_000
"""Live holds of a tenant: each is looked at by every purge."""


def hold(*, name: str, reason: str, call: Call | None = None, e164: str = "") -> LegalHold:
    """Holds a call, all of a phone number (in E.164), or everything. It counts from the commit on: a purge
    that is under way is waited for."""
    if call is not None and e164:
        raise InvalidInput("Hold a call or a phone number; make two holds for both.", field="phone_number")
    in_line()
    if len(live_holds().rows) >= MOST:
        raise InvalidInput(f"There may be {MOST} holds at a time: release some first.", code="too_many")
    return LegalHold.objects.create(name=name, reason=reason, call=call, e164=e164)


def release(*, hold_id: UUID) -> LegalHold:
    """What it held may go, with the next purge; people's requests that it held back go on. Twice does no
    more. NotFound."""
    row = get_hold(hold_id, lock=True)
    if row.released_at is None:
        row.released_at = timezone.now()
        row.save(update_fields=["released_at", "updated_at"])
        if PersonRequest.objects.filter(state=RequestState.HELD).exists():
            transaction.on_commit(_ask_for_job, robust=True)
    return row


def _ask_for_job() -> None:
    """Failing is harmless: beat asks too."""
    current_app.send_task(LOOK_REQUESTS, expires=30)
