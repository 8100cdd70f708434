"""Deciding whom a campaign calls now. One transaction: what it decides is whole or never was.

Order of locks: the tenant (so that caps over all of its campaigns hold), the campaign's progress, contacts,
trunks, the wallet. Jobs leave after the commit; those that get lost are found by the calls' reconciler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from apps.agents.models import AgentVersion
from apps.agents.selectors import version_for_call
from apps.billing.models import LimitScope
from apps.billing.prices import Tariff
from apps.billing.selectors import outbound_stopped
from apps.billing.services import hold_many
from apps.billing.values import HoldRequest
from apps.calls.services.dialing import rooms_of
from apps.calls.services.place_calls import CallRequest, is_carried, place_calls
from apps.calls.services.plans import SANDBOX
from apps.calls.services.pricing import NoRate, Pricer, hold_of, longest_ms
from apps.campaigns import telling
from apps.campaigns.caller_pool import Wanted
from apps.campaigns.config import CampaignConfig
from apps.campaigns.live import progressed
from apps.campaigns.models import Attempt, Campaign, CampaignState, Contact, ContactState, Place, Progress
from apps.campaigns.outcomes import SetAside
from apps.campaigns.promises import drop_promises
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from apps.campaigns.services.allotment import AHEAD_S, concurrency
from apps.campaigns.services.arms import arm_of, versions_of
from apps.campaigns.services.callers import pool, usable_numbers
from apps.campaigns.services.claiming import Due, claim
from apps.campaigns.services.prices import costs_nothing
from apps.campaigns.services.refusing import Refused, refused
from apps.numbers.models import PhoneNumber
from tenants.ids import to_public
from tenants.scope import current_tenant_id
from tenants.suspension import is_suspended

ROUNDS = 10
"""Batches looked through in one decision, when most of the contacts turn out not to be dialed."""

AT_ONCE = 200
"""Calls begun in one decision: whoever pauses the campaign waits for no more than these."""

AT_LEAST = 100
"""Contacts looked at in a batch."""

IDLE_AT_LEAST, IDLE_AT_MOST = timedelta(seconds=2), timedelta(seconds=30)
"""For how long a campaign without a free caller, or without money, leaves the lines to others: what keeps it
may change at any time, and is looked at again by then."""

AGAIN_IN = timedelta(minutes=1)
"""A contact for whom alone there is no version or no money now."""

NO_VERSION = "The version of the agent that talks to this contact is missing"
NO_BUDGET = "The budget has no room for a call of this length just now"
NO_MONEY = "The wallet has no money, or a spend limit no room, for a call to begin just now"

AT_A_TIME = 5_000
"""Contacts of places that never open again, set aside in one transaction."""


@dataclass(frozen=True, slots=True)
class Start:
    """A call to be: whom, as whom, what it may cost at most (of the campaign's budget), and what the wallet
    must have for it to begin; None: it stays in the sandbox."""

    due: Due
    request: CallRequest
    held_micros: int
    hold: HoldRequest | None


def decide(campaign_id: UUID, *, now: datetime) -> int:
    """Starts as many calls of the campaign as its grant, its limits and its money let it, `AT_ONCE` at most;
    how many.

    In the tenant's scope, whose transaction must be this decision's own. Two at once: one after the other.
    """
    _lock_tenant()
    progress = counting.lock(campaign_id)
    campaign = Campaign.objects.select_related("agent__published_version", "agent__split_version").get(
        pk=campaign_id
    )
    if campaign.state != CampaignState.RUNNING or is_suspended():
        return 0
    config = CampaignConfig.model_validate(campaign.config)
    if outbound_stopped() and not costs_nothing(config, usable_numbers(config.callers)):
        return 0
    room = _room(campaign, config, progress, now=now)
    if not room:
        return 0
    waiting = progress.waiting
    decision = _Decision(campaign, config, progress, now)
    starts = decision.starts(room)
    _write(campaign, progress, starts, now=now)
    counting.save(progress)
    if decision.stuck:
        Progress.objects.filter(pk=progress.pk).update(idle_until=decision.goes_on_at())
    if progress.waiting != waiting:
        progressed(campaign)
    return len(starts)


def set_aside_never(campaign_id: UUID, *, now: datetime) -> int:
    """Sets contacts aside whose place never opens again, `AT_A_TIME`; how many. In the tenant's scope."""
    progress = counting.lock(campaign_id)
    waiting = Contact.objects.filter(place=OuterRef("pk"), state=ContactState.WAITING)
    places = Place.objects.filter(Exists(waiting), campaign=campaign_id, never=True)
    place = places.select_related("campaign").first()
    if place is None:
        return 0
    zones = place.zones or config_of(place.campaign).hours.default_time_zone
    why = SetAside.NEVER_OPEN if zones else SetAside.NO_TIME_ZONE
    waiting = Contact.objects.filter(campaign=campaign_id, place=place, state=ContactState.WAITING)
    drop_promises(list(waiting.filter(promised=True).values_list("pk", flat=True)), why=why.label)
    ids = list(waiting.values_list("pk", flat=True)[:AT_A_TIME])
    count = Contact.objects.filter(pk__in=ids).update(
        state=ContactState.SET_ASIDE, next_at=None, promised=False, set_aside=why, detail=place.why
    )
    counting.moved(
        progress, before=ContactState.WAITING, after=ContactState.SET_ASIDE, n=count, why=why, now=now
    )
    counting.save(progress)
    telling.contacts_set_aside(ids, at=now)
    progressed(place.campaign)
    return count


class _Decision:
    """What one decision knows; the rows that it speaks of are locked."""

    def __init__(self, campaign: Campaign, config: CampaignConfig, progress: Progress, now: datetime) -> None:
        self._campaign, self._config, self._progress, self._now = campaign, config, progress, now
        numbers = usable_numbers(config.callers)
        trunks = [] if config.test else [number.trunk_id for number in numbers if number.trunk_id]
        rooms: Mapping[UUID, int] = (
            rooms_of(trunks, now=now, ahead=timedelta(seconds=AHEAD_S)) if trunks else {}
        )
        self._numbers = {number.pk: number for number in numbers}
        self._pool = pool(config.callers, now=now, room=cast("Mapping[UUID | None, int]", rooms))
        if not config.test:
            dialing = {number.pk for number in numbers if number.trunk_id or is_carried(number)}
            self._pool.callers = [c for c in self._pool.callers if c.id in dialing]
        self.stuck = False
        """It could have begun more calls than its callers, its trunks or its money let it."""
        self._spent = False
        """Whoever came next could not be called either."""
        self._versions = {version.pk: version for version in versions_of(campaign, config)}
        free = costs_nothing(config, numbers)
        self._pricer = Pricer(now=now)
        self._prices = {pk: 0 if free else self._least(version) for pk, version in self._versions.items()}
        """What a call with each version costs at most, but for what a carrier of ours takes."""
        self._dearer = 0
        """What the cheapest call that was looked at costs beyond that."""
        self._left = None
        if config.budget_micros is not None:
            self._left = config.budget_micros - progress.cost_micros - progress.held_micros

    def starts(self, room: int) -> list[Start]:
        """Up to `room` calls; contacts that must not be dialed are set aside or put off on the way."""
        starts: list[Start] = []
        free = self._pool.free_calls(now=self._now)
        self.stuck, room = free < room, min(room, free)
        for _ in range(ROUNDS if room and self._versions else 0):
            asked = len(starts) + max(room - len(starts), min(AT_LEAST, 2 * room))
            found = claim(self._campaign.pk, asked, now=self._now)
            known = {start.due.id for start in starts}
            fresh = [due for due in found if due.id not in known]
            refusals = refused(self._campaign, self._config, fresh, now=self._now)
            out = {one.due.id for one in refusals}
            fit = [due for due in fresh if due.id not in out]
            self._learn(fit)
            made, later = self._made(fit, room - len(starts))
            starts += made
            _refuse(self._progress, [*refusals, *later], now=self._now)
            if len(starts) >= room or self._spent or len(found) < asked or not (refusals or later):
                break
        return starts

    def goes_on_at(self) -> datetime:
        """When to look again at a campaign that is stuck."""
        free_at = self._pool.free_at(now=self._now) or self._now
        return min(max(free_at, self._now + IDLE_AT_LEAST), self._now + IDLE_AT_MOST)

    def _made(self, fit: Sequence[Due], most: int) -> tuple[list[Start], list[Refused]]:
        """Up to `most` calls, and whom to put off: those whose own version is missing or too dear just now,
        so that they do not keep the others waiting."""
        made: list[Start] = []
        later: list[Refused] = []
        for due in fit:
            if len(made) == most or self._spent:
                break
            one = self._start(due)
            if isinstance(one, Refused):
                later.append(one)
            elif one is not None:
                made.append(one)
        paid, unpaid = self._paid(made)
        return paid, later + unpaid

    def _start(self, due: Due) -> Start | Refused | None:
        version = self._version(due)
        if version is None:
            return self._later(due, NO_VERSION)
        at_most = self._prices[version.pk]
        if self._left is not None and at_most > self._left:
            return self._too_dear(due, at_most, NO_BUDGET)
        retry = self._config.attempts.retries.get(due.last_outcome)  # type: ignore[call-overload]
        other_than = due.last_caller if retry and retry.other_number else None
        caller = self._pool.choose(Wanted(due.e164, other_than), now=self._now)
        if caller is None:
            self._stop()
            return None
        number = self._numbers[caller.id]
        if self._config.test or number.carrier == SANDBOX:
            return Start(due, self._request(due, number, version, test=True), 0, None)
        try:
            tariff = self._pricer.outbound(number, due.e164, version)
        except NoRate as error:
            return self._later(due, error.detail)
        return self._affordable(due, number, version, tariff)

    def _affordable(
        self, due: Due, number: PhoneNumber, version: AgentVersion, tariff: Tariff
    ) -> Start | Refused | None:
        at_most = tariff.at_most(longest_ms(version))
        dearer = at_most - self._prices[version.pk]
        self._dearer = min(self._dearer or dearer, dearer)
        if self._left is not None:
            if at_most > self._left:
                return self._too_dear(due, at_most, NO_BUDGET)
            self._left -= at_most
        campaign = ((LimitScope.CAMPAIGN.value, self._campaign.pk),)
        hold = hold_of(tariff, version, trunk_id=number.trunk_id, counted_on=campaign)
        return Start(due, self._request(due, number, version, test=False), at_most, hold)

    def _learn(self, dues: Sequence[Due]) -> None:
        """Reads what carriers of ours take for calls to these, in one go for each carrier."""
        sellers = {n.carrier: n for n in self._numbers.values() if n.trunk_id is None}
        for number in sellers.values() if not self._config.test else ():
            self._pricer.learn(number, [due.e164 for due in dues])

    def _least(self, version: AgentVersion) -> int:
        return self._pricer.own_trunk(version).at_most(longest_ms(version))

    def _request(self, due: Due, number: PhoneNumber, version: AgentVersion, *, test: bool) -> CallRequest:
        return CallRequest(
            number=number,
            to_number=due.e164,
            version=version,
            variables={**self._config.variables, **{k: str(v) for k, v in due.variables.items()}},
            metadata={
                "campaign": self._campaign.public_id,
                "contact": to_public("con_", due.id),
                "external_id": due.external_id,
            },
            test=test,
        )

    def _paid(self, starts: list[Start]) -> tuple[list[Start], list[Refused]]:
        """Those for whom the wallet has money, and those to put off."""
        held = hold_many(holds={start.request.id: start.hold for start in starts if start.hold is not None})
        held |= {start.request.id for start in starts if start.hold is None}
        unpaid = [start for start in starts if start.request.id not in held]
        if self._left is not None:
            self._left += sum(start.held_micros for start in unpaid)
        later = [self._too_dear(start.due, start.held_micros, NO_MONEY) for start in unpaid]
        return [start for start in starts if start.request.id in held], [one for one in later if one]

    def _too_dear(self, due: Due, price: int, why: str) -> Refused | None:
        """A call for which there is no money: others may be cheaper, or nobody is."""
        self.stuck = True
        if price > min(self._prices.values()) + self._dearer:
            return self._later(due, why)
        self._stop()
        return None

    def _later(self, due: Due, why: str) -> Refused:
        return Refused(due, why, until=self._now + AGAIN_IN)

    def _stop(self) -> None:
        self.stuck = self._spent = True

    def _version(self, due: Due) -> AgentVersion | None:
        arm = arm_of(self._config, due.id)
        version = self._versions.get(arm) if arm else version_for_call(self._campaign.agent, due.e164)
        return None if version is None else self._versions.get(version.pk)


def _lock_tenant() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(current_tenant_id())])


