"""Addresses at which a call's recording can be heard without credentials, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.utils import timezone

from apps.calls.models import Call
from tenants.errors import NotFound

LONGEST = timedelta(days=7)
_SALT = "apps.calls.recording"


def ticket_for(call: Call, *, lasts: timedelta) -> tuple[str, datetime]:
    """Lets whoever has it hear the call's recording, as it is then, and until when."""
    expires_at = timezone.now() + lasts
    return signing.dumps([call.pk.hex, int(expires_at.timestamp())], salt=_SALT), expires_at


def call_of_ticket(ticket: str) -> UUID:
    """NotFound when it is none of ours, or too old."""
    try:
        call_id, expires_at = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature as error:
        raise NotFound("This address is not whole, or not one of ours.", code="bad_address") from error
    if datetime.fromtimestamp(expires_at, UTC) <= timezone.now():
        raise NotFound("This address is too old: ask for a new one.", code="address_expired")
    return UUID(call_id)
