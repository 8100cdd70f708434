"""Stripe's books beside ours, a day at a time: each movement there is in a ledger, with the same amount, and
each movement of a ledger's account `stripe` is there.

What is missing here is first asked for, as if an event had come: only what stays different is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from apps.billing.models import AccountKind, Posting
from apps.payments.errors import StripeDown, StripeRefused
from apps.payments.gateway import balance, invoices
from apps.payments.gateway import payments as stripe_payments
from apps.payments.gateway.client import is_set_up
from apps.payments.gateway.facts import Movement
from apps.payments.models import (
    DifferenceKind,
    Dispute,
    Payment,
    Refund,
    StripeDifference,
    StripeReconciliation,
)
from apps.payments.money import in_words, micros_of
from apps.payments.services import entries
from apps.payments.services.refreshing import refresh_by_intent
from apps.payments.services.subscriptions import refresh_invoice
from tenants.ids import first_id_at
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

BEGINS = time(3)
"""UTC: a day is compared when it has been over for so long."""

DAYS_BACK = 7
SLACK = timedelta(days=2)
"""Stripe's clock and ours may put one movement into different days."""

_OF_TENANTS = {"charge", "payment", "refund", "payment_refund", "adjustment", "refund_failure",
               "payment_failure_refund"}  # fmt: skip
"""Kinds of movements that are somebody's payment; the others are the platform's own."""

_PAYOUTS = {"payout", "payout_cancel", "payout_failure"}
_FEES = {"stripe_fee", "stripe_fx_fee", "network_cost", "tax_fee"}
"""Beside these, each movement has the fee that Stripe takes of it."""


@dataclass(frozen=True, slots=True)
class _Ours:
    """A movement's place in our books: whose, and the entries that it is there."""

    tenant_id: UUID
    references: tuple[str, ...]


def reconcile_due(*, now: datetime) -> None:
    """Compares the days of the last week that are over and were not compared."""
    if not is_set_up():
        return
    with platform_scope():
        done = set(
            StripeReconciliation.objects.filter(finished_at__isnull=False).values_list("day", flat=True)
        )
        first = Payment.objects.order_by("pk").values_list("created_at", flat=True).first()
    if first is None:
        return
    for back in range(DAYS_BACK, 0, -1):
        day = now.date() - timedelta(days=back)
        over = datetime.combine(day + timedelta(days=1), BEGINS, UTC) <= now
        if day >= first.date() and day not in done and over:
            reconcile(day=day)


def reconcile(*, day: date) -> StripeReconciliation:
    """Compares one day, again if it was before. Outside any transaction."""
    begin = datetime.combine(day, time(), UTC)
    try:
        there = list(balance.movements(since=begin - SLACK, until=begin + timedelta(days=1) + SLACK))
        ours = _ours_of(there)
        _heal(there, ours)
        ours = _ours_of(there)
    except StripeDown as error:
        with platform_scope():
            row, _ = StripeReconciliation.objects.update_or_create(
                day=day, defaults={"problem": error.detail}
            )
        return row
    with platform_scope():
        return _compare(day, begin, there, ours)


def _ours_of(movements: Iterable[Movement]) -> dict[str, _Ours]:
    """By the id of the movement, those that we know."""
    rows = [m for m in movements if m.kind in _OF_TENANTS]
    sources = {m.source for m in rows}
    with platform_scope():
        charges = dict(Payment.objects.filter(charge_id__in=sources).values_list("charge_id", "tenant_id"))
        refunds = dict(Refund.objects.filter(stripe_id__in=sources).values_list("stripe_id", "tenant_id"))
        disputes = dict(Dispute.objects.filter(stripe_id__in=sources).values_list("stripe_id", "tenant_id"))
    found: dict[str, _Ours] = {}
    for each in rows:
        if each.source in charges:
            names = (entries.reference(each.source), entries.subscription_reference(each.source))
            found[each.id] = _Ours(charges[each.source], _with_tax(each.source, *names))
        elif each.source in refunds:
            name = f"{each.source}:failed" if each.cents > 0 else each.source
            found[each.id] = _Ours(refunds[each.source], _with_tax(name, entries.reference(name)))
        elif each.source in disputes:
            found[each.id] = _Ours(disputes[each.source], _with_tax(each.id, entries.reference(each.id)))
    return found


def _with_tax(name: str, *references: str) -> tuple[str, ...]:
    return (*references, f"{entries.TAX}{name}")


