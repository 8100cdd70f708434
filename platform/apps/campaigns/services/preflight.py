"""Every reason why a campaign could never dial, asked before it is started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, prefetch_related_objects

from apps.agents.models import AgentVersion
from apps.billing.selectors import available, outbound_stopped
from apps.billing.services.posting import in_words
from apps.calls.services.place_calls import is_carried
from apps.campaigns.config import CampaignConfig
from apps.campaigns.hours.windows import Calendar
from apps.campaigns.models import Campaign, Consent, Contact, ContactState, Place, Progress
from apps.campaigns.selectors import config_of
from apps.campaigns.services.callers import rests, usable_numbers
from apps.campaigns.services.places import key_of
from apps.campaigns.services.prices import Outlook, costs_nothing, outlook
from apps.numbers.models import PhoneNumber
from telephony.trunks.selectors import gateways_for
from tenants.suspension import WORDS as SUSPENDED
from tenants.suspension import is_suspended

LOOKED_AT = 5_000
"""Waiting contacts whose consents are looked for. Of others each is asked for its own in its turn."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, in words with the remedy; `code` for programs; `field` names the part of the configuration."""

    code: str
    detail: str
    field: str


def refusals(campaign: Campaign, now: datetime) -> list[Refusal]:
    """All there are; none: it may start. In the tenant's scope. Its cost grows with places and caller
    numbers, not with contacts."""
    config, progress = config_of(campaign), Progress.objects.get(campaign=campaign)
    return [
        *_tenant(config),
        *_agent(campaign, config),
        *_contacts(config, progress),
        *_hours(campaign, config, now),
        *_callers_and_money(campaign, config, progress, now),
        *_consents(campaign, config, now),
    ]


def refusals_of_running(campaign: Campaign, now: datetime) -> list[Refusal]:
    """Those that may come up while it runs; asked at every turn, so that contacts and places are not read."""
    config, progress = config_of(campaign), Progress.objects.get(campaign=campaign)
    return [*_agent(campaign, config), *_callers_and_money(campaign, config, progress, now, contacts=False)]


def out_of_service(number: PhoneNumber) -> str:
    """Why no call leaves by the number, in words; "" when it may."""
    trunk = number.trunk
    if trunk is None:
        return "" if is_carried(number) else f"numbers of {number.carrier} cannot place calls"
    if not trunk.sends_calls:
        return f"its trunk {trunk.name} takes no outbound calls"
    return "" if gateways_for(trunk) else f"its trunk {trunk.name} has no enabled gateway"


def _tenant(config: CampaignConfig) -> Iterator[Refusal]:
    if is_suspended():
        yield Refusal("tenant_suspended", SUSPENDED, "")
    words = outbound_stopped()
    if words and not costs_nothing(config, usable_numbers(config.callers)):
        yield Refusal("outbound_stopped", f"Outbound calls are stopped. {words}", "")


def _agent(campaign: Campaign, config: CampaignConfig) -> Iterator[Refusal]:
    if campaign.agent.archived_at is not None:
        yield Refusal("agent_archived", "The agent was archived: choose another one.", "agent")
    elif not config.arms and campaign.agent.published_version_id is None:
        yield Refusal("unpublished", "Publish the agent first: it has no version that takes calls.", "agent")
    found = {v.public_id for v in AgentVersion.objects.filter(agent=campaign.agent)} if config.arms else set()
    for place, arm in enumerate(config.arms):
        if arm.version not in found:
            words = "The agent has no such version."
            yield Refusal("unpublished", words, f"config.arms.{place}.version")


def _contacts(config: CampaignConfig, progress: Progress) -> Iterator[Refusal]:
    if not config.stay_open and progress.waiting + progress.checking + progress.calling == 0:
        yield Refusal("no_contacts", "No contact waits to be called: add some.", "contacts")


