"""No outbound call of a tenant reaches a number on its do-not-call list, whoever places it.

Asked when a call is placed and again when a line takes it. Legs of transfers are no calls of their own: they
ring the tenant's employees and desks, and are not asked about.
"""

from __future__ import annotations

from datetime import datetime

from apps.calls.gates import Word
from apps.calls.models import Call, Direction
from apps.campaigns.models import Attempt
from apps.campaigns.services.suppression import suppressed

SUPPRESSED = "suppressed"
REFUSAL = "The number is on your do-not-call list."


def suppression_gate(call: Call, now: datetime) -> Word:
    """Refuses numbers on the tenant's list, and for a campaign's call those on that campaign's."""
    if call.direction != Direction.OUTBOUND:
        return Word()
    campaign = Attempt.objects.filter(call=call.pk).values_list("campaign", flat=True).first()
    if suppressed([call.to_number], campaign=campaign):
        return Word(refused=REFUSAL, code=SUPPRESSED)
    return Word()
