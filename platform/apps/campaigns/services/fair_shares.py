"""How scarce lines are shared out. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def fair_shares(
    wants: Mapping[Key, int], capacity: int, weights: Mapping[Key, int] | None = None
) -> dict[Key, int]:
    """Max-min: nobody gets more than it wants, and who gets less has, by weight, no less than any other.

    What cannot be divided goes to those with the least by weight, of equals to the first in `wants`: the
    caller changes their order from time to time.
    """
    weight = {key: (weights or {}).get(key, 1) for key in wants}
    given = dict.fromkeys(wants, 0)
    left = max(0, capacity)
    hungry = [key for key in wants if wants[key] > 0]
    while hungry and left:
        total = sum(weight[key] for key in hungry)
        sated = [k for k in hungry if wants[k] * total <= left * weight[k]]
        for key in sated:
            given[key] = wants[key]
        if not sated:
            return given | _divided(hungry, left, weight, total)
        left -= sum(wants[key] for key in sated)
        hungry = [key for key in hungry if key not in set(sated)]
    return given


def _divided(hungry: list[Key], left: int, weight: Mapping[Key, int], total: int) -> dict[Key, int]:
    """All of `left` among those that want more than their share of it."""
    shares = {key: left * weight[key] // total for key in hungry}
    rest = left - sum(shares.values())
    for key in sorted(hungry, key=lambda k: shares[k] / weight[k])[:rest]:
        shares[key] += 1
    return shares


def shares_of_tenants(
    wants: Mapping[Key, Mapping[Hashable, int]],
    capacity: int,
    *,
    weights: Mapping[Hashable, int],
    limits: Mapping[Key, int] | None = None,
) -> dict[Hashable, int]:
    """By campaign: tenants have equal shares, whatever number of campaigns they run, and divide theirs by
    their campaigns' weights. `limits`: of tenants that may not have all that they want."""
    of_tenants = {tenant: sum(campaigns.values()) for tenant, campaigns in wants.items()}
    for tenant, limit in (limits or {}).items():
        of_tenants[tenant] = max(0, min(of_tenants.get(tenant, 0), limit))
    shares: dict[Hashable, int] = {}
    for tenant, share in fair_shares(of_tenants, capacity).items():
        shares |= fair_shares(wants.get(tenant, {}), share, weights)
    return shares
