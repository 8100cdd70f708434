"""What stands against dialing contacts whose time has come: asked of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.presets import Cap, rules_in_force
from apps.campaigns.models import Campaign, Consent
from apps.campaigns.outcomes import SetAside
from apps.campaigns.services.claiming import Due
from apps.campaigns.services.suppression import suppressed
from tenants.countries import countries_in_force, country_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LIVE = timedelta(minutes=2)
"""Nobody's telephone rings for two campaigns at once: after this it is looked again whether one goes on."""


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
    """Those that must not be dialed now, in their order. The caller holds the tenant's lock: caps, the
    campaign's and those of the rules in force at the callee's place, count the attempts of all of its
    campaigns, and nobody adds one meanwhile."""
    numbers = [due.e164 for due in contacts]
    listed = suppressed(numbers, campaign=campaign)
    agreed = _agreed(config, numbers, now=now)
    allowed = countries_in_force()
    caps = {place: caps_of(config, *place) for place in {(due.country, due.region) for due in contacts}}
    longest = max((cap.within for of_place in caps.values() for cap in of_place), default=WEEK)
    attempts, live = _attempts(numbers, now=now, within=longest)
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
        elif until := free_at(attempts.get(due.e164, []), caps[due.country, due.region], now=now):
            answer.append(Refused(due, "Called as often as a number may be for now", until=until))
        elif due.e164 in live:
            answer.append(Refused(due, "Another campaign's call to this number goes on", until=now + LIVE))
    return answer


def caps_of(config: CampaignConfig, country: str, region: str) -> tuple[Cap, ...]:
    """How often a number there may be called: as the campaign says, and as the rules in force there."""
    own = Cap(config.attempts.max_per_day, DAY), Cap(config.attempts.max_per_week, WEEK)
    rules = rules_in_force(config.hours.rules, country, region)
    return tuple(dict.fromkeys((*own, *(cap for rule in rules for cap in rule.caps))))


def free_at(times: Sequence[datetime], caps: Sequence[Cap], *, now: datetime) -> datetime | None:
    """When a number may be dialed again that was at `times` (sorted); None: now."""
    waits = []
    for cap in caps:
        within = [time for time in times if time > now - cap.within]
        if len(within) >= cap.calls:
            waits.append(within[len(within) - cap.calls] + cap.within)
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
# Of a call that is no longer kept its end is known by the attempt's, which is later.
_ATTEMPTS = """
SELECT e164, array_agg(at ORDER BY at), bool_or(live) FROM (
  SELECT attempt.e164, coalesce(call.state <> 'ended', false) AS live,
         CASE WHEN call.id IS NULL THEN attempt.ended_at ELSE coalesce(call.dialing_at, %(now)s) END AS at
    FROM campaigns_attempt attempt LEFT JOIN calls_call call ON call.id = attempt.call_id
   WHERE attempt.e164 = ANY(%(numbers)s) AND attempt.dialed AND attempt.decided_at > %(since)s
     AND (call.id IS NULL OR call.dialing_at IS NOT NULL OR call.state <> 'ended')) AS dials
 GROUP BY 1
"""


def _attempts(
    numbers: list[str], *, now: datetime, within: timedelta
) -> tuple[dict[str, list[datetime]], set[str]]:
    """When the numbers were dialed `within` so long, by all campaigns of the tenant in force; and those whose
    call has not ended."""
    with connection.cursor() as cursor:
        since = now - within - DAY  # what was decided before is no longer in a queue
        cursor.execute(_ATTEMPTS, {"numbers": numbers, "now": now, "since": since})
        rows = cursor.fetchall()
    return {e164: times for e164, times, _ in rows}, {e164 for e164, _, live in rows if live}
