"""What calls cost: the tariff of one that begins, the hold that it needs, the lines of one that has ended.

Plain values out of calls, agents and vendors, for billing to reckon with. In the tenant's scope.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

import structlog
from django.db import transaction

from apps.agents.models import AgentVersion
from apps.agents.selectors import agent_config_for_call
from apps.billing.errors import NotEnoughMoney
from apps.billing.models import Hold, LimitScope, RateOf
from apps.billing.prices import Tariff, Telephony, lines_of, platform_seconds
from apps.billing.selectors import hold_of_call, outbound_stopped
from apps.billing.services import free_leg, hold_call, hold_leg, settle
from apps.billing.services.rates import (
    plan_of,
    rates_for,
    telephony_of,
    unpromised_s,
    use_included,
)
from apps.billing.values import HoldRequest, Spent
from apps.calls.models import Call, Direction
from apps.calls.outbound_gate import STOPPED
from apps.calls.services.further_legs import is_of_carrier, lines_of_further_legs
from apps.calls.services.plans import SANDBOX
from apps.calls.services.vendor_estimate import per_minute_of
from apps.calls.services.vendor_usage import usage_of
from apps.numbers.models import BYOC, PhoneNumber
from apps.vendors.selectors import own_keys
from media_workers.contract.agent import AgentConfig
from tenants.audit.context import actor_now
from tenants.errors import InvalidInput, LimitReached
from tenants.ids import from_public
from tenants.models import ApiKey
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

USUAL_MS: int = AgentConfig.model_fields["max_duration_ms"].default
"""The longest of a call whose agent says nothing of it, or that has none."""

NO_RATE = (
    "Calls to {number} are not sold with numbers of {carrier}: there is no rate for it. Call from a number of"
    " a trunk of your own, or ask us for it."
)


MOST_ESTIMATES = 10_000
_ESTIMATES: dict[tuple[UUID, int, frozenset[str]], int] = {}
"""What vendors take of a minute with a version, which never changes, with this margin and these own keys:
campaigns ask at every turn, and reading a configuration costs more than a query."""


class NoRate(InvalidInput):
    """The number's carrier has no price for whom it is to call."""

    code = "no_rate"


class Pricer:
    """The tariffs of calls that begin at `now`; the plan, the tenant's keys and the rates are read once."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._plan = plan_of(at=now)
        self._rates: dict[tuple[str, str], dict[str, Telephony | None]] = {}

    def learn(self, number: PhoneNumber, others: Collection[str]) -> None:
        """Reads the rates of calls from `number` to `others` in one go."""
        if number.carrier not in (SANDBOX, BYOC):
            self._read(number.carrier, RateOf.OUTBOUND.value, others)

    def own_trunk(self, version: AgentVersion | None) -> Tariff:
        """Of a call through a trunk of the tenant's own, in or out."""
        return self._tariff(None, version)

    def outbound(self, number: PhoneNumber, to_number: str, version: AgentVersion | None) -> Tariff:
        """Of a call from `number`. NoRate when its carrier has no price for that."""
        if number.carrier in (SANDBOX, BYOC):
            return self.own_trunk(version)
        return self._tariff(self.to(number, to_number), version)

    def to(self, number: PhoneNumber, to_number: str) -> Telephony:
        """The part of the carrier of `number` in a call to `to_number`. NoRate when it has no price."""
        telephony = self._telephony(number.carrier, RateOf.OUTBOUND.value, to_number)
        if telephony is None:
            raise NoRate(NO_RATE.format(number=to_number, carrier=number.carrier), field="to_number")
        return telephony

    def inbound(self, number: PhoneNumber, version: AgentVersion | None) -> Tariff:
        """Of a call to `number`. A carrier that has no price for calls received takes nothing of the tenant:
        nobody is turned away for that."""
        if number.carrier in (SANDBOX, BYOC):
            return self.own_trunk(version)
        telephony = self._telephony(number.carrier, RateOf.INBOUND.value, number.e164)
        if telephony is None:
            log.error("inbound_without_rate", carrier=number.carrier, number=number.public_id)
        return self._tariff(telephony, version)

    def _tariff(self, telephony: Telephony | None, version: AgentVersion | None) -> Tariff:
        return Tariff(
            plan=self._plan.name,
            rounding_s=self._plan.rounding_s,
            platform_micros_per_minute=self._plan.minute_micros,
            margin_percent=self._plan.margin_percent,
            telephony=telephony,
            vendor_micros_per_minute=self._estimate(version),
            included_ms=1000 * self._included_s,
        )

    @cached_property
    def _own(self) -> frozenset[str]:
        return own_keys()

    @cached_property
    def _included_s(self) -> int:
        return unpromised_s(self._plan, at=self._now)

    def _estimate(self, version: AgentVersion | None) -> int:
        if version is None:
            return 0
        of = (version.pk, self._plan.margin_percent, self._own)
        if of not in _ESTIMATES:
            if len(_ESTIMATES) >= MOST_ESTIMATES:
                _ESTIMATES.clear()
            _ESTIMATES[of] = per_minute_of(agent_config_for_call(version), *of[1:])
        return _ESTIMATES[of]

    def _telephony(self, carrier: str, direction: str, e164: str) -> Telephony | None:
        known = self._rates.get((carrier, direction), {})
        if e164 not in known:
            self._read(carrier, direction, [e164])
        return self._rates[carrier, direction][e164]

    def _read(self, carrier: str, direction: str, numbers: Collection[str]) -> None:
        found = rates_for(carrier=carrier, direction=direction, numbers=numbers, at=self._now)
        known = self._rates.setdefault((carrier, direction), {})
        for e164 in numbers:
            known[e164] = telephony_of(found[e164]) if e164 in found else None


