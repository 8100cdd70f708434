"""Calls of a campaign taken back: those in the queue at once, those on a line by hanging up."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.calls.live import publish_after_commit
from apps.calls.models import Call
from apps.calls.services.control import hang_up_call
from apps.calls.services.finish_call import finish_call
from apps.calls.states import ON_A_NODE, CallState
from apps.campaigns.models import Campaign
from apps.campaigns.selectors import open_attempts
from media_workers.contract.events import Ended, EndReason


def withdraw_queued(campaign: Campaign, why: str, *, now: datetime | None = None) -> int:
    """Ends its queued calls without a dial; how many. The caller holds the campaign's lock, so no new one
    comes meanwhile; a line that is just taking one of them is waited for, and has it."""
    now = now or timezone.now()
    of_campaign = open_attempts(campaign).values("call_id")
    rows = Call.objects.filter(pk__in=of_campaign, state=CallState.QUEUED).order_by("pk")
    calls = list(rows.select_for_update(of=("self",), no_key=True))
    for call in calls:
        finish_call(call, Ended(reason=EndReason.WITHDRAWN, detail=why), at=now)
        publish_after_commit(call)
    return len(calls)


def hang_up_running(campaign: Campaign, why: str) -> int:
    """Asks the nodes to end its calls that ring or talk; how many."""
    of_campaign = open_attempts(campaign).values("call_id")
    rows = Call.objects.filter(pk__in=of_campaign, state__in=ON_A_NODE).order_by("pk")
    ids = list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    for call_id in ids:
        hang_up_call(call_id=call_id, reason=why)
    return len(ids)
