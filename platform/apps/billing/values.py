"""What money is asked for and told by: plain values, in integer micro-units of the wallet's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What a call asks the wallet for as it begins: its first `first_ms`, never more than `most_ms`.

    By `per_minute_micros`, in whole steps of `rounding_s`. `tariff` is what the call is charged by when it
    has ended, as the hold keeps it. `counted_on` names whose limits it counts on besides the tenant's own,
    as (scope, id). With `included_ms` it wants so much of the plan's minutes promised, all or nothing: when
    they are promised to others a minute takes `instead_micros` more.
    """

    per_minute_micros: int
    first_ms: int
    most_ms: int
    tariff: Mapping[str, Any] = field(default_factory=dict)
    rounding_s: int = 1
    counted_on: tuple[tuple[str, UUID], ...] = ()
    included_ms: int = 0
    instead_micros: int = 0

    def __post_init__(self) -> None:
        if self.per_minute_micros < 0 or self.rounding_s < 1:
            raise ValueError("a hold cannot be negative")
        if not 0 <= self.first_ms <= self.most_ms:
            raise ValueError("a call begins with no more than it may cost at most")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call has cost by now, `ms` after its answer."""

    ms: int
    micros: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a call cost: `quantity` of `unit` at `price_micros` for each `per` of them.

    `what` says it in words (a vendor's model, a prefix). `amount_micros` is what is charged of it, rounded by
    who makes the line. `own_key`: the vendor takes it from the tenant, we take nothing.
    """

    component: str
    what: str
    quantity: int
    unit: str
    price_micros: int
    per: int
    amount_micros: int
    own_key: bool = False

    def __post_init__(self) -> None:
        if min(self.quantity, self.price_micros, self.amount_micros) < 0 or self.per < 1:
            raise ValueError("a line cannot be negative")
