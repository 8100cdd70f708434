"""What stands against dialing contacts whose time has come: asked of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from apps.campaigns.config import Attempts, CampaignConfig
from apps.campaigns.models import Campaign, Consent
from apps.campaigns.outcomes import SetAside
from apps.campaigns.services.claiming import Due
from apps.campaigns.services.suppression import suppressed
from tenants.countries import countries_in_force, country_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Refused:
    """Not now: `until` then, or for good with `why`; `detail` in words."""

    due: Due
    detail: str
    why: SetAside | None = None
    until: datetime | None = None


def refused(
    campaign: Campaign, config: CampaignConfig, contacts: Sequence[Due], *, now: datetime
) -> list[Refused]:
    """Those that must not be dialed now, in their order. The caller holds the tenant's lock: caps count the
    attempts of all of its campaigns, and nobody adds one meanwhile."""
    numbers = [due.e164 for due in contacts]
    listed = suppressed(numbers, campaign=campaign)
    agreed = _agreed(config, numbers, now=now)
    allowed = countries_in_force()
    attempts = _attempts(numbers, now=now)
    answer = []
    for due in contacts:
        if due.e164 in listed:
            answer.append(Refused(due, SetAside.SUPPRESSED.label, why=SetAside.SUPPRESSED))
        elif agreed is not None and due.e164 not in agreed:
            answer.append(Refused(due, SetAside.NO_CONSENT.label, why=SetAside.NO_CONSENT))
        elif country_of(due.e164) not in allowed:
            answer.append(Refused(due, SetAside.COUNTRY.label, why=SetAside.COUNTRY))
        elif due.attempts >= config.attempts.max_per_contact and not due.promised:
            answer.append(Refused(due, SetAside.CAPPED.label, why=SetAside.CAPPED))
        elif until := free_at(attempts.get(due.e164, []), config.attempts, now=now):
            answer.append(Refused(due, "Called as often as a number may be for now", until=until))
    return answer


def free_at(times: Sequence[datetime], caps: Attempts, *, now: datetime) -> datetime | None:
    """When a number may be dialed again that was at `times` (sorted); None: now."""
    waits = []
    for most, span in ((caps.max_per_day, DAY), (caps.max_per_week, WEEK)):
        within = [time for time in times if time > now - span]
        if len(within) >= most:
            waits.append(within[len(within) - most] + span)
    return max(waits, default=None)


def _agreed(config: CampaignConfig, numbers: list[str], *, now: datetime) -> set[str] | None:
    """Numbers with a consent that is not too old; None when none is needed."""
    if not config.consent.required:
        return None
    rows = Consent.objects.filter(e164__in=numbers, given_at__lte=now)
    if config.consent.max_age_days:
        rows = rows.filter(given_at__gt=now - timedelta(days=config.consent.max_age_days))
    return set(rows.values_list("e164", flat=True))


# What counts is when a line took a call, which may be long after it was decided; one that still waits may be
# taken from now on. So no number is dialed more often than it may in any day or week, whatever is put off.
_ATTEMPTS = """
SELECT e164, array_agg(at ORDER BY at) FROM (
  SELECT attempt.e164, coalesce(call.dialing_at, %(now)s) AS at
    FROM campaigns_attempt attempt JOIN calls_call call ON call.id = attempt.call_id
   WHERE attempt.e164 = ANY(%(numbers)s) AND attempt.dialed AND attempt.decided_at > %(since)s
     AND (call.dialing_at IS NOT NULL OR call.state <> 'ended')) AS dials
 GROUP BY 1
"""


def _attempts(numbers: list[str], *, now: datetime) -> dict[str, list[datetime]]:
    """When the numbers were dialed in the last week, by all campaigns of the tenant in force."""
    with connection.cursor() as cursor:
        since = now - WEEK - DAY  # what was decided before is no longer in a queue
        cursor.execute(_ATTEMPTS, {"numbers": numbers, "now": now, "since": since})
        return dict(cursor.fetchall())
