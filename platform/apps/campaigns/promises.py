"""Callbacks that callees ask for in a campaign's calls are the campaign's to keep."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.calls.models import Call
from apps.campaigns.models import Attempt
from apps.campaigns.selectors import config_of
from apps.followups.services import drop_taken


def keeps_promises_of(call: Call) -> bool:
    """A `followups.takers.Taker`: whether the call is an attempt of a campaign that keeps callbacks."""
    attempt = Attempt.objects.filter(call=call).select_related("campaign").first()
    return attempt is not None and config_of(attempt.campaign).attempts.keep_callbacks


def drop_promises(contact_ids: Collection[UUID], *, why: str) -> None:
    """These contacts were promised a call that nobody will make any more, and `why`."""
    if contact_ids:
        made_in = Attempt.objects.filter(contact__in=contact_ids)
        drop_taken(call_ids=made_in.values("call_id"), why=why)
