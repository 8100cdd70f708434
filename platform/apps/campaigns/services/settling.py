"""What came of attempts whose calls have ended: written once, with everything that follows from it.

An attempt is settled once. A media node that was thought lost may correct the end of its call later
(`finish_call.correct_end`); the call then says so, the attempt keeps the outcome that was acted on by then,
since its contact may be on the line again, and so does the money.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet

from apps.analysis.models import Analysis
from apps.billing.selectors import charges_of
from apps.calls.models import Call
from apps.calls.services.hooks import stopped_for
from apps.calls.services.plans import SANDBOX
from apps.calls.states import CallState
from apps.campaigns import telling
from apps.campaigns.config import CampaignConfig
from apps.campaigns.goals import holds, is_converted, values_of
from apps.campaigns.hours.windows import Calendar
from apps.campaigns.live import progressed
from apps.campaigns.models import (
    Attempt,
    AttemptState,
    Campaign,
    Contact,
    ContactState,
    NumberDay,
    Suppression,
    SuppressionSource,
)
from apps.campaigns.outcome_of import outcome_of
from apps.campaigns.outcomes import CONNECTED, Outcome
from apps.campaigns.retrying import next_at
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from apps.campaigns.services.places import key_of
from apps.campaigns.services.suppression import opted_out
from apps.followups.models import Callback
from apps.followups.services import drop_taken, keep_taken, taken_callbacks

BATCH = 500
AGAIN_AFTER = timedelta(seconds=30)
"""A contact whose call was withdrawn: soon, but not at once, for what stood against it may still do so."""

OPTED_OUT = "The callee asked not to be called again."
PROMISED_TOO_OFTEN = "The contact was called as often as the campaign may."


@dataclass(frozen=True, slots=True)
class Batch:
    """What is known of the calls that are settled together, by call."""

    campaign: Campaign
    config: CampaignConfig
    calendar: Calendar
    callbacks: dict[UUID, Callback]
    asked_out: set[UUID]
    charges: dict[UUID, int]
    extracted: dict[UUID, dict[str, Any]]
    """Of calls that were analyzed by now; the others are taken up when they are (`afterwards`)."""
    same: Counter[tuple[UUID, str]]
    """Attempts settled before, by contact and outcome."""


def settle(campaign_id: UUID, *, now: datetime, limit: int = BATCH) -> int:
    """Settles at most `limit` attempts in one transaction; how many. In the scope of the campaign's tenant.

    Safe to repeat, and by several workers at once: they wait for each other, and find nothing left.
    """
    if not _ended(campaign_id).exists():
        return 0
    with transaction.atomic():
        progress = counting.lock(campaign_id)
        attempts = list(
            _ended(campaign_id)
            .select_for_update(of=("self",))
            .select_related("call", "caller")
            .order_by("pk")[:limit]
        )
        campaign = Campaign.objects.get(pk=campaign_id)
        rows = Contact.objects.filter(pk__in=[a.contact_id for a in attempts]).order_by("pk")
        contacts = {c.pk: c for c in rows.select_related("place").select_for_update(of=("self",))}
        batch = _batch(campaign, attempts)
        told = [_settle(batch, one, contacts[one.contact_id], now) for one in attempts]
        _write(attempts, contacts.values(), now=now)
        _count_numbers(attempts)
        counting.settled(progress, told, now=now)
        counting.save(progress)
        done = [contact for contact in contacts.values() if contact.state == ContactState.DONE]
        telling.contacts_completed(done, {one.contact_id: one.call_id for one in attempts}, at=now)
    progressed(campaign)
    return len(attempts)


def has_ended(campaign_id: UUID) -> bool:
    """Whether there is anything to settle."""
    return _ended(campaign_id).exists()


def _ended(campaign_id: UUID) -> QuerySet[Attempt]:
    rows = Attempt.objects.filter(campaign_id=campaign_id, state=AttemptState.OPEN)
    return rows.filter(call__state=CallState.ENDED)


def _batch(campaign: Campaign, attempts: list[Attempt]) -> Batch:
    calls = [a.call_id for a in attempts if a.call_id is not None]
    contacts = [a.contact_id for a in attempts]
    asked = Suppression.objects.filter(call_id__in=calls, source=SuppressionSource.CALLEE)
    before = Attempt.objects.filter(contact_id__in=contacts, state=AttemptState.ENDED)
    counted = before.values_list("contact_id", "outcome").annotate(n=Count("pk")).order_by()
    config = config_of(campaign)
    return Batch(
        campaign=campaign,
        config=config,
        calendar=Calendar(config.hours),
        callbacks=taken_callbacks(calls),
        asked_out={call for call in asked.values_list("call_id", flat=True) if call},
        charges=charges_of(calls),
        extracted=_extracted(config, calls),
        same=Counter({(contact, outcome): n for contact, outcome, n in counted}),
    )


def _extracted(config: CampaignConfig, calls: list[UUID]) -> dict[UUID, dict[str, Any]]:
    if not config.goal.conditions and not config.opt_out:
        return {}
    done = Analysis.objects.filter(call_id__in=calls, revision__gt=0)
    return dict(done.values_list("call_id", "values"))


def _settle(batch: Batch, attempt: Attempt, contact: Contact, now: datetime) -> counting.Settled:
    call, config = attempt.call, batch.config
    values = values_of(call.slots, batch.extracted.get(call.pk, {}))
    asked_out = call.pk in batch.asked_out or holds(config.opt_out, values, each=False)
    outcome = outcome_of(
        call,
        early_s=config.attempts.early_s,
        callback=call.pk in batch.callbacks,
        opted_out=asked_out,
    )
    dialed = outcome != Outcome.NOT_DIALED
    attempt.state, attempt.outcome, attempt.dialed, attempt.ended_at = (
        AttemptState.ENDED,
        outcome,
        dialed,
        now,
    )
    attempt.talk_ms = call.duration_ms
    attempt.cost_micros = batch.charges.get(call.pk, 0)
    attempt.converted = is_converted(config.goal, outcome, values)
    new = attempt.converted and not contact.converted
    contact.converted = contact.converted or attempt.converted
    if dialed:
        _keep_promise(contact, call)
        _move_on(batch, attempt, contact, now)
    else:
        _put_back(contact, call, now)
    if outcome == Outcome.OPTED_OUT and call.pk not in batch.asked_out:
        opted_out(e164=contact.e164, campaign=batch.campaign, call=call)
    return counting.Settled(
        outcome=outcome,
        after=ContactState(contact.state),
        version_id=attempt.version_id,
        talk_ms=attempt.talk_ms,
        held_micros=attempt.held_micros,
        cost_micros=attempt.cost_micros,
        converted=new,
        opted_out=outcome == Outcome.OPTED_OUT,
    )


def _keep_promise(contact: Contact, call: Call) -> None:
    """The callbacks that this attempt was for; those asked for in its own call are still to come."""
    if not contact.promised:
        return
    before = Attempt.objects.filter(contact=contact).exclude(call=call)
    keep_taken(call_ids=list(before.values_list("call_id", flat=True)), placed_call_id=call.pk)


def _put_back(contact: Contact, call: Call, now: datetime) -> None:
    contact.state, contact.next_at = ContactState.WAITING, now + (stopped_for(call) or AGAIN_AFTER)


def _move_on(batch: Batch, attempt: Attempt, contact: Contact, now: datetime) -> None:
    outcome, call = Outcome(attempt.outcome), attempt.call
    contact.attempts += 1
    contact.last_outcome, contact.last_at, contact.promised = outcome, attempt.decided_at, False
    batch.same[contact.pk, outcome] += 1
    contact.next_at = _next(batch, contact, outcome, call, now)
    contact.state = ContactState.DONE if contact.next_at is None else ContactState.WAITING


def _next(batch: Batch, contact: Contact, outcome: Outcome, call: Call, now: datetime) -> datetime | None:
    rules = batch.config.attempts
    callback = batch.callbacks.get(call.pk)
    if callback is not None and outcome == Outcome.CALLBACK and contact.attempts <= rules.max_per_contact:
        contact.promised = True
        return callback.at
    if callback is not None:
        drop_taken(call_ids=[call.pk], why=_why_dropped(outcome))
        return None
    if contact.converted:
        return None
    key = key_of(contact.place)
    return next_at(
        outcome,
        rules=rules,
        same=batch.same[contact.pk, outcome],
        dialed=contact.attempts,
        contact_id=contact.pk,
        last=call.dialing_at or now,
        now=now,
        zone=next(iter(batch.calendar.zones(key)), ""),
        opening=lambda at: batch.calendar.next_opening(key, at),
    )


def _why_dropped(outcome: Outcome) -> str:
    return OPTED_OUT if outcome == Outcome.OPTED_OUT else PROMISED_TOO_OFTEN


_ATTEMPTS_END = """
UPDATE campaigns_attempt SET state = 'ended', outcome = t.outcome, dialed = t.dialed, ended_at = %s,
       talk_ms = t.talk_ms, cost_micros = t.cost_micros, converted = t.converted, updated_at = now()
  FROM unnest(%s::uuid[], %s::text[], %s::bool[], %s::int[], %s::bigint[], %s::bool[])
    AS t (id, outcome, dialed, talk_ms, cost_micros, converted)
 WHERE campaigns_attempt.id = t.id