def longest_ms(version: AgentVersion | None) -> int:
    """How long a call with the version may last."""
    return int(version.config.get("max_duration_ms", USUAL_MS)) if version else USUAL_MS


def hold_of(
    tariff: Tariff,
    version: AgentVersion | None,
    *,
    trunk_id: UUID | None = None,
    counted_on: tuple[tuple[str, UUID], ...] = (),
) -> HoldRequest:
    """What a call asks the wallet for as it begins."""
    trunk = ((LimitScope.TRUNK.value, trunk_id),) if trunk_id else ()
    return tariff.hold(longest_ms(version), counted_on=(*trunk, *counted_on))


def hold_for(call: Call, *, now: datetime) -> None:
    """Promises the call money, the call's row being the caller's. Nothing of one that stays in the sandbox.

    Raises NotEnoughMoney, LimitReached (a spend limit) and NoRate.
    """
    if call.test:
        return
    hold_call(call_id=call.pk, request=request_of(call, now=now))


def unpaid(call: Call, *, now: datetime) -> str:
    """Why a call that begins now has no money, in words; "" when it has, or needs none."""
    if call.test or hold_of_call(call.pk).exists():
        return ""
    try:
        with transaction.atomic():
            hold_for(call, now=now)
    except (NotEnoughMoney, LimitReached, NoRate) as error:
        return error.detail
    return ""


def leg_price(call: Call, to_number: str) -> Telephony | None:
    """What a further leg to `to_number` takes, by the rates of when the call began, as it will be charged;
    None: nothing of ours, for it goes through no carrier of ours. NoRate when it has no price."""
    if not is_of_carrier(call):
        return None
    assert call.number is not None  # noqa: S101  (a carrier's call is of its number)
    return Pricer(now=call.created_at).to(call.number, to_number)


def hold_for_leg(call: Call, key: str, price: Telephony | None, *, now: datetime) -> None:
    """Promises the call money for a further leg, the call's row being the caller's; by `key` once. Raises
    NotEnoughMoney and LimitReached (a spend limit, or outbound calls are stopped)."""
    if price is None:
        return
    if words := outbound_stopped():
        raise LimitReached(f"Outbound calls are stopped. {words}", code=STOPPED)
    hold_leg(
        call_id=call.pk,
        key=key,
        at_ms=_talked_ms(call, now),
        per_minute_micros=price.micros_per_minute,
        begun_s=max(price.first_s, price.step_s),
    )


def free_of_leg(call: Call, key: str, *, now: datetime) -> None:
    """The leg of that key is over. The call's row is the caller's."""
    if is_of_carrier(call):
        free_leg(call_id=call.pk, key=key, at_ms=_talked_ms(call, now))


def _talked_ms(call: Call, now: datetime) -> int:
    if call.answered_at is None:
        return 0
    return max(0, (now - call.answered_at) // timedelta(milliseconds=1))


def request_of(call: Call, *, now: datetime) -> HoldRequest:
    """The hold that `call` needs. Raises NoRate."""
    pricer, version = Pricer(now=now), call.agent_version
    if call.number is None:
        raise ValueError("a call outside the sandbox is of a number")
    if call.direction == Direction.INBOUND:
        tariff = pricer.inbound(call.number, version)
    else:
        tariff = pricer.outbound(call.number, call.to_number, version)
    return hold_of(tariff, version, trunk_id=call.trunk_id, counted_on=_asked_by())


def _asked_by() -> tuple[tuple[str, UUID], ...]:
    """The API key that acts, if one does: its spend limits count the call."""
    actor = actor_now()
    if actor["actor_kind"] != "api_key":
        return ()
    return ((LimitScope.API_KEY.value, from_public(ApiKey.id_prefix, actor["actor_id"])),)


def settle_call(call: Call) -> int:
    """Charges what the call cost, in the transaction that ends it; the charge in micro-units.

    By the tariff that it began with, and the plan's minutes of the month in which it began; a call that
    nothing was held for costs nothing. Locks the wallet, last of all. In any scope that sees the call.
    """
    with tenant_scope(call.tenant_id):
        hold = hold_of_call(call.pk).first()
        if hold is None or hold.settled_micros is not None:
            return hold.settled_micros or 0 if hold else 0
        tariff, usage = _tariff_in(hold), usage_of(call)
        legs = list(lines_of_further_legs(call, tariff))
        included_s = use_included(
            seconds=platform_seconds(tariff, call.duration_ms),
            at=hold.created_at,
            own_s=hold.included_ms // 1000,
        )
        lines = lines_of(tariff, duration_ms=call.duration_ms, usage=usage, included_s=included_s)
        return settle(tenant_id=call.tenant_id, call_id=call.pk, lines=[*lines, *legs])


def spent_by(call: Call, hold: Hold, *, now: datetime) -> Spent:
    """What a call that goes on has cost by now, as it would be charged."""
    tariff, ms = _tariff_in(hold), _talked_ms(call, now)
    lines = lines_of(
        tariff, duration_ms=ms, usage=usage_of(call), included_s=-(-min(hold.included_ms, ms) // 1000)
    )
    return Spent(ms, sum(line.amount_micros for line in [*lines, *lines_of_further_legs(call, tariff)]))


def _tariff_in(hold: Hold) -> Tariff:
    if hold.tariff:
        return Tariff.of(hold.tariff)
    # Held before there were tariffs: all of it was the platform's.
    return Tariff("", 1, hold.per_minute_micros, 0)
