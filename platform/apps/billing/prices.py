"""What a call costs: a tariff, agreed as it begins, and the lines that are made of that when it has ended.

Pure. Integer micro-units of the wallet's currency; a fraction of one is a whole one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from apps.billing.values import HoldRequest, Line

PLATFORM, INCLUDED, TELEPHONY = "platform", "included", "telephony"
"""Components of a call's cost; the others are the kinds of vendors: stt, llm, tts, realtime."""


@dataclass(frozen=True, slots=True)
class Telephony:
    """The part that a carrier of ours has: `first_s` at least, then in steps of `step_s`. `what` names the
    rate, like "twilio +44"."""

    what: str
    micros_per_minute: int
    first_s: int = 1
    step_s: int = 1

    def seconds(self, begun_s: int) -> int:
        """What is paid of a call that has begun so many seconds."""
        if not begun_s:
            return 0
        return self.first_s + _in_steps(max(0, begun_s - self.first_s), self.step_s)


@dataclass(frozen=True, slots=True)
class Usage:
    """What vendors did for a call. `cost_micros` for each `per` of `unit` is the vendor's list price;
    `own_key`: by the tenant's own key, so that the vendor takes it from the tenant."""

    component: str
    what: str
    quantity: int
    unit: str
    cost_micros: int
    per: int
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class Tariff:
    """By what a call is charged, whatever prices become while it lasts.

    `included_ms`: what the plan had left for the month as the call began. `vendor_micros_per_minute` is an
    estimate, margin included: for holds, never for charges. `telephony` None: the trunk is the tenant's own.
    """

    plan: str
    rounding_s: int
    platform_micros_per_minute: int
    margin_percent: int
    telephony: Telephony | None = None
    vendor_micros_per_minute: int = 0
    included_ms: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The tariff that `as_dict` was made of."""
        telephony = kept.get("telephony")
        return cls(**{**kept, "telephony": Telephony(**telephony) if telephony else None})

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @property
    def per_minute_micros(self) -> int:
        """Of all parts, without the plan's minutes."""
        telephony = self.telephony.micros_per_minute if self.telephony else 0
        return self.platform_micros_per_minute + telephony + self.vendor_micros_per_minute

    def at_most(self, most_ms: int) -> int:
        """What a call of `most_ms` may cost, as far as that can be told: others may use the plan's minutes
        up before it ends."""
        return price_of(
            duration_ms=max(most_ms, self._first_ms),
            per_minute=self.per_minute_micros,
            rounding_s=self._steps_s,
        )

    def hold(self, most_ms: int, *, counted_on: tuple[tuple[str, UUID], ...] = ()) -> HoldRequest:
        """What such a call asks the wallet for as it begins. When the plan's minutes are enough for all of it
        it asks for those; otherwise they are left out of account until it is settled."""
        first_ms = max(self._first_ms, min(settings.HOLD_SLICE_MS, most_ms))
        most_ms = max(most_ms, first_ms)
        included = self.platform_micros_per_minute if most_ms <= self.included_ms else 0
        return HoldRequest(
            per_minute_micros=self.per_minute_micros - included,
            first_ms=first_ms,
            most_ms=most_ms,
            tariff=self.as_dict(),
            rounding_s=self._steps_s,
            counted_on=counted_on,
            included_ms=most_ms if included else 0,
            instead_micros=included,
        )

    @property
    def _first_ms(self) -> int:
        return 1000 * self.telephony.first_s if self.telephony else 0

    @property
    def _steps_s(self) -> int:
        return max(self.rounding_s, self.telephony.step_s if self.telephony else 1)


def held_at_first(request: HoldRequest) -> int:
    """What the wallet must have for a call that asks so."""
    return price_of(
        duration_ms=request.first_ms, per_minute=request.per_minute_micros, rounding_s=request.rounding_s
    )


def price_of(*, duration_ms: int, per_minute: int, rounding_s: int = 1) -> int:
    """In steps of `rounding_s`: one that has begun is paid, and a fraction of a micro-unit is a whole one."""
    return -(-_in_steps(_begun_s(duration_ms), rounding_s) * per_minute // 60)


def lines_of(
    tariff: Tariff, *, duration_ms: int, usage: Sequence[Usage] = (), included_s: int = 0
) -> list[Line]:
    """What a call of `duration_ms` cost, `included_s` of it paid with the plan. Nothing of one that nobody
    answered, but for what vendors did."""
    return [*_minutes(tariff, duration_ms, included_s), *_vendors(tariff, usage)]


def platform_seconds(tariff: Tariff, duration_ms: int) -> int:
    """What is paid to the platform of a call of `duration_ms`, or taken from the plan's minutes."""
    return _in_steps(_begun_s(duration_ms), tariff.rounding_s)


def telephony_line(tariff: Tariff, telephony: Telephony, duration_ms: int) -> Line:
    """What a carrier's part of a leg of `duration_ms` cost."""
    paid, price = telephony.seconds(platform_seconds(tariff, duration_ms)), telephony.micros_per_minute
    return Line(TELEPHONY, telephony.what, paid, "second", price, 60, _amount(paid, price, 60))


def _minutes(tariff: Tariff, duration_ms: int, included_s: int) -> Iterator[Line]:
    seconds = platform_seconds(tariff, duration_ms)
    included = min(included_s, seconds)
    if included:
        yield Line(INCLUDED, f"Minutes of the plan {tariff.plan}", included, "second", 0, 60, 0)
    if paid := seconds - included:
        price = tariff.platform_micros_per_minute
        yield Line(PLATFORM, "Platform", paid, "second", price, 60, _amount(paid, price, 60))
    if tariff.telephony is not None and seconds:
        yield telephony_line(tariff, tariff.telephony, duration_ms)


def _vendors(tariff: Tariff, usage: Sequence[Usage]) -> Iterator[Line]:
    for one in usage:
        price, per = with_margin(one.cost_micros, one.per, tariff.margin_percent)
        price = 0 if one.own_key else price
        amount = _amount(one.quantity, price, per)
        yield Line(one.component, one.what, one.quantity, one.unit, price, per, amount, one.own_key)


def with_margin(cost_micros: int, per: int, percent: int) -> tuple[int, int]:
    """The price of `per` units (perhaps of more of them, so that it is a whole number), margin included."""
    price = cost_micros * (100 + percent)
    return (price // 100, per) if price % 100 == 0 else (price, per * 100)


def _amount(quantity: int, price_micros: int, per: int) -> int:
    return -(-quantity * price_micros // per)


def _begun_s(duration_ms: int) -> int:
    return -(-max(0, duration_ms) // 1000)


def _in_steps(seconds: int, step_s: int) -> int:
    return -(-seconds // step_s) * step_s