def _heal(movements: Iterable[Movement], ours: dict[str, _Ours]) -> None:
    """What Stripe has and we have not booked, though it is a payment of ours: an event that never came."""
    with platform_scope():
        booked = _booked(list(ours.values()))
    for each in movements:
        place = ours.get(each.id)
        known = place and any((place.tenant_id, name) in booked for name in place.references)
        if each.kind not in _OF_TENANTS or known:
            continue
        with suppress(StripeRefused):
            intent_id = stripe_payments.intent_behind(each.source)
            if intent_id and not refresh_by_intent(intent_id):
                invoice_id = invoices.invoice_of(intent_id)  # of a plan: Stripe made it
                if invoice_id:
                    refresh_invoice(invoice_id)


def _compare(
    day: date, begin: datetime, there: list[Movement], ours: dict[str, _Ours]
) -> StripeReconciliation:
    row, _ = StripeReconciliation.objects.update_or_create(day=day, defaults={"problem": ""})
    row.rows.all().delete()
    end = begin + timedelta(days=1)
    today = [m for m in there if begin <= m.at < end]
    known = {name for place in ours.values() for name in place.references}
    found = [*_from_stripe(today, ours), *_from_here(begin, end, known)]
    StripeDifference.objects.bulk_create([_of(each, row) for each in found])
    row.checked = sum(m.kind in _OF_TENANTS for m in today)
    row.passed_over, row.differences = len(today) - row.checked, len(found)
    row.fees_micros, row.payouts_micros, row.others_micros = map(micros_of, _own(today))
    row.finished_at = timezone.now()
    row.save()
    if found:
        log.warning("stripe_differs", day=str(day), differences=len(found))
    return row


def _own(movements: Iterable[Movement]) -> tuple[int, int, int]:
    """The platform's own, in cents: what Stripe took, what it paid out, and the rest."""
    fees, payouts, others = 0, 0, 0
    for each in movements:
        fees -= each.fee_cents
        if each.kind in _PAYOUTS:
            payouts += each.cents
        elif each.kind in _FEES:
            fees += each.cents
        elif each.kind not in _OF_TENANTS:
            others += each.cents
    return fees, payouts, others


def _of(difference: StripeDifference, row: StripeReconciliation) -> StripeDifference:
    difference.reconciliation = row
    return difference


def _from_stripe(movements: list[Movement], ours: dict[str, _Ours]) -> Iterable[StripeDifference]:
    booked = _booked([ours[m.id] for m in movements if m.id in ours])
    for each in movements:
        if each.kind not in _OF_TENANTS:
            continue
        place, theirs = ours.get(each.id), micros_of(each.cents)
        if place is None:
            yield StripeDifference(
                kind=DifferenceKind.MISSING_HERE,
                stripe_id=each.id,
                stripe_micros=theirs,
                words=f"Stripe has a {each.kind} over {in_words(theirs)}, {each.source}, of no tenant.",
            )
            continue
        amounts = [
            booked[place.tenant_id, name] for name in place.references if (place.tenant_id, name) in booked
        ]
        if not amounts:
            kind, words = DifferenceKind.MISSING_HERE, "is not in the tenant's ledger"
        elif -sum(amounts) != theirs:
            kind, words = DifferenceKind.AMOUNT, f"is {in_words(-sum(amounts))} in the tenant's ledger"
        else:
            continue
        yield StripeDifference(
            kind=kind,
            stripe_id=each.id,
            reference=place.references[0],
            whose=place.tenant_id,
            stripe_micros=theirs,
            our_micros=-sum(amounts) if amounts else None,
            words=f"A {each.kind} over {in_words(theirs)} ({each.source}) {words}.",
        )


def _booked(places: list[_Ours]) -> dict[tuple[UUID, str], int]:
    """What the ledgers' account `stripe` moved, by tenant and reference."""
    found: dict[tuple[UUID, str], int] = {}
    for tenant_id in {place.tenant_id for place in places}:
        names = [name for p in places if p.tenant_id == tenant_id for name in p.references]
        rows = Posting.objects.filter(
            tenant_id=tenant_id, account=AccountKind.STRIPE, entry__reference__in=names
        )
        for name, amount in rows.values_list("entry__reference", "amount_micros"):
            found[tenant_id, name] = int(amount)
    return found


def _from_here(begin: datetime, end: datetime, known: set[str]) -> Iterable[StripeDifference]:
    """Entries of the day that Stripe has no movement for."""
    rows = Posting.objects.filter(
        account=AccountKind.STRIPE, pk__gte=first_id_at(begin), pk__lt=first_id_at(end)
    )
    for each in rows.select_related("entry").iterator():
        name = each.entry.reference
        if name not in known:
            yield StripeDifference(
                kind=DifferenceKind.MISSING_AT_STRIPE,
                reference=name,
                whose=each.tenant_id,
                our_micros=-each.amount_micros,
                words=f"The ledger has {in_words(-each.amount_micros)} as {name}, Stripe has not.",
            )
