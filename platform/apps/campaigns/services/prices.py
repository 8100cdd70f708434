"""What calls of a campaign cost, as far as that can be told before there are any. In the tenant's scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.agents.models import AgentVersion
from apps.billing.prices import Tariff, held_at_first, price_of
from apps.calls.services.place_calls import is_carried
from apps.calls.services.plans import SANDBOX
from apps.calls.services.pricing import NoRate, Pricer, longest_ms
from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import Campaign, Contact, ContactState
from apps.campaigns.services.arms import versions_of
from apps.numbers.models import PhoneNumber

LOOKED_AT = 200
"""Waiting contacts whose numbers tell what a carrier of ours takes: a price by prefix."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of calls that leave the sandbox: `longest` is what the cheapest of them may cost at most, and `first`
    what the wallet must have for it to begin. `no_rate`: why no contact that was looked at can be called."""

    tariffs: tuple[tuple[Tariff, int], ...] = ()
    no_rate: str = ""

    @property
    def longest(self) -> int:
        return min((tariff.at_most(most_ms) for tariff, most_ms in self.tariffs), default=0)

    @property
    def first(self) -> int:
        return min((held_at_first(tariff.hold(most_ms)) for tariff, most_ms in self.tariffs), default=0)

    def price_of(self, talk_ms: int) -> int:
        """Of a call that talks for so long, on the average of what was looked at."""
        prices = [
            price_of(
                duration_ms=talk_ms,
                per_minute=tariff.hold(most_ms).per_minute_micros,
                rounding_s=tariff.rounding_s,
            )
            for tariff, most_ms in self.tariffs
        ]
        return -(-sum(prices) // len(prices)) if prices else 0


def costs_nothing(config: CampaignConfig, numbers: Sequence[PhoneNumber]) -> bool:
    """Whether all of its calls stay in the sandbox."""
    return config.test or (bool(numbers) and all(n.carrier == SANDBOX for n in numbers))


def outlook(
    campaign: Campaign,
    config: CampaignConfig,
    usable: Sequence[PhoneNumber],
    *,
    now: datetime,
    contacts: bool = True,
) -> Outlook:
    """Of the contacts that wait, as the versions that may talk to them and the caller numbers have it.

    Without `contacts` they are not looked at, and what carriers of ours take is left out.
    """
    if costs_nothing(config, usable):
        return Outlook()
    pricer, versions = Pricer(now=now), versions_of(campaign, config)
    sellers = {n.carrier: n for n in usable if n.trunk_id is None and n.carrier != SANDBOX and is_carried(n)}
    others = not usable or any(n.carrier not in sellers and n.carrier != SANDBOX for n in usable)
    found = [(pricer.own_trunk(v), longest_ms(v)) for v in versions] if others or not contacts else []
    why = ""
    for number in sellers.values() if contacts else ():
        try:
            found += _of_carrier(pricer, campaign, number, versions)
        except NoRate as error:
            why = error.detail
    return Outlook(tuple(found), "" if found else why)


def _of_carrier(
    pricer: Pricer, campaign: Campaign, number: PhoneNumber, versions: Sequence[AgentVersion]
) -> Iterator[tuple[Tariff, int]]:
    """NoRate when the carrier has a price for nobody who waits."""
    states = [ContactState.WAITING, ContactState.CHECKING]
    waiting = Contact.objects.filter(campaign=campaign, state__in=states).order_by()
    others = list(waiting.values_list("e164", flat=True)[:LOOKED_AT])
    pricer.learn(number, others)
    missing: NoRate | None = None
    found = False
    for other in others:
        for version in versions:
            try:
                yield pricer.outbound(number, other, version), longest_ms(version)
                found = True
            except NoRate as error:
                missing = error
    if missing is not None and not found:
        raise missing
