"""Callbacks that callees ask for in a campaign's calls are the campaign's to keep."""

from __future__ import annotations

from apps.calls.models import Call
from apps.campaigns.models import Attempt
from apps.campaigns.selectors import config_of


def keeps_promises_of(call: Call) -> bool:
    """A `followups.takers.Taker`: whether the call is an attempt of a campaign that keeps callbacks."""
    attempt = Attempt.objects.filter(call=call).select_related("campaign").first()
    return attempt is not None and config_of(attempt.campaign).attempts.keep_callbacks
