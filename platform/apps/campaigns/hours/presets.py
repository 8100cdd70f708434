"""Calling hours that laws and regulators set, each with its source, and which of them bind a call.

None of this is legal advice: rules change and have exceptions (consent, an existing customer, research).
`Rule.checked` says for each how far its source was read. Where sources differ, the stricter one is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import holidays
from phonenumbers import SUPPORTED_REGIONS

from apps.campaigns.hours.regions import AUSTRALIA, CANADA, UNITED_STATES
from apps.campaigns.hours.rules import americas, elsewhere, europe, us
from apps.campaigns.hours.rules.custom import NOWHERE, OTHER
from apps.campaigns.hours.rules.rule import Cap, Minutes, Rule

__all__ = ["LOCAL", "PRESETS", "Cap", "Minutes", "Rule", "local_rules", "region_known", "rules_in_force"]

LOCAL = "local"
"""In a configuration: the rules of each callee's own country and region."""

PRESETS: dict[str, Rule] = {
    rule.id: rule for rule in (*us.RULES, *americas.RULES, *europe.RULES, *elsewhere.RULES, OTHER)
}

_UNDER = {
    **dict.fromkeys(us.TERRITORIES, "US"),
    **dict.fromkeys(("GG", "IM", "JE"), "GB"),
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"), "FR"),
    **dict.fromkeys(("CC", "CX", "NF"), "AU"),
    "SJ": "NO",
}
"""Territories with a country code of their own that are under another country's rule, or taken to be."""

_REGIONS = {
    "US": {*UNITED_STATES.values(), *us.TERRITORIES},
    "CA": set(CANADA.values()),
    "AU": set(AUSTRALIA.values()),
}


@cache
def _countries() -> frozenset[str]:
    return frozenset(SUPPORTED_REGIONS) | frozenset(holidays.list_supported_countries(include_aliases=False))


def region_known(country: str, region: str) -> bool:
    """Whether `region` may narrow the rules of `country`: one that does not exist must not."""
    return bool(region) and (country not in _REGIONS or region in _REGIONS[country])


@cache
def local_rules(country: str, region: str) -> tuple[Rule, ...]:
    """What binds calls to somebody there, never nothing: the country's rules and the region's; where the
    region is not known, those of every region; of a country without rules `other`; where the country is not
    known, one that allows no call."""
    if country not in _countries():
        return (NOWHERE,)
    law = _UNDER.get(country, country)
    part = country if country in us.TERRITORIES else region if region_known(country, region) else ""
    found = (r for r in PRESETS.values() if r.country == law and law)
    return tuple(r for r in found if not r.regions or not part or part in r.regions) or (OTHER,)


def rules_in_force(ids: Sequence[str], country: str, region: str) -> tuple[Rule, ...]:
    """Of a configuration's `rules`: those it names apply to every callee, `LOCAL` stands for their own."""
    named = [PRESETS[id] for id in ids if id != LOCAL]
    local = local_rules(country, region) if LOCAL in ids else ()
    return tuple(dict.fromkeys((*named, *local)))