def _hours(campaign: Campaign, config: CampaignConfig, now: datetime) -> Iterator[Refusal]:
    hours = config.hours
    if not hours.windows:
        yield Refusal("no_windows", "Give at least one window in which to call.", "config.hours.windows")
        return
    if hours.not_after is not None and hours.not_after <= now:
        yield Refusal("over", "The campaign's latest date has passed.", "config.hours.not_after")
        return
    calendar = Calendar(hours)
    waiting = Contact.objects.filter(place=OuterRef("pk"), state=ContactState.WAITING)
    places = list(Place.objects.filter(Exists(waiting), campaign=campaign))
    verdicts = [calendar.judge(key_of(place), now) for place in places]
    if verdicts and all(v.never for v in verdicts):
        why = verdicts[0].why
        yield Refusal("never_open", f"No contact could ever be called. {why}", "config.hours")


def _callers_and_money(
    campaign: Campaign, config: CampaignConfig, progress: Progress, now: datetime, *, contacts: bool = True
) -> Iterator[Refusal]:
    usable = usable_numbers(config.callers)
    prefetch_related_objects(usable, "trunk__gateways")
    yield from _callers(config, usable, now)
    yield from _money(config, progress, outlook(campaign, config, usable, now=now, contacts=contacts))


def _callers(config: CampaignConfig, usable: list[PhoneNumber], now: datetime) -> Iterator[Refusal]:
    field = "config.callers.numbers"
    if not config.callers.numbers:
        yield Refusal("no_numbers", "Choose at least one caller number.", field)
        return
    if not usable:
        words = "None of the caller numbers may be used: they are for inbound calls, or their trunks take no"
        yield Refusal("no_usable_number", f"{words} outbound calls.", field)
        return
    why_not = {n.e164: out_of_service(n) for n in usable} if not config.test else {}
    if why_not and all(why_not.values()):
        told = "; ".join(f"{e164}: {why}" for e164, why in why_not.items())
        yield Refusal("no_trunk", f"No caller number can place calls: {told}."[:500], field)
    resting = rests(config.callers, [n.pk for n in usable], now=now)
    if len(resting) == len(usable):
        until = min(resting.values()).isoformat(timespec="minutes")
        yield Refusal("all_resting", f"All caller numbers rest, the first until {until}.", field)


def _money(config: CampaignConfig, spent: Progress, costs: Outlook) -> Iterator[Refusal]:
    if costs.no_rate:
        yield Refusal("no_rate", costs.no_rate, "config.callers.numbers")
    if not costs.tariffs:
        return
    left = None
    if config.budget_micros is not None:
        left = config.budget_micros - spent.cost_micros - spent.held_micros
    if left is not None and (left <= 0 or left < costs.longest):
        words = "The budget has no room for one more call of the agent's maximum duration: raise it."
        yield Refusal("budget", words, "config.budget_micros")
    if available() < costs.first:
        words = f"The wallet has no money for a call to begin: that takes {in_words(costs.first)}. Top it up."
        yield Refusal("no_money", words, "")


def _consents(campaign: Campaign, config: CampaignConfig, now: datetime) -> Iterator[Refusal]:
    """Told only when it is certain: of more than `LOOKED_AT` contacts a later one may have agreed."""
    if not config.consent.required or config.stay_open:
        return
    given = Consent.objects.filter(given_at__lte=now)
    if config.consent.max_age_days is not None:
        given = given.filter(given_at__gte=now - timedelta(days=config.consent.max_age_days))
    states = [ContactState.WAITING, ContactState.CHECKING]
    waiting = Contact.objects.filter(campaign=campaign, state__in=states).order_by()
    looked_at = list(waiting.values_list("e164", flat=True)[:LOOKED_AT])
    if not looked_at or given.filter(e164__in=looked_at).exists():
        return
    if len(looked_at) < LOOKED_AT or not given.exists():
        words = "No contact has a record of consent, which the campaign requires: import them."
        yield Refusal("no_consent", words, "config.consent.required")
