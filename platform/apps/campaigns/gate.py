"""What a campaign has to say of its call at the instant of dialing."""

from __future__ import annotations

from datetime import datetime

from apps.calls.gates import Rate, Word
from apps.calls.models import Call, Direction
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import judge
from apps.campaigns.models import Attempt, CampaignState
from apps.campaigns.services.places import key_of

NOT_RUNNING = "The campaign was paused or stopped while the call waited."
CLOSED = "The calling hours where the number is ended while the call waited."


def campaign_gate(call: Call, now: datetime) -> Word:
    """Refuses what is no longer to be dialed, and tells the campaign's rates. Other calls are not its own."""
    if call.direction != Direction.OUTBOUND:
        return Word()
    rows = Attempt.objects.select_related("campaign", "contact__place")
    attempt = rows.filter(call=call.pk).first()
    if attempt is None:
        return Word()
    if attempt.campaign.state != CampaignState.RUNNING:
        return Word(refused=NOT_RUNNING, code="campaign_not_running")
    config = CampaignConfig.model_validate(attempt.campaign.config)
    if not judge(key_of(attempt.contact.place), config.hours, now).open:
        return Word(refused=CLOSED, code="outside_hours")
    rates = [Rate(f"campaign:{attempt.campaign_id.hex}", config.pacing.calls_per_second)]
    if config.callers.calls_per_second:
        rates.append(Rate(f"number:{attempt.caller_id.hex}", config.callers.calls_per_second))
    return Word(rates=tuple(rates))