"""
_CONTACTS_MOVE = """
UPDATE campaigns_contact SET state = t.state, next_at = t.next_at, promised = t.promised,
       attempts = t.attempts, last_outcome = t.last_outcome, last_at = t.last_at, converted = t.converted,
       updated_at = now()
  FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bool[], %s::int[], %s::text[],
              %s::timestamptz[], %s::bool[])
    AS t (id, state, next_at, promised, attempts, last_outcome, last_at, converted)
 WHERE campaigns_contact.id = t.id
"""


def _write(attempts: Sequence[Attempt], contacts: Collection[Contact], *, now: datetime) -> None:
    """In one statement each: `bulk_update` costs several times what settling does."""
    told = ("pk", "outcome", "dialed", "talk_ms", "cost_micros", "converted")
    moved = ("pk", "state", "next_at", "promised", "attempts", "last_outcome", "last_at", "converted")
    with connection.cursor() as cursor:
        cursor.execute(_ATTEMPTS_END, [now, *_columns(attempts, told)])
        cursor.execute(_CONTACTS_MOVE, _columns(contacts, moved))


def _columns(rows: Collection[Any], names: Sequence[str]) -> list[list[Any]]:
    return [[getattr(row, name) for row in rows] for name in names]


def _count_numbers(attempts: list[Attempt]) -> None:
    """Health of caller numbers by the day (UTC) on which their calls ended, in one order for everybody: a
    number may be in several campaigns, which do not wait for each other's locks. What the sandbox's phones do
    to a number that calls people says nothing of it."""
    days: dict[tuple[UUID, date], Counter[str]] = {}
    for one in attempts:
        if one.dialed and one.call.ended_at is not None and one.call.test == (one.caller.carrier == SANDBOX):
            counts = days.setdefault((one.caller_id, one.call.ended_at.date()), Counter())
            counts.update(
                attempts=1,
                answered=int(one.outcome in CONNECTED),
                short=int(one.outcome == Outcome.HUNG_UP_EARLY),
                blocked=int(one.outcome == Outcome.BLOCKED),
            )
    keys = sorted(days, key=str)
    NumberDay.objects.bulk_create(
        [NumberDay(number_id=number, day=day) for number, day in keys], ignore_conflicts=True
    )
    for number, day in keys:
        sums = {name: F(name) + n for name, n in days[number, day].items()}
        NumberDay.objects.filter(number_id=number, day=day).update(**sums)