def _room(campaign: Campaign, config: CampaignConfig, progress: Progress, *, now: datetime) -> int:
    """How many calls may begin: what is left of the grant, inside the campaign's own concurrency."""
    if not progress.granted or progress.granted_until is None or progress.granted_until <= now:
        return 0
    live = Attempt.objects.filter(campaign=campaign, state="open").exclude(call__state="ended").count()
    most = concurrency(config.pacing, campaign.resumed_at or now, now=now)
    return max(0, min(progress.granted, most - live, AT_ONCE))


_PUT_OFF = """
UPDATE campaigns_contact SET next_at = new.until, detail = new.detail, updated_at = now()
  FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS new (id, until, detail)
 WHERE campaigns_contact.id = new.id
"""


def _refuse(progress: Progress, refusals: Sequence[Refused], *, now: datetime) -> None:
    by_reason: dict[SetAside, list[Refused]] = {}
    for one in refusals:
        if one.why is not None:
            by_reason.setdefault(one.why, []).append(one)
    for why, ones in by_reason.items():
        drop_promises([one.due.id for one in ones if one.due.promised], why=why.label)
        Contact.objects.filter(pk__in=[one.due.id for one in ones]).update(
            state=ContactState.SET_ASIDE,
            next_at=None,
            promised=False,
            set_aside=why,
            detail=ones[0].detail,
            updated_at=now,
        )
        counting.moved(
            progress,
            before=ContactState.WAITING,
            after=ContactState.SET_ASIDE,
            n=len(ones),
            why=why,
            now=now,
        )
        telling.contacts_set_aside([one.due.id for one in ones], at=now)
    later = [one for one in refusals if one.until is not None]
    if later:
        with connection.cursor() as cursor:
            values: list[Any] = [
                [o.due.id for o in later],
                [o.until for o in later],
                [o.detail for o in later],
            ]
            cursor.execute(_PUT_OFF, values)


def _write(campaign: Campaign, progress: Progress, starts: list[Start], *, now: datetime) -> None:
    """The calls, their attempts, and what they change."""
    if not starts:
        return
    calls = place_calls([start.request for start in starts], now=now)
    Attempt.objects.bulk_create(
        Attempt(
            campaign=campaign,
            contact_id=start.due.id,
            number=start.due.last_number + 1,
            e164=start.due.e164,
            call=call,
            caller=start.request.number,
            version=start.request.version,
            decided_at=now,
            held_micros=start.held_micros,
        )
        for start, call in zip(starts, calls, strict=True)
    )
    Contact.objects.filter(pk__in=[start.due.id for start in starts]).update(
        state=ContactState.CALLING, next_at=None, last_at=now, detail="", updated_at=now
    )
    held = sum(start.held_micros for start in starts)
    counting.decided(progress, n=len(starts), held_micros=held, now=now)
