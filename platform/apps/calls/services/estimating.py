"""What a call would cost, before there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import agent_config_for_call, version_for_call
from apps.billing.prices import (
    Tariff,
    held_at_first,
    lines_of,
    platform_seconds,
)
from apps.billing.selectors import available
from apps.billing.services import limits
from apps.billing.values import HoldRequest, Line
from apps.calls.services.place_calls import trunk_of
from apps.calls.services.plans import SANDBOX
from apps.calls.services.pricing import Pricer, hold_of
from apps.calls.services.vendor_estimate import parts_of
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import answering_version
from apps.vendors.selectors import own_keys
from tenants.errors import InvalidInput
from tenants.scope import current_tenant_id

ESTIMATED = (
    "What vendors do in a call is known when it has ended: their part is an estimate, for a conversation in "
    "which both sides speak as much."
)
SILENT = "The agent has no published version: what its vendors take is left out."
FREE = "Calls in the sandbox cost nothing."


@dataclass(frozen=True, slots=True)
class Estimated:
    """`hold_micros`: what the call needs to begin; `spendable_micros`: what it may take now, of the wallet
    and as far as spend limits go. `notes`: what to know of it."""

    minutes: int
    lines: list[Line] = field(default_factory=list)
    hold_micros: int = 0
    spendable_micros: int = 0
    free: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def total_micros(self) -> int:
        return sum(line.amount_micros for line in self.lines)

    @property
    def per_minute_micros(self) -> int:
        return -(-self.total_micros // self.minutes)

    @property
    def enough(self) -> bool:
        """Whether the wallet and the limits let it begin."""
        return self.free or self.spendable_micros >= self.hold_micros


def estimate_call(
    *, number: PhoneNumber, to_number: str, agent: Agent | None, minutes: int, now: datetime
) -> Estimated:
    """Of a call of so many minutes from `number` to `to_number`, or to it when that is empty. `agent` None:
    the number's own. InvalidInput for a number that cannot place calls; NoRate. In the tenant's scope."""
    if to_number:
        trunk_of(number, test=False)
    if number.carrier == SANDBOX:
        return Estimated(minutes, free=True, notes=[FREE])
    if agent is None:
        version = answering_version(number, to_number or number.e164)
    else:
        version = version_for_call(agent, to_number or number.e164)
    pricer = Pricer(now=now)
    tariff = pricer.outbound(number, to_number, version) if to_number else pricer.inbound(number, version)
    hold = hold_of(tariff, version, trunk_id=number.trunk_id)
    return Estimated(
        minutes,
        lines=_lines(tariff, version, minutes),
        hold_micros=held_at_first(hold),
        spendable_micros=_spendable(hold, now=now),
        notes=[ESTIMATED if version else SILENT],
    )


def _spendable(hold: HoldRequest, *, now: datetime) -> int:
    room = limits.room(tenant_id=current_tenant_id(), now=now)
    return room.most(hold.counted_on, available(), began=now)


def _lines(tariff: Tariff, version: AgentVersion | None, minutes: int) -> list[Line]:
    duration_ms = 60_000 * minutes
    included_s = min(tariff.included_ms // 1000, platform_seconds(tariff, duration_ms))
    lines = lines_of(tariff, duration_ms=duration_ms, included_s=included_s)
    return [*lines, *_vendors(tariff, version, minutes)]


def _vendors(tariff: Tariff, version: AgentVersion | None, minutes: int) -> Iterator[Line]:
    if version is None:
        return
    for part in parts_of(agent_config_for_call(version), tariff.margin_percent, own_keys()):
        yield Line(
            part.worker.kind,
            part.worker.words,
            60 * minutes,
            "second",
            part.micros,
            60,
            part.micros * minutes,
            part.worker.own_key,
        )


def own_number(number: PhoneNumber | None) -> PhoneNumber:
    """InvalidInput unless it is one."""
    if number is None:
        raise InvalidInput("This is not one of your numbers.", field="from_number", code="unknown")
    return number
