"""What is extracted of a call after its attempt was settled: the goal is reached after all, or the callee
asked not to be called again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.analysis.models import Analysis
from apps.calls.models import Call, Direction
from apps.campaigns import telling
from apps.campaigns.config import CampaignConfig
from apps.campaigns.goals import Values, holds, is_converted, values_of
from apps.campaigns.live import progressed
from apps.campaigns.models import Attempt, AttemptState, Contact, ContactState, Progress
from apps.campaigns.outcomes import Outcome
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from apps.campaigns.services.suppression import opted_out, suppressed


def take_up(*, call: Call, analysis: Analysis, **_: Any) -> None:
    """Receiver of `call_analyzed`, in its transaction. An attempt that is not settled yet is left to
    `settling`, which finds the analysis then; the campaign's lock decides who comes first. Once: nobody is
    converted or opted out twice, and nothing is taken back."""
    if call.direction != Direction.OUTBOUND:
        return
    attempt = Attempt.objects.select_related("campaign").filter(call=call).first()
    if attempt is None:
        return
    config = config_of(attempt.campaign)
    values = values_of(call.slots, analysis.values)
    if not _matters(config, analysis, values):
        return
    progress = counting.lock(attempt.campaign_id)
    attempt = Attempt.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=attempt.pk)
    if attempt.state != AttemptState.ENDED or attempt.outcome == Outcome.NOT_DIALED:
        return
    now = timezone.now()
    converted = _convert(progress, attempt, config, values, now)
    asked_out = _opt_out(attempt, config, values, call)
    if converted or asked_out:
        counting.known_afterwards(
            progress, version_id=attempt.version_id, converted=converted, opted_out=asked_out, now=now
        )
    counting.save(progress)
    progressed(attempt.campaign)


def _matters(config: CampaignConfig, analysis: Analysis, values: Values) -> bool:
    """Whether a condition that names an extracted value holds: without one the settling knew all there is."""
    conditions = [*config.goal.conditions, *config.opt_out]
    return any(one.slot in analysis.values and holds([one], values) for one in conditions)


def _convert(
    progress: Progress, attempt: Attempt, config: CampaignConfig, values: Values, now: datetime
) -> bool:
    """Whether the contact is converted by it, and was not before. One that waits is not called again, unless
    it was promised to be."""
    if attempt.converted or not is_converted(config.goal, Outcome(attempt.outcome), values):
        return False
    attempt.converted = True
    attempt.save(update_fields=["converted", "updated_at"])
    contact = Contact.objects.select_for_update(of=("self",)).filter(pk=attempt.contact_id).first()
    if contact is None or contact.converted:
        return False
    contact.converted = True
    ended = contact.state == ContactState.WAITING and not contact.promised
    if ended:
        contact.state, contact.next_at = ContactState.DONE, None
        counting.moved(progress, before=ContactState.WAITING, after=ContactState.DONE, now=now)
    contact.save(update_fields=["converted", "state", "next_at", "updated_at"])
    if ended:
        telling.contacts_completed([contact], {contact.pk: attempt.call_id}, at=now)
    return True


def _opt_out(attempt: Attempt, config: CampaignConfig, values: Values, call: Call) -> bool:
    """Whether the callee is on the do-not-call list by it, and was not before. Decisions find it there."""
    if attempt.outcome == Outcome.OPTED_OUT or not holds(config.opt_out, values, each=False):
        return False
    if suppressed([attempt.e164], campaign=None):
        return False
    opted_out(e164=attempt.e164, campaign=attempt.campaign, call=call)
    return True
